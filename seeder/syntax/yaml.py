"""YAML with positions: libyaml's events made into trees, a document at a time, whatever the input.

Nothing here recurses, an alias is the node that it names, and a document that does not parse leaves the others be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from operator import attrgetter

import yaml
from msgspec import Struct

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


class Document(Struct, frozen=True, kw_only=True):
    """A document of a stream.

    `roots` has one node, none where it is empty. `error` says why it is not YAML: then `roots` holds what a tolerant
    reading by lines made of it.
    """

    roots: tuple[Node, ...] = ()
    error: YamlError | None = None


def documents(text: Text) -> Iterator[Document]:
    """The documents of a text, in order, in linear time; never raises."""
    yield from map(document, pieces(text))


def pieces(text: Text) -> Iterator[Text]:
    """The text cut into its documents, none of them read yet."""
    starts = [match.start() for match in _MARKER.finditer(text.content)]
    if starts and _is_header(text.content[: starts[0]]):
        starts[0] = 0
    edges = sorted({0, *starts, len(text)})
    yield from (text.slice(start, end) for start, end in pairwise(edges))


def _is_header(content: str) -> bool:
    return all(not line.strip() or line.lstrip()[0] in "#%" for line in content.splitlines())


def document(text: Text) -> Document:
    """The one document of a text; never raises."""
    parsed, is_template = cover(_UNPRINTABLE.sub("\ufffd", text.content))
    roots, error = _compose(Characters(text, parsed))
    if error is None:
        return Document(roots=tuple(roots))
    if error.code == "too-large":
        return Document(error=error)
    for other in (cover_rest(parsed), *((text.content,) if is_template else ())):
        again, second = _compose(Characters(text, other)) if other != parsed else ([], error)
        if second is None:
            return Document(roots=tuple(again))
    lines = read_lines(Characters(text, cover_rest(parsed)))
    return Document(roots=(lines,), error=error)


def _compose(characters: Characters) -> tuple[list[Node], YamlError | None]:
    """The nodes at the top; none where the text is no YAML, and why."""
    try:
        parser = _Parser(characters.parsed)
        try:
            return _Builder(characters).read(iter(parser.get_event, None)), None
        finally:
            parser.dispose()
    except yaml.YAMLError as error:
        return [], _error(characters.text, error)
    except YamlError as error:
        return [], error


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


_place = attrgetter("start_mark.index", "end_mark.index")  # of an event: the characters that hold it


class _Builder:
    """Makes nodes of events, with a stack of its own."""

    def __init__(self, characters: Characters) -> None:
        self.characters = characters
        self._nodes: list[Node] = []  # of the collection that is open; in a mapping keys and values in turn
        self._open: list[tuple[Mapping | Sequence, list[Node]]] = []  # and the nodes before and with it
        self._anchors: dict[str | None, Node] = {}

    def read(self, events: Iterable[yaml.Event]) -> list[Node]:
        """The nodes at the top; raises YamlError where there are too many of them and below."""
        left = MAX_NODES
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                start, end = _place(event)
                self._add(event, Scalar(self.characters, start, end, event.style or "", event.value))
            elif isinstance(event, yaml.CollectionEndEvent):
                self._end(event)
                continue
            elif isinstance(event, yaml.CollectionStartEvent):
                self._begin(event)
            elif isinstance(event, yaml.AliasEvent):
                self._nodes.append(self._anchors.get(event.anchor) or Scalar(self.characters, *_place(event), "", ""))
            else:
                continue
            left -= 1
            if left < 0:
                raise _too_large(self.characters.text)
        return self._nodes

    def _add(self, event: yaml.NodeEvent, node: Node) -> None:
        if event.anchor:
            self._anchors[event.anchor] = node
        self._nodes.append(node)

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        kind = Mapping if isinstance(event, yaml.MappingStartEvent) else Sequence
        node = kind(self.characters, *_place(event))
        self._add(event, node)
        self._open.append((node, self._nodes))
        self._nodes = []

    def _end(self, event: yaml.CollectionEndEvent) -> None:
        node, outer = self._open.pop()
        node.fill(self._nodes, _place(event)[1])
        self._nodes = outer
