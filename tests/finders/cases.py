"""Labelled cases for finders: small trees, and what is to be found in them.

A folder a format, with files `*.case`; each holds many cases:

    === what the case shows            [options: no-crlf, no-bom, all-read]
    >>> compose.yaml                   a file of the tree, up to the next mark
    services: {web: {image: nginx:1.27}}
    <<<                                what scan lists, in any order
    compose.yaml:1 nginx:1.27 | docker.io/library/nginx:1.27 | compose dockerd
    ! 4 app:1.0 | docker.io/library/app:1.0 | compose none        only with --all
    5 $R/x:1 | $R/x:1 | pod-spec kubelet stays                     listed, but not to be rewritten
    ? 6 y:1 | docker.io/library/y:1 | other none                   a known miss, counted by the floor
    unread compose.yaml part of the reason

The file before `:line` may be left out where the case has one. `raw | reference | context pulled_by` as in scan's JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Label:
    file: str
    line: int
    raw: str
    reference: str
    context: str
    pulled_by: str
    stays: bool = False

    def __str__(self) -> str:
        stays = " stays" if self.stays else ""
        return f"{self.file}:{self.line} {self.raw} | {self.reference} | {self.context} {self.pulled_by}{stays}"


@dataclass(slots=True)
class Case:
    format: str
    name: str
    options: frozenset[str]
    files: dict[str, str] = field(default_factory=dict)
    labels: set[Label] = field(default_factory=set)
    hidden: set[Label] = field(default_factory=set)
    missed: set[Label] = field(default_factory=set)
    unread: list[tuple[str, str]] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.format}: {self.name}"

    def label(self, line: str) -> None:
        mark, text = (line[0], line[1:].strip()) if line[0] in "!?" else ("", line)
        if text.startswith("unread "):
            _, file, reason = text.split(" ", 2)
            self.unread.append((file, reason))
            return
        body, place = text.rsplit(" | ", 1)
        parts = body.split(" | ")  # a template may hold a pipe; then raw and reference hold as many
        half = len(parts) // 2
        named, reference = " | ".join(parts[:half]).strip(), " | ".join(parts[half:]).strip()
        where, raw = named.split(" ", 1)
        file, _, number = where.rpartition(":")
        words = place.split()
        label = Label(file or next(iter(self.files)), int(number), raw, reference, words[0], words[1], "stays" in words)
        {"!": self.hidden, "?": self.missed, "": self.labels}[mark].add(label)


def load() -> list[Case]:
    """Every case of every format, in order."""
    return [case for path in sorted(HERE.glob("*/*.case")) for case in read(path)]


def read(path: Path) -> list[Case]:
    cases: list[Case] = []
    file: str | None = None
    expecting = False
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("=== "):
            name, _, options = line[4:].partition("[")
            cases.append(Case(path.parent.name, name.strip(), frozenset(options.strip(" ]").replace(",", " ").split())))
            file, expecting = None, False
        elif line.startswith(">>> "):
            file = line[4:].strip()
            cases[-1].files[file] = ""
        elif line.rstrip() == "<<<":
            expecting = True
        elif expecting and line.strip() and not line.startswith("#"):
            cases[-1].label(line.strip())
        elif file is not None and not expecting:
            cases[-1].files[file] += line + "\n"
    return cases
