"""A first catalog, written for a person to go on with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap

from msgspec import Struct

from seeder.documents import header
from seeder.documents.scalar import scalar
from seeder.model.reference import HUB
from seeder.numbers import counted


class Draft(Struct, frozen=True, kw_only=True):
    """What is known of the workshops: paths relative to the catalog, and what a scan of them found.

    `registries` are the sources beside Docker Hub, `variables` those that the workshops leave open. `images` stands in
    place of workshops where those are not to be had; `others` are the images of other registries then.
    """

    name: str
    workshops: tuple[str, ...] = ()
    images: tuple[str, ...] | None = None
    others: tuple[str, ...] = ()
    references: int = 0
    hub: int = 0
    registries: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()


_PLATFORMS = (
    "# What the machines are. Without this key all platforms are copied, and each costs a pull of Docker Hub.",
    "platforms: [linux/amd64]",
)


def render(draft: Draft) -> bytes:
    """The catalog's bytes; they parse to what the draft says."""
    return "".join(f"{line}\n" for line in _lines(draft)).encode()


def _lines(draft: Draft) -> Iterator[str]:
    yield f"apiVersion: {header.API_VERSION}"
    yield "kind: Catalog"
    yield f"metadata: {{name: {scalar(draft.name)}}}"
    yield f"# {counted(draft.references, 'image')} found, {draft.hub} of them on Docker Hub; `seeder scan` lists them."
    yield from _workshops(draft) if draft.images is None else _images(draft, draft.images)
    yield "# Where the images go. Until a target is named, scan, pin and plan work."
    yield "# targets:"
    yield "#   event:"
    yield "#     registry: registry.example.com"


def _images(draft: Draft, images: Iterable[str]) -> Iterator[str]:
    yield from _list("images", map(scalar, images))
    if draft.others:
        yield "# Images of other registries are copied once they stand in the list:"
        yield from (f"#  - {scalar(name)}" for name in draft.others)
    if draft.variables:
        yield f"# Left out is what has no value, which --set gives: {', '.join(draft.variables)}."
    yield from _PLATFORMS


def _workshops(draft: Draft) -> Iterator[str]:
    yield from _list("workshops", [f"path: {scalar(path)}" for path in draft.workshops])
    yield "# images:                  # what no file of the workshops names"
    yield "#   - nginx:1.27.3"
    yield from _PLATFORMS
    yield '# Images of other registries stay where they are; ["*"] takes those too.'
    if draft.registries:
        yield from wrap(f"Found here: {', '.join(draft.registries)}.", 110, initial_indent="# ", subsequent_indent="# ")
    yield f"registries: [{HUB}]"
    if draft.variables:
        yield "# The workshops leave these open; with a value, what they name is seeded too."
        yield "# variables:"
        yield from (f"#   {name}: …" for name in draft.variables)


def _list(key: str, items: Iterable[str]) -> Iterator[str]:
    lines = [f"  - {item}" for item in items]
    yield f"{key}:" if lines else f"{key}: []"
    yield from lines
