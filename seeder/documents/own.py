"""A lock's bytes as seeder itself writes them, read without a YAML parser.

A tree of nodes takes 10 KB and half a millisecond a pin, and almost every lock that is read was written by seeder.
Whoever reads so has to render the lock again and compare: what is not the same bytes is for the parser.
"""

from __future__ import annotations

import re

from seeder.errors import SeederError
from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.pin import Lock, Pin, PlatformPin
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference

_PIN = re.compile(
    r"""  - reference: (\S+)
    digest: (\S+)
    mediaType: (\S+)
    size: ([0-9]+)
(?:    platforms:
((?:      \S+: \{digest: \S+, size: [0-9]+\}
)+))?(?:    served: \{([^\n]*)\}
)?(?:    earlier: \[([^\n]*)\]
)?(?:    referrers:
((?:      - \S+
)+))?"""
)
_PLATFORM = re.compile(r" {6}(\S+): \{digest: (\S+), size: ([0-9]+)\}\n")
_REFERRER = re.compile(r" {6}- (\S+)\n")


def read(pins: str) -> Lock | None:
    """The lock whose pins are listed so; None where anything looks otherwise."""
    found = {}
    at = 0
    try:
        while match := _PIN.match(pins, at):
            at = match.end()
            pin = _pin(match)
            found[pin.reference] = pin
    except (SeederError, ValueError):
        return None
    return Lock.of(found) if at == len(pins) else None


def _pin(match: re.Match[str]) -> Pin:
    reference, digest, media_type, size, platforms, served, earlier, referrers = match.groups(default="")
    return Pin(
        reference=ImageReference.parse(reference),
        descriptor=Descriptor(media_type=media_type, digest=Digest.parse(digest), size=int(size)),
        platforms={
            Platform.parse(name): PlatformPin(digest=Digest.parse(child), size=int(bytes_))
            for name, child, bytes_ in _PLATFORM.findall(platforms)
        },
        served={name: Digest.parse(child) for name, child in _entries(served)},
        earlier=tuple(Digest.parse(each) for each in earlier.split(", ") if each),
        # One that stands twice is missed when the lock is rendered again, and so left to the parser.
        referrers=tuple(dict.fromkeys(Digest.parse(line) for line in _REFERRER.findall(referrers))),
    )


def _entries(text: str) -> list[tuple[str, str]]:
    """`a: b, c: d`; raises ValueError for anything else."""
    pairs = [entry.split(": ") for entry in text.split(", ") if entry]
    return [(name, value) for name, value in pairs]
