"""A first catalog, written for a person to go on with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap

from msgspec import Struct

from seeder.documents import header
from seeder.documents.scalar import scalar
from seeder.model.reference import HUB


class Draft(Struct, frozen=True, kw_only=True):
    """What is known of the workshops: paths relative to the catalog, and what a scan of them found.

    `registries` are the sources beside Docker Hub, `variables` those that the workshops leave open.
    """

    name: str
    workshops: tuple[str, ...]
    references: int = 0
    hub: int = 0
    registries: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()


def render(draft: Draft) -> bytes:
    """The catalog's bytes; they parse to what the draft says."""
    return "".join(f"{line}\n" for line in _lines(draft)).encode()


def _lines(draft: Draft) -> Iterator[str]:
    yield f"apiVersion: {header.API_VERSION}"
    yield "kind: Catalog"
    yield f"metadata: {{name: {scalar(draft.name)}}}"
    yield f"# {draft.references} images found, {draft.hub} of them on Docker Hub; `seeder scan` lists them."
    yield from _list("workshops", [f"path: {scalar(path)}" for path in draft.workshops])
    yield "# images:                  # what no file of the workshops names"
    yield "#   - nginx:1.27.3"
    yield "# What the machines are. Without this key all platforms are copied, and each costs a pull of Docker Hub."
    yield "platforms: [linux/amd64]"
    yield '# Images of other registries stay where they are; ["*"] takes those too.'
    if draft.registries:
        yield from wrap(f"Found here: {', '.join(draft.registries)}.", 110, initial_indent="# ", subsequent_indent="# ")
    yield f"registries: [{HUB}]"
    if draft.variables:
        yield "# The workshops leave these open; with a value, what they name is seeded too."
        yield "# variables:"
        yield from (f"#   {name}: …" for name in draft.variables)
    yield "# Where the images go. Until a target is named, scan, pin and plan work."
    yield "# targets:"
    yield "#   event:"
    yield "#     registry: registry.example.com"


def _list(key: str, items: Iterable[str]) -> Iterator[str]:
    lines = [f"  - {item}" for item in items]
    yield f"{key}:" if lines else f"{key}: []"
    yield from lines
