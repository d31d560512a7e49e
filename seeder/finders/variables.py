"""Variables in names: how they are spelled, what is known of them, and the canonical form of a name that has some."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from msgspec import Struct

from seeder.errors import InvalidReferenceError
from seeder.model.reference import ImageReference

# $(educates) $(cartographer)$ ${shell:-default} $shell {{ page or chart }} %classic% <placeholder> @maven@ (@ ytt @)
_VARIABLE = re.compile(
    r"\$\((?P<paren>[A-Za-z_][\w.-]*)\)\$?"
    r"|\$\{(?P<brace>[A-Za-z_]\w*)(?:(?P<operator>:?[-+?])(?P<word>[^{}]*))?\}"
    r"|\$(?P<bare>[A-Za-z_]\w*|\d)"
    r"|\$?\{\{(?P<template>[^{}]*)\}\}"
    r"|%(?P<percent>[A-Za-z_]\w*)%"
    r"|<(?P<angle>[A-Za-z][\w -]*)>"
    r"|@(?P<at>[A-Za-z_][\w.]*)@"
    r"|\(@(?P<ytt>[^@]*)@\)"
    r"|\$\{[^{}\s]*\}"
)
# One of these stands in every variable; most names have none, and are done sooner.
_SIGN = re.compile(r"[${%<@]")
_PARAMETER = re.compile(r"[<%]?\s*(?:param\s+\"?)?(?P<name>[A-Za-z_.][\w.-]*)\"?\s*[>%]?\Z")
_IMAGE_VARIABLE = re.compile(r"(?!.*(?:DEST|PUSH|OUTPUT|TARGET))(?:\w+_)?IMAGE(?:_(?:NAME|REF|URL))?\Z")
_HOLE = re.compile(r"hole(\d+)x")
_EXACT = re.compile(r"v?\d+\.\d+\.\d+(?:[-+][\w.+-]+)?\Z|.*[$%{].*\Z")  # a version, no range of them
_LONGEST = 4096
_ROUNDS = 6  # Educates puts variables into variables this often (session-manager/handlers/helpers.py)

Lookup = Callable[[str], str | None]


class Expansion(Struct, frozen=True, kw_only=True):
    """A text with its known variables put in, the names that stay, and those whose value came from the lookup."""

    text: str
    unresolved: tuple[str, ...] = ()
    given: tuple[str, ...] = ()


class Name(Struct, frozen=True, kw_only=True):
    """A name in canonical form; `reference` is None where variables stay in it.

    `is_open` says that variables hide the registry, so that nobody but run time knows what is asked; `hub` that it is
    Docker Hub for certain.
    """

    canonical: str
    reference: ImageReference | None
    is_open: bool = False
    hub: bool = False


def expand(text: str, lookup: Lookup) -> Expansion:
    """Puts in the variables that `lookup` knows and the defaults that the text itself brings, inner ones first."""
    if not _SIGN.search(text):
        return Expansion(text=text)
    given: list[str] = []
    for _ in range(_ROUNDS):
        replaced = _VARIABLE.sub(lambda match: _value(match, lookup, given), text)
        if replaced == text:
            break
        text = replaced
    return Expansion(text=text, unresolved=variables(text), given=tuple(given))


def variables(text: str) -> tuple[str, ...]:
    """The names of the variables that stand in a text."""
    return tuple(_name(match) for match in _VARIABLE.finditer(text))


def _name(match: re.Match[str]) -> str:
    if match["template"] is not None:
        parameter = _PARAMETER.match(match["template"].strip())
        return parameter["name"] if parameter else match["template"].strip()
    groups = ("paren", "brace", "bare", "percent", "angle", "at", "ytt")
    return next((match[group].strip() for group in groups if match[group]), match[0])


def _value(match: re.Match[str], lookup: Lookup, given: list[str]) -> str:
    name = _name(match)
    value = lookup(name)
    operator, word = match["operator"] or "", match["word"] or ""
    if operator.endswith("+"):
        return word if value else ("" if value is not None else match[0])
    if value is not None and (value or not operator.startswith(":")):
        given.append(name)
        return value
    return word if operator.endswith("-") else match[0]


@lru_cache(1 << 14)  # more than a large file names, some 10 MB
def canonical(text: str) -> Name:
    """The canonical form of a name, with `:latest` unless there is a tag or digest; raises InvalidReferenceError."""
    if not _SIGN.search(text):
        return _written_out(text)
    written: list[str] = []

    def hole(match: re.Match[str]) -> str:
        written.append(match[0])
        return f"hole{len(written) - 1}x"

    def open_again(text: str) -> str:
        return _HOLE.sub(lambda match: written[int(match[1])], text)

    closed = _VARIABLE.sub(hole, text)
    if not written:
        return _written_out(text)
    name, at, digest = closed.partition("@")
    try:
        if at and not _HOLE.search(digest):
            ImageReference.parse(closed)
        reference = ImageReference.parse(name)
    except InvalidReferenceError as error:
        raise InvalidReferenceError(open_again(error.message)) from None
    first = name.partition("/")[0]
    is_open = bool(_HOLE.search(first if "/" in name else first.partition(":")[0]))
    shown = name if is_open else str(reference)
    if not reference.tag and not at and not _ends_open(name):
        shown += ":latest"
    return Name(
        canonical=open_again(shown + at + digest),
        reference=None,
        is_open=is_open,
        hub=reference.is_hub and not is_open,
    )


def _written_out(text: str) -> Name:
    reference = ImageReference.parse(text)
    return Name(canonical=str(reference.or_latest()), reference=reference, hub=reference.is_hub)


def unified(text: str) -> str:
    """The text with its variables spelled in one way, so that pages, scripts and manifests can be compared."""
    if not _SIGN.search(text):
        return text
    return _VARIABLE.sub(lambda match: f"<{_name(match).lower().removeprefix('env_')}>", text)


def _ends_open(name: str) -> bool:
    """Whether a variable ends the name, so that it may bring a tag."""
    holes = list(_HOLE.finditer(name))
    return bool(holes) and holes[-1].end() == len(name)


def chart_tag(version: str) -> str:
    """The tag of a chart in a registry: its version with `_` for `+`; a range, or none, is known at run time only."""
    return version.replace("+", "_") if _EXACT.match(version) else "$(version)"


def is_hollow_name(text: str) -> bool:
    """Whether variables are all of a name, so that nothing of it is known but perhaps its tag."""
    name = _VARIABLE.sub("", text.partition("@")[0])
    return not re.search(r"[a-z0-9]", re.sub(r":[^/]*\Z", "", name))


def is_image_variable(name: str) -> bool:
    """Whether a variable says by its name that its value is a whole image's name, and not where to push to."""
    return bool(_IMAGE_VARIABLE.match(name))


def is_name(text: str) -> bool:
    """Whether a text can be a reference, variables and all."""
    return not fault(text)


def fault(text: str) -> str:
    """Why a text is no reference, variables and all; empty for one that is."""
    if not text or len(text) > _LONGEST or "\n" in text:
        return f"{text[:60]!r} is no image reference: it is {'too long' if text else 'empty'}"
    try:
        canonical(text)
    except InvalidReferenceError as error:
        return error.message
    return ""


def is_mutable(canonical_name: str) -> bool | None:
    """Whether what the name means may change (design §3): None where its tag is a variable."""
    name, at, _ = canonical_name.partition("@")
    if at:
        return False
    last, colon, tag = name.rpartition("/")[2].partition(":")
    if _SIGN.search(last + tag) and (_VARIABLE.search(tag) or (not colon and _VARIABLE.sub("", last) == "")):
        return None
    tag = tag.partition("-")[0]
    return tag in {"", "latest", "main", "master", "develop", "*"} or bool(re.fullmatch(r"v?\d+(\.\d+)?", tag))
