"""Small workshops for rules to look at."""

from __future__ import annotations

from pathlib import Path

from seeder.lint import Found
from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_INDEX
from seeder.model.pin import Lock, Pin, PlatformPin
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference
from seeder.rules import RULES
from seeder.run.lint import lint_trees

HEAD = "apiVersion: training.educates.dev/v1beta1\nkind: Workshop\nmetadata: {name: lab}\nspec:\n"


def workshop(spec: str = "title: Lab\n", files: dict[str, str] | None = None) -> dict[str, str]:
    """A workshop with this spec (its lines get two blanks), a page, and further files."""
    body = "".join(f"  {line}\n" if line else "\n" for line in spec.splitlines())
    pages = {"workshop/content/01.md": "# Page\n"}
    return {"resources/workshop.yaml": HEAD + body, **pages, **(files or {})}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return folder


def linted(folder: Path, files: dict[str, str], lock: Lock | None = None, only: str = "") -> list[Found]:
    rules = [RULES[only]] if only else list(RULES.values())
    return list(lint_trees([write(folder, files)], {}, lock or Lock(), rules)[0].found)


def places(found: list[Found]) -> list[str]:
    return [f"{each.problem.place.file}:{each.problem.place.line}" for each in found if not each.reason]


def pin(text: str, *, size: int = 0, media_type: str = OCI_INDEX, digest: Digest | None = None) -> Pin:
    named = digest or Digest.of(text.encode())
    platforms = {Platform("linux", "amd64"): PlatformPin(digest=named, size=size)} if size else {}
    return Pin(
        reference=ImageReference.parse(text).or_latest(),
        descriptor=Descriptor(media_type=media_type, digest=named, size=100),
        platforms=platforms,
    )


def lock(*pins: Pin) -> Lock:
    return Lock.of({each.reference: each for each in pins})
