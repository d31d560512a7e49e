"""YAML with positions: libyaml's events made into trees, a document at a time, whatever the input.

Nothing here recurses, an alias is the node that it names, and a document that does not parse leaves the others be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import yaml

from seeder.errors import SeederError
from seeder.syntax.text import Text
from seeder.syntax.yaml_lines import read_lines
from seeder.syntax.yaml_nodes import Characters, Mapping, Node, Scalar, Sequence
from seeder.syntax.yaml_template import cover, cover_rest

try:
    from yaml._yaml import CParser as _Parser
except ImportError:  # pragma: no cover - wheels of PyYAML bring libyaml

    class _Parser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):  # type: ignore[no-redef]
        def __init__(self, stream: str) -> None:
            yaml.reader.Reader.__init__(self, stream)
            yaml.scanner.Scanner.__init__(self)
            yaml.parser.Parser.__init__(self)

        def dispose(self) -> None: ...


# A document begins at a line `---`; what stands before the first may be directives and comments alone.
_MARKER = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


# A node takes some 350 bytes; documents of people have thousands.
MAX_NODES = 600_000


class YamlError(SeederError):
    """A document that is not YAML, or has too many nodes; `line` counts from 1 in the file."""

    code = "yaml"

    def __init__(self, message: str, *, line: int) -> None:
        super().__init__(f"line {line}: {message}", hint="see YAML 1.1; templates are read as far as they can be")
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document of a stream.

    `roots` has one node, none where it is empty. `error` says why it is not YAML: then `roots` holds what a tolerant
    reading by lines made of it. `is_template` is set where Helm, Jinja or similar marks were read around.
    """

    text: Text
    roots: tuple[Node, ...] = field(default=())
    error: YamlError | None = None
    is_template: bool = False


def documents(text: Text) -> Iterator[Document]:
    """The documents of a text, in order, in linear time; never raises."""
    for start, end in _ranges(text.content):
        yield _read(text if (start, end) == (0, len(text)) else text.slice(start, end))


def _ranges(content: str) -> Iterator[tuple[int, int]]:
    starts = [match.start() for match in _MARKER.finditer(content)]
    if starts and not any(line.strip() and line.lstrip()[0] not in "#%" for line in content[: starts[0]].splitlines()):
        starts[0] = 0
    edges = sorted({0, *starts, len(content)})
    yield from pairwise(edges)


def _read(text: Text) -> Document:
    parsed, is_template = cover(_UNPRINTABLE.sub("\ufffd", text.content))
    characters = Characters(text, parsed)
    roots, error = _compose(characters)
    if error is None:
        return Document(text=text, roots=tuple(roots), is_template=is_template)
    if error.code == "too-large":
        return Document(text=text, error=error, is_template=is_template)
    for other in (cover_rest(parsed), *((text.content,) if is_template else ())):
        again, second = _compose(Characters(text, other)) if other != parsed else ([], error)
        if second is None:
            return Document(text=text, roots=tuple(again), is_template=True)
    lines = read_lines(Characters(text, cover_rest(parsed)))
    return Document(text=text, roots=(lines,), error=error, is_template=is_template)


def _compose(characters: Characters) -> tuple[list[Node], YamlError | None]:
    """The whole nodes before the first error, and that error."""
    builder = _Builder(characters)
    try:
        parser = _Parser(characters.parsed)
        try:
            while (event := parser.get_event()) is not None:
                builder.take(event)
                if builder.count > MAX_NODES:
                    raise _too_large(characters.text)
        finally:
            parser.dispose()
    except yaml.YAMLError as error:
        return builder.roots, _error(characters.text, error)
    except YamlError as error:
        return [], error
    return builder.roots, None


def _error(text: Text, error: yaml.YAMLError) -> YamlError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    index = mark.index if mark is not None else getattr(error, "position", 0)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "is not YAML"
    return YamlError(str(problem), line=line_at(text, index))


def _too_large(text: Text) -> YamlError:
    error = YamlError(f"a document of more than {MAX_NODES:,} nodes is not read", line=line_at(text, 0))
    error.code = "too-large"
    return error


def line_at(text: Text, index: int) -> int:
    """The file's line of a character, or of the nearest one before it that stands in the file."""
    for at in range(min(index, len(text) - 1), -1, -1):
        outer = text.outer_range(at, at + 1)
        if outer is not None:
            return text.file.line_column(outer[0])[0]
    return 1


class _Builder:
    """Makes nodes of events, with a stack of its own."""

    def __init__(self, characters: Characters) -> None:
        self.characters = characters
        self.roots: list[Node] = []
        self.count = 0
        self._open: list[Mapping | Sequence] = []
        self._keys: list[Node | None] = []
        self._anchors: dict[str, Node] = {}

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            start, end = event.start_mark, event.end_mark
            place = (start.index, end.index) if start is not None and end is not None else (0, 0)
            self._add(Scalar(self.characters, *place, event.style or "", event.value), event.anchor)
        elif isinstance(event, yaml.AliasEvent):
            self._add(self._anchors.get(event.anchor or "") or Scalar(self.characters, *_place(event), "", ""), None)
        elif isinstance(event, yaml.MappingStartEvent):
            self._start(Mapping(self.characters, *_place(event)), event.anchor)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._start(Sequence(self.characters, *_place(event)), event.anchor)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._keys.pop()
            node = self._open.pop()
            node.end = _place(event)[1]
            if not self._open:
                self.roots.append(node)

    def _start(self, node: Mapping | Sequence, anchor: str | None) -> None:
        if self._open:
            self._add(node, anchor)
        elif anchor:
            self._anchors[anchor] = node
        self._open.append(node)
        self._keys.append(None)

    def _add(self, node: Node, anchor: str | None) -> None:
        self.count += 1
        if anchor:
            self._anchors[anchor] = node
        if not self._open:
            self.roots.append(node)
            return
        parent = self._open[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
            return
        key = self._keys[-1]
        if key is None:
            self._keys[-1] = node
        else:
            parent.entries.append((key, node))
            self._keys[-1] = None


def _place(event: yaml.Event) -> tuple[int, int]:
    start, end = event.start_mark, event.end_mark
    return (start.index, end.index) if start is not None and end is not None else (0, 0)
