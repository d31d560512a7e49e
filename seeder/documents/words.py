"""The small texts that documents hold: references, hosts, platforms, names."""

from __future__ import annotations

import re
from collections.abc import Callable

from seeder.documents.shape import Text
from seeder.errors import InvalidReferenceError, SeederError
from seeder.model.digest import Digest
from seeder.model.platform import Platform
from seeder.model.reference import (
    HUB,
    HUB_ALIASES,
    ImageReference,
    is_host,
    is_valid_host,
    is_valid_repository,
    is_valid_tag,
)

_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_VARIABLE = r"[A-Za-z_][A-Za-z0-9_.-]*"
# What people write for architectures that have another name in image indexes (containerd: platforms/database.go).
_ARCHITECTURES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "armhf": "arm/v7", "armel": "arm/v6"}


class _WordError(SeederError):
    """A text that is not what its place needs."""


def _reference(text: str) -> ImageReference:
    if "$(" in text or "{{" in text:
        raise InvalidReferenceError(f"{text!r} holds a variable; an image of the catalog is named in full")
    bare = re.sub(r"\A(?:https?|docker|oci)://", "", text)
    if bare != text:
        raise InvalidReferenceError(f"{text!r} has a scheme", hint=f"write {bare}")
    return ImageReference.parse(text).or_latest()


def _host(text: str) -> str:
    bare = re.sub(r"\A\w+://", "", text).rstrip("/")
    if bare != text or "/" in text:
        host, _, path = bare.partition("/")
        under = f" here, and {path} under prefix" if path else ""
        raise _WordError(f"{text!r} is more than a host and port", hint=f"write {host}{under}")
    if not is_valid_host(text):
        raise _WordError(f"{text!r} is no host")
    return text


def _written_host(text: str) -> str:
    """A host that is one in a reference too: `registry/app:1` is an image of Docker Hub."""
    if is_valid_host(text) and not is_host(text):
        raise _WordError(
            f"{text!r} in front of an image is no host: {text}/app:1 is a name of Docker Hub",
            hint=f"write {text} with its port or its domain; where seeder itself reaches it goes under push",
        )
    return _host(text)


def _source(text: str) -> str:
    return text if text == "*" else HUB if text in HUB_ALIASES else _host(text)


def _platform(text: str) -> Platform:
    for written, name in _ARCHITECTURES.items():
        if written in text.split("/"):
            raise InvalidReferenceError(
                f"{text!r} is no platform", hint=f"write linux/{name}: {written} is {name} here"
            )
    return Platform.parse(text)


def _prefix(text: str) -> str:
    stripped = text.strip("/")
    if stripped and not is_valid_repository(stripped):
        raise _WordError(f"{text!r} is no path for repositories (lower case letters, digits and . _ - between slashes)")
    return stripped


def _destination(text: str) -> str:
    repository, colon, tag = text.partition(":")
    if not is_valid_repository(repository) or (colon and not is_valid_tag(tag)):
        raise _WordError(f"{text!r} is no name at a target", hint="write repository:tag without a host")
    return text


def _pattern(text: str) -> str:
    first, slash, _ = text.partition("/")
    if not (slash and is_host(first)) and not first.startswith("*"):
        full = f"{HUB}/{text}" if "/" in text else f"{HUB}/library/{text}"
        raise _WordError(f"{text!r} matches nothing: references are compared in full", hint=f"write {full}")
    return text


def _some(text: str) -> str:
    if not text.strip():
        raise _WordError("is blank")
    return text


def _named(pattern: str, what: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise _WordError(f"{text!r} is no {what}")
        return text

    return parse


def constant(text: str) -> Text[str]:
    """The one text that may stand there; `header.read` has looked at it before."""
    return Text(parse=str, json={"const": text})


REFERENCE = Text(parse=_reference, json={"minLength": 1, "pattern": r"^(?!\w+://)[^\s$]+$"})
DIGEST = Text(parse=Digest.parse, json={"pattern": "^sha(256:[0-9a-f]{64}|384:[0-9a-f]{96}|512:[0-9a-f]{128})$"})
HOST = Text(parse=_host, json={"pattern": r"^[A-Za-z0-9.\-\[\]:]+$"})
WRITTEN_HOST = Text(parse=_written_host, json={"pattern": r"^(?=.*[.:A-Z]|localhost$)[A-Za-z0-9.\-\[\]:]+$"})
SOURCE = Text(parse=_source, json={"pattern": r"^(\*|[A-Za-z0-9.\-\[\]:]+)$"})
PLATFORM = Text(parse=_platform, json={"pattern": "^[a-z0-9_.]+/[a-z0-9_.]+(/[a-z0-9_.]+)?$"})
ANY_PLATFORM = Text(parse=Platform.parse, json=PLATFORM.json)
PREFIX = Text(parse=_prefix, json={"pattern": "^[a-z0-9._/-]*$"})
DESTINATION = Text(parse=_destination, json={"pattern": "^[a-z0-9._/-]+(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$"})
PATTERN = Text(parse=_pattern, json={"minLength": 1})
SOME = Text(parse=_some, json={"pattern": r"\S"})
VALUE = Text(parse=str, numbers=True)
TARGET_NAME = Text(parse=_named(_NAME, "name for a target"), json={"pattern": f"^{_NAME}$"})
VARIABLE_NAME = Text(parse=_named(_VARIABLE, "name of a variable"), json={"pattern": f"^{_VARIABLE}$"})
