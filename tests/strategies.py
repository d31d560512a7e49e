"""Hypothesis strategies for the model's values, in one place."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from seeder.model.digest import Digest
from seeder.model.reference import HUB, HUB_ALIASES, ImageReference

_ALNUM = string.ascii_lowercase + string.digits
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
