"""From a command's use of a word to mentions: variables put in, placeholders and IDs left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from seeder.finders.commands.scope import Scope
from seeder.finders.commands.use import Kind, Use
from seeder.finders.finding import Slot, Source
from seeder.finders.parts import MIXED, parts_of
from seeder.finders.variables import chart_tag, is_name
from seeder.model.occurrence import Context, Mention, Part, Puller, Role, Spelling, unescaped
from seeder.syntax.text import Text

_REASONS = {
    Kind.MAKE: "the workshop itself makes this image",
    Kind.FILL: "the workshop itself copies images there",
    Kind.LIST: "asks for the repository's tags and pulls nothing",
}
_LOCAL = (Kind.LOCAL, Kind.LOAD)
_ID = re.compile(r"(?:sha256:)?[0-9a-f]{12}(?:[0-9a-f]{52})?\Z")
_HOLES = re.compile(r"\$\{[^}]*\}|\$\([^)]*\)|\$\w+|\{\{[^}]*\}\}|%\w+%|\A\[[\da-f:.]+\](?=[:/])")
_PLACEHOLDER = re.compile(r"[<>\[\]*?`\\ ]|\.\.\.|…")
# No official image has such a tag: it is the version of a project that is being worked on.
_SNAPSHOT = re.compile(r"(?:docker\.io/(?:library/)?)?[^/]+:\S+-SNAPSHOT\Z")
# A host with a domain, or a variable for the whole that says that it is an image.
_REGISTRY = re.compile(r"[\w-]+\.[\w.-]+(?::\d+)?/|\$\{?(?:\w+_)?IMAGE\}?\Z")
REGISTRY = re.compile(r"(?:[\w-]+\.[\w.-]+|localhost)(?::\d+)?/")
_MAX = 200


def mentions(use: Use, scope: Scope, source: Source) -> Iterator[Mention]:
    """A mention for each value that the word may have."""
    if use.word is None:
        yield from _split(use, scope, source)
    elif use.pattern:
        parts, reason = parts_of(use.word.text)
        yield _searched(use, unescaped(use.word.value), parts, reason=reason)
    elif "$" in use.word.value:
        yield from _expanded(use, use.word.text, scope, source)
    elif _fits(use, use.word.value):
        written = use.word.text
        parts, reason = parts_of(written)
        yield _mention(use, source, written.content, parts, reason=reason)


def _expanded(use: Use, written: Text, scope: Scope, source: Source) -> Iterator[Mention]:
    """A mention for each value of a word with variables."""
    values = [text for text in islice(scope.expand(written), _MAX) if _fits(use, text.content)]
    if use.kind is Kind.FIND:
        values = [text for text in values if "$" not in text.content and is_told(text.content)]
    is_only = len(values) == 1
    sharing = Counter(piece.outer for text in values for piece in text.pieces) if not is_only else Counter()
    for text in values:
        parts, reason = parts_of(text, written if is_only else None)
        whole = written.part(0, len(written)) if is_only and reason and not scope.is_call else None
        if whole is not None:
            yield _mention(use, source, text.content, (whole,), reason="")  # the word where it is used
        elif is_only or (not reason and parts[0].role is Role.REFERENCE):
            yield _mention(use, source, text.content, parts, reason=reason)
        else:
            yield _mention(use, source, text.content, _own_piece(text, sharing), reason=MIXED)


def _fits(use: Use, text: str) -> bool:
    return is_image(text) and (not use.needs_registry or bool(_REGISTRY.match(text)))


def _own_piece(text: Text, sharing: Counter[int]) -> tuple[Part, ...]:
    """What a value brings that the fewest others do, where several share the rest of a name; it may be all of some."""
    piece = min(text.pieces, key=lambda piece: sharing[piece.outer], default=None)
    part = text.part(piece.inner, piece.inner + piece.length, Role.NAME) if piece is not None else None
    return (part,) if part is not None else ()


def _split(use: Use, scope: Scope, source: Source) -> Iterator[Mention]:
    """A name whose pieces stand in several options, as the chart's image or the chart itself."""
    texts = {role: next(scope.expand(word.text)) for role, word in use.parts}
    name = "/".join(texts[role].content for role in (Role.REGISTRY, Role.REPOSITORY, Role.NAME) if role in texts)
    name = name or use.before
    tag = f":{texts[Role.TAG].content}" if Role.TAG in texts else ""
    digest = f"@{texts[Role.DIGEST].content}" if Role.DIGEST in texts else ""
    if Role.NAME in texts:
        version = next(scope.expand(use.version.text)).content if use.version is not None else ""
        tag = f":{chart_tag(version)}"
    parts = [text.part(0, len(text), role) for role, text in texts.items()]
    # The repository first: its line is where people look for the name.
    whole = tuple(sorted((part for part in parts if part is not None), key=lambda part: part.role is Role.REGISTRY))
    if is_image(name + tag + digest) and whole:
        reason = "" if len(whole) == len(parts) else MIXED
        yield _mention(use, source, name + tag + digest, whole, reason=reason)


def named(value: Text, source: Source, puller: Puller = Puller.NONE) -> Iterator[Mention]:
    """The mention that a variable's value is; pulled by NONE it counts where something pulls that name."""
    if re.search(r"[/:]", value.content) and value.content[0] not in "/.~" and is_image(value.content):
        context = source.context or Context.SHELL_COMMAND
        yield from Slot(context=context, pulled_by=puller, spelling=Spelling.COMMAND).whole(value)


def is_image(text: str) -> bool:
    """Whether a command's word can be an image's name: no ID, no placeholder and not the empty image."""
    if not is_name(text) or _ID.match(text) or text == "scratch":
        return False
    return not _PLACEHOLDER.search(text) or not _PLACEHOLDER.search(_HOLES.sub("", text))


def is_told(value: str) -> bool:
    """Whether a word by itself says that it is an image: by its tag, its digest or its registry."""
    is_tagged = re.search(r":[^/]*[^/\d:][^/]*\Z|:\d+\.\d[^/]*\Z|@sha256:", value)
    return is_image(value) and bool(is_tagged or REGISTRY.match(value))


def _mention(use: Use, source: Source, text: str, parts: tuple[Part, ...], *, reason: str) -> Mention:
    if use.kind is not Kind.PULL:
        why = _REASONS.get(use.kind, "")
    else:
        why = "a snapshot version of a project that is built here" if _SNAPSHOT.match(text) else ""
    if use.kind is Kind.FIND:
        return _searched(use, text, parts, reason=use.reason or reason)
    made = bool(why) and use.kind is not Kind.LIST
    return Mention(
        text=text,
        parts=parts,
        context=_context(use, source),
        pulled_by=Puller.NONE if made or use.kind in _LOCAL else use.puller,
        spelling=use.spelling,
        reason=why or use.reason or reason,
        pulled=not made,
        coupled_to=use.file,
    )


def _searched(use: Use, text: str, parts: tuple[Part, ...], *, reason: str) -> Mention:
    return Mention(
        text=text,
        parts=parts,
        context=Context.OTHER,
        pulled_by=Puller.NONE,
        reason=reason,
        pulled=False,
        coupled_to=use.file,
        pattern=use.pattern,
    )


def _context(use: Use, source: Source) -> Context:
    return use.context or source.context or Context.SHELL_COMMAND
