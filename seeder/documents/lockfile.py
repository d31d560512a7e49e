"""The lock: which digest each reference stands for, in a form that changes only when a pin does."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from seeder.documents import header, own, words
from seeder.documents.node import Node, load
from seeder.documents.record import Key, Record
from seeder.documents.scalar import scalar
from seeder.documents.shape import Count, ListOf, MapOf
from seeder.errors import DocumentError, SeederError
from seeder.model.descriptor import Descriptor
from seeder.model.pin import Lock, Pin, PlatformPin
from seeder.model.platform import Platform

KIND = "Lock"
_HEADER = "# Written by seeder. Keep it beside its catalog, under version control; `seeder pin --update` moves pins.\n"
_START = f"{_HEADER}apiVersion: {header.API_VERSION}\nkind: {KIND}\npins:".encode()


def parse(data: bytes, name: str) -> Lock:
    """The lock in a file's bytes; `name` is the file's, for messages. Raises DocumentError."""
    ours = _as_written(data)
    if ours is not None:
        return ours
    try:
        pins: tuple[Pin, ...] = header.read(_LOCK, load(data, name), name, KIND)
    except DocumentError as error:
        error.hint = error.hint or "take it from version control; or delete it, and `seeder pin` writes it anew"
        raise
    return Lock.of({pin.reference: pin for pin in pins})


def _as_written(data: bytes) -> Lock | None:
    """The lock, where its bytes are those that we would write for it."""
    if not data.startswith(_START):
        return None
    try:
        lock = own.read(data[len(_START) :].decode().removeprefix("\n"))
    except UnicodeDecodeError:
        return None
    return lock if lock is not None and render(lock) == data else None


def render(lock: Lock) -> bytes:
    """The lock's bytes: sorted, one pin a reference, the same for the same pins."""
    pins = sorted(lock.pins, key=lambda pin: str(pin.reference))
    return _START + ("\n" + "".join(map(_rendered, pins)) if pins else " []\n").encode()


def _rendered(pin: Pin) -> str:
    lines = [
        f"  - reference: {scalar(str(pin.reference))}",
        f"    digest: {pin.descriptor.digest}",
        f"    mediaType: {scalar(pin.descriptor.media_type)}",
        f"    size: {pin.descriptor.size}",
    ]
    platforms = sorted(
        ((str(platform), of) for platform, of in pin.platforms.items() if is_written(platform)), key=itemgetter(0)
    )
    if platforms:
        lines.append("    platforms:")
        lines += [f"      {name}: {{digest: {of.digest}, size: {of.size}}}" for name, of in platforms]
    if pin.served:
        served = ", ".join(f"{scalar(target)}: {digest}" for target, digest in sorted(pin.served.items()))
        lines.append(f"    served: {{{served}}}")
    if pin.earlier:
        lines.append(f"    earlier: [{', '.join(map(str, pin.earlier))}]")
    if pin.referrers:
        lines.append("    referrers:")
        lines += [f"      - {digest}" for digest in sorted(map(str, pin.referrers))]
    return "".join(f"{line}\n" for line in lines)


def is_written(platform: Platform) -> bool:
    """Whether a platform has a name that can be read again; an index may hold anything, and then it has none here."""
    try:
        return Platform.parse(str(platform)) == platform
    except SeederError:
        return False


def _platform(values: Mapping[str, Any], _node: Node, _path: str) -> PlatformPin:
    return PlatformPin(**values)


def _pin(values: Mapping[str, Any], _node: Node, _path: str) -> Pin:
    return Pin(
        reference=values["reference"],
        descriptor=Descriptor(media_type=values["mediaType"], digest=values["digest"], size=values["size"]),
        platforms=values.get("platforms", {}),
        served=values.get("served", {}),
        earlier=tuple(values.get("earlier", ())),
        referrers=tuple(sorted(values.get("referrers", ()), key=str)),
    )


_PLATFORM = Record(
    keys={
        "digest": Key(shape=words.DIGEST, about="The digest of the platform's manifest.", required=True),
        "size": Key(shape=Count(), about="Bytes of config and layers.", required=True),
    },
    build=_platform,
)
_PIN = Record(
    keys={
        "reference": Key(shape=words.REFERENCE, about="The reference that is pinned.", required=True),
        "digest": Key(shape=words.DIGEST, about="What it named: an index where it is one.", required=True),
        "mediaType": Key(shape=words.SOME, about="The manifest's media type.", required=True),
        "size": Key(shape=Count(), about="Bytes of the manifest.", required=True),
        "platforms": Key(shape=MapOf(name=words.ANY_PLATFORM, item=_PLATFORM), about="The platforms, once known."),
        "served": Key(
            shape=MapOf(name=words.TARGET_NAME, item=words.DIGEST),
            about="Where seeder wrote another digest, by target.",
        ),
        "earlier": Key(shape=ListOf(item=words.DIGEST), about="What the tag named before, the newest first."),
        "referrers": Key(shape=ListOf(item=words.DIGEST, key=str), about="What was brought beside it."),
    },
    build=_pin,
)
_LOCK = Record(
    keys={
        "apiVersion": Key(shape=words.constant(header.API_VERSION), about="The version.", required=True),
        "kind": Key(shape=words.constant(KIND), about="The kind.", required=True),
        "pins": Key(shape=ListOf(item=_PIN, key=lambda pin: pin.reference), about="The pins.", required=True),
    },
    build=lambda values, _node, _path: values["pins"],
)
