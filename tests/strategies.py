"""Hypothesis strategies for the model's values, in one place."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.media_type import DOCKER_MANIFEST, OCI_INDEX
from seeder.model.pin import Lock, Pin, PlatformPin
from seeder.model.platform import Platform
from seeder.model.reference import HUB, HUB_ALIASES, ImageReference

_components = st.from_regex(r"[a-z0-9]{1,6}(?:(?:[._]|__|-{1,3})[a-z0-9]{1,4}){0,2}", fullmatch=True)
_labels = st.from_regex(r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,5}[a-zA-Z0-9])?", fullmatch=True)
_ports = st.one_of(st.just(""), st.integers(1, 65535).map(lambda port: f":{port}"))


def digests() -> st.SearchStrategy[Digest]:
    return st.binary(max_size=8).map(Digest.of)


@st.composite
def hosts(draw: st.DrawFn) -> str:
    labels = draw(st.lists(_labels, min_size=2, max_size=3).map(".".join))
    host = draw(st.sampled_from([labels, "localhost", "[2001:db8::1]", "UPPER"]))
    return host + draw(_ports)


@st.composite
def references(draw: st.DrawFn) -> ImageReference:
    """References in canonical form."""
    registry = draw(st.one_of(st.just(HUB), hosts().filter(lambda host: host not in HUB_ALIASES)))
    parts = draw(st.lists(_components, min_size=1, max_size=4))
    if registry == HUB and len(parts) == 1:
        parts = ["library", *parts]
    tag = draw(st.none() | st.text(string.ascii_letters + string.digits + "_", min_size=1, max_size=20))
    digest = draw(st.none() | digests())
    return ImageReference(registry, "/".join(parts), tag, digest)


def platforms() -> st.SearchStrategy[Platform]:
    names = st.from_regex(r"[a-z0-9_.]{1,6}", fullmatch=True)
    return st.builds(Platform, names, names, st.just("") | names)


def pins() -> st.SearchStrategy[Pin]:
    """Pins as a run could make them, with media types and target names of every kind."""
    sizes = st.integers(0, 2**40)
    descriptors = st.builds(
        Descriptor,
        media_type=st.sampled_from([OCI_INDEX, DOCKER_MANIFEST, "application/vnd.x", "null", 'odd: "type" #1']),
        digest=digests(),
        size=sizes,
    )
    targets = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,5}", fullmatch=True) | st.sampled_from(
        ["on", "1", "1.5", "null"]
    )
    return st.builds(
        Pin,
        reference=references().map(ImageReference.or_latest),
        descriptor=descriptors,
        platforms=st.dictionaries(platforms(), st.builds(PlatformPin, digest=digests(), size=sizes), max_size=3),
        served=st.dictionaries(targets, digests(), max_size=3),
        earlier=st.lists(digests(), max_size=3).map(tuple),
        referrers=st.lists(digests(), max_size=2, unique=True).map(lambda found: tuple(sorted(found, key=str))),
    )


def locks() -> st.SearchStrategy[Lock]:
    return st.lists(pins(), max_size=5).map(lambda found: Lock.of({pin.reference: pin for pin in found}))
