"""Ready-made values for the tests of rewriting: a target, pins, and a finder so small that it is plainly right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from seeder import targets
from seeder.errors import InvalidReferenceError
from seeder.model.catalog import Catalog, TargetSettings
from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_MANIFEST
from seeder.model.occurrence import Context, Occurrence, Part, Puller, Role, Span, Spelling
from seeder.model.pin import Pin
from seeder.model.reference import ImageReference
from seeder.rewrite.choose import Rules
from seeder.syntax.text import Text

TARGET = TargetSettings(name="event", registry="registry.example.com", push="registry.example.com")
_IMAGE = re.compile(r"image:[ \t]*[\"']?([a-z0-9./@:_-]+)")


def digest(reference: str, version: int = 1) -> Digest:
    return Digest.of(f"{reference} {version}".encode())


def pin(reference: str, version: int = 1) -> Pin:
    return Pin(
        reference=ImageReference.parse(reference).or_latest(),
        descriptor=Descriptor(media_type=OCI_MANIFEST, digest=digest(reference, version), size=100),
    )


def pins(*references: str, version: int = 1) -> dict[ImageReference, Pin]:
    return {found.reference: found for found in (pin(reference, version) for reference in references)}


def rules(*references: str, version: int = 1, target: TargetSettings = TARGET, catalog: Catalog | None = None) -> Rules:
    return Rules(catalog=catalog or Catalog(name="lab"), target=target, pins=pins(*references, version=version))


def occurrence(
    text: str,
    *,
    parts: Iterable[Part] = (),
    reference: str | None = None,
    file: str = "a.yaml",
    line: int = 1,
    context: Context = Context.POD_SPEC,
    pulled_by: Puller = Puller.KUBELET,
    spelling: Spelling = Spelling.FIELD,
    **more: object,
) -> Occurrence:
    """An occurrence of `text` at the beginning of a line, or in the parts given; `**more` are its other fields."""
    whole = Part(span=Span(0, len(text)), text=text, line=line, column=1, end_column=1 + len(text))
    named = _parsed(reference or text)
    fields = {
        "root": "lab",
        "file": file,
        "parts": tuple(parts) or (whole,),
        "canonical": str(named) if named else text,
        "reference": named,
        "context": context,
        "pulled_by": pulled_by,
        "spelling": spelling,
        "rewritable": True,
    }
    return Occurrence(**(fields | more))


def _parsed(text: str) -> ImageReference | None:
    return None if "$" in text or "*" in text else ImageReference.parse(text).or_latest()


def split(**texts: str) -> list[Part]:
    """The parts of a name over keys, by role, each on a line of its own."""
    found, at = [], 0
    for line, (role, text) in enumerate(texts.items(), 1):
        span = Span(at, at + len(text))
        found.append(Part(span=span, text=text, line=line, column=1, end_column=1 + len(text), role=Role(role)))
        at += len(text) + 1
    return found


def find(data: bytes, file: str = "a.yaml", originals: Mapping[int, ImageReference] | None = None) -> list[Occurrence]:
    """Every `image: reference` of a text, names at the target mapped back by the layout.

    `originals` says, by the byte at which a text starts, what the record knows of it.
    """
    text = Text.of(data)
    found = []
    for match in _IMAGE.finditer(text.content):
        part = text.part(match.start(1), match.end(1))
        assert part is not None
        try:
            written = ImageReference.parse(part.text).or_latest()
        except InvalidReferenceError:
            continue
        known = (originals or {}).get(part.span.start)
        original = known or targets.original(written, TARGET)
        reference = original or written
        found.append(
            occurrence(
                part.text,
                parts=[part],
                reference=str(reference),
                file=file,
                rehosted_from=original,
            )
        )
    return found
