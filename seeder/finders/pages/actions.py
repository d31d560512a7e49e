"""Clickable actions, by name (educates-training-platform: project-docs/workshop-content/workshop-instructions.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct, field

from seeder.finders.finding import Finding, Slot, Source
from seeder.finders.formats import formats_of
from seeder.finders.pages.shape import shape
from seeder.finders.variables import is_name
from seeder.finders.yaml import helm, kubernetes
from seeder.finders.yaml.root import Root, anywhere
from seeder.model.occurrence import Context, Mention, Puller, unescaped
from seeder.syntax.text import Text
from seeder.syntax.yaml import documents
from seeder.syntax.yaml_nodes import Node, Scalar, at, string

_IMAGE = Slot(context=Context.POD_SPEC)
_EXECUTE = re.compile(r"execute(?:-\w+)?\Z")
_TYPED = {"terminal:execute": "command", "terminal:execute-all": "command", "terminal:input": "text"}
_COPIED = frozenset({"workshop:copy", "workshop:copy-and-edit"})
# append-lines-to-file, create-file, insert-lines-before-line, append-lines-after-match, replace-lines-in-range …
_WRITES = re.compile(r"editor:(?:append|prepend|insert|create|replace|write)-[\w-]+\Z")
_VALUES = frozenset(
    f"editor:{name}"
    for name in (
        "insert-value-into-yaml",
        "yaml-set-value",
        "yaml-add-item",
        "yaml-insert-item",
        "yaml-replace-item",
        "yaml-merge-values",
    )
)
_SEARCHES = {
    "editor:select-matching-text": "text",
    "editor:append-lines-after-match": "match",
    "editor:insert-lines-before-match": "match",
    "editor:delete-matching-lines": "match",
    "editor:replace-matching-text": "match",
}
_NAMED = re.compile(r"(?:\b[iI]mage[ \t]*[:=][ \t]*|\bFROM[ \t]+(?:--platform=\S+[ \t]+)?)[\"']?([^\s\"']+)")
# The same in a regular expression, up to its first sign: `image: (ghcr\.io/acme/app:.*)`; or where it is nothing else.
_BLANKS = r"(?:[ \t]|\\s[*+]?)*"
_GROUP = r"(?:\((?:\?:|\?<\w+>)?|\))?"  # one that begins with the name, or that ended before it
_LITERALS = r"(?P<name>[a-z0-9](?:[\w./:@-]|\\[./:@-])*)(?P<more>[*+?{]?)"
_NAMED_REGEX = re.compile(rf"\b(?:[iI]mage{_BLANKS}[:=]|FROM){_BLANKS}[\"']?{_GROUP}{_LITERALS}")
_NAME_ALONE = re.compile(rf"\^?{_GROUP}{_LITERALS}")
_TELLING = 3  # characters; shorter ones stand in too many places
_IMAGE_LINE = re.compile(r"[ \t]*(?:- )?image[ \t]*:")
_API = re.compile(r"(?:[\w.-]+/)?v\d+(?:(?:alpha|beta)\d+)?\Z")
_ENDING = re.compile(r"\.(?:ya?ml|json|xml|toml|properties|conf|py|js|ts|java|go|rb|rs|sh|txt|md|html|css|jar|lock)\Z")
_DIGITS = re.compile(r"[\d.]+:\d+(?:/\w+)?\Z")


class Typed(Struct, frozen=True):
    """Commands that the action types into a terminal."""

    text: Text


class Copied(Struct, frozen=True):
    """What the learner pastes somewhere."""

    text: Text


class Editor(Struct):
    """What the page's actions have selected, by file: whether that was an image's name, and a text that was none."""

    selected: dict[str, bool] = field(default_factory=dict)
    loose: dict[str, Scalar] = field(default_factory=dict)


def is_execute(name: str) -> bool:
    """The old actions, whose body is the command itself."""
    return bool(_EXECUTE.match(name))


def has_fields(body: str) -> bool:
    """Whether a body may be an action's: its first line is a field, or a template's mark before one."""
    return shape(body) in {"yaml", ""} or body.lstrip().startswith("{")


def read(name: str, body: Text, source: Source, editor: Editor) -> Iterator[Typed | Copied | Finding]:
    """What an action does, by the fields of its YAML body."""
    action = next((node for document in documents(body) for node in document.roots), None)
    file = string(at(action, "file"))
    if name in _TYPED:
        yield from (Typed(text) for text in _texts(at(action, _TYPED[name])))
    elif name in _COPIED:
        yield from (Copied(text) for text in _texts(at(action, "text")))
    elif name in _VALUES:
        yield from _value(at(action, "value"), string(at(action, "path")), file, source)
    if key := _SEARCHES.get(name):
        yield from _searched(name, at(action, key), action, file, editor)
    if name == "editor:replace-text-selection" and (sought := editor.loose.pop(file, None)) is not None:
        yield from _loose(sought, file)
    if _WRITES.match(name):
        yield from _written(name, at(action, "text"), file, source, editor)
        yield from _written(name, at(action, "replacement"), file, source, editor)


def _texts(node: Node | None) -> Iterator[Text]:
    if isinstance(node, Scalar):
        yield node.text


def _value(value: Node | None, path: str, file: str, source: Source) -> Iterator[Finding]:
    """YAML that is put at `path` of a file."""
    if isinstance(value, Scalar):
        if re.search(r"(?:^|\.)image\Z", path):
            yield from _IMAGE.whole(value.text)
    elif value is not None:
        root = Root(source=source.inner(source.text, f"file:{file}" if file else "yaml"), node=value)
        is_chart = helm.is_values(root)
        yield from helm.read_values(root) if is_chart else kubernetes.read_any(root, kubernetes.BUILT_IN)


def _searched(name: str, node: Node | None, action: Node | None, file: str, editor: Editor) -> Iterator[Mention]:
    """A text that must stay equal to what stands in the file."""
    if not isinstance(node, Scalar) or not file:
        return
    is_regex = string(at(action, "isRegex")) == "true"
    named = _begun(node.text) if is_regex else _named(node.text)
    editor.selected[file] = named is not None and not (is_regex and at(action, "group") is not None)
    if is_regex:
        yield from _coupled(named or node.text, node, file, node.value)
    elif named is not None:
        yield from _coupled(named, node, file)
    elif name == "editor:replace-matching-text":
        yield from _loose(node, file)
    else:
        editor.loose[file] = node


def _loose(node: Scalar, file: str) -> Iterator[Mention]:
    """A text that is replaced and may be a part of a name, such as its tag: then the name stays."""
    if len(node.value.strip()) >= _TELLING and "\n" not in node.value:
        yield from _coupled(node.text, node, file, re.escape(node.value))


def _coupled(text: Text, node: Node, file: str, pattern: str = "") -> Iterator[Mention]:
    part = text.part(0, len(text))
    parts, reason = ((part,), "") if part is not None else (anywhere(node), "an escape or a folded line parts it")
    if parts and text.content.strip() and (part is not None or pattern):
        yield Mention(
            text=unescaped(text.content) if pattern else text.content,
            parts=parts,
            context=Context.OTHER,
            pulled_by=Puller.NONE,
            reason=reason,
            pulled=False,
            coupled_to=file,
            pattern=pattern,
        )


def _written(name: str, node: Node | None, file: str, source: Source, editor: Editor) -> Iterator[Finding]:
    """Text that goes into a file; what replaces an image's name is one."""
    if not isinstance(node, Scalar):
        return
    replaces = name in {"editor:replace-text-selection", "editor:replace-matching-text"}
    if replaces and "\n" not in node.value.strip():
        named = _named(node.text) if _IMAGE_LINE.match(node.value) else _stripped(node.text)
        if editor.selected.get(file) and named is not None and is_name(named.content):
            yield from _IMAGE.whole(named)
            return
        if _is_telling(node.value.strip()) and re.match(r"[\w-]+\.[\w.-]+(?::\d+)?/|[^:]+/[^:]+:", node.value.strip()):
            yield from _IMAGE.whole(_stripped(node.text))
            return
    yield source.inner(node.text, kind_of(file, node.value))


def kind_of(file: str, content: str) -> str:
    """What a text is that goes into a file: by the file's name, or by the text where the name says nothing."""
    return "dockerfile" if file and not formats_of(file) and shape(content) == "dockerfile" else f"file:{file}"


def _stripped(text: Text) -> Text:
    content = text.content
    return text.slice(len(content) - len(content.lstrip()), len(content.rstrip()))


def _named(text: Text) -> Text | None:
    """The image's name in a search text: after `image:` or `FROM`, or all of it."""
    if match := _NAMED.search(text.content):
        return text.slice(*match.span(1)) if is_name(match[1]) else None
    bare = _stripped(text)
    return bare if _is_telling(bare.content) else None


def _begun(text: Text) -> Text | None:
    """The beginning of an image's name in a regular expression; the rest of that goes on to match."""
    match = _NAMED_REGEX.search(text.content)
    is_alone = match is None
    match = match or _NAME_ALONE.match(text.content)
    if match is None or "|" in text.content:
        return None
    name = match["name"]
    if match["more"]:
        name = name[: -2 if name[-2:-1] == "\\" else -1]
    name = name.rstrip(":./@\\-")
    plain = unescaped(name)
    if not is_name(plain) or (is_alone and not _is_telling(plain)):
        return None
    return text.slice(match.start("name"), match.start("name") + len(name))


def _is_telling(value: str) -> bool:
    """Whether a text can only be an image's name: not a path, a port, an API version or an address."""
    if not ("/" in value or ":" in value) or value.startswith(("/", ".", "~")) or "://" in value:
        return False
    return is_name(value) and not (_API.match(value) or _ENDING.search(value) or _DIGITS.match(value))
