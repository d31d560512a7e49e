"""Commands that log in to a registry, and the passwords that they are given."""

from __future__ import annotations

import re
from collections.abc import Iterator

VALUE = r"(?P<secret>\"[^\"\n]*\"|'[^'\n]*'|[^\s\"',;&}]+)"
LOGIN = re.compile(
    r"\b(?P<tool>docker|podman|nerdctl|skopeo|buildah|crane auth|regctl registry|oras|helm registry)[ \t]+login\b"
    r"(?P<rest>(?:[^\n\\]|\\\r?\n)*)"
)
_REACH = 200  # how far before a log-in its password may be piped to it
_PASSWORD = re.compile(rf"(?:^|\s)(?:-p(?:\s+|=)?|--password(?:\s+|=)){VALUE}")
_END = re.compile(r"[;&|#`]|\s[<>]+(?=\s)|\s>")  # of a command, or of its words
_PIPED = re.compile(rf"\b(?:echo|printf)[ \t]+(?:-n[ \t]+)?{VALUE}[ \t]*\|[ \t]*(?:sudo[ \t]+)?\Z")
_HERE_STRING = re.compile(rf"<<<[ \t]*{VALUE}")
_ASKS = frozenset({"--help", "--get-login"})  # and logs nobody in
_VALUED = r"(?:^|\s)(?:-u|--username|-p|--password|--authfile|--registry-config)(?:\s+|=)"
_WITH_VALUE = re.compile(rf"{_VALUED}\S+")
_QUOTED_VALUE = re.compile(rf"{_VALUED}(?:\"[^\"\n]*\"|'[^'\n]*')")


def passwords(content: str, login: re.Match[str]) -> Iterator[re.Match[str]]:
    """What a log-in gets as its password: in an option of its own, or through its standard input."""
    start, end = login.span("rest")
    option = _PASSWORD.search(content, start, end)
    is_of_it = option and not _END.search(content, start, option.start())
    if option and is_of_it and len(_names(content[start : option.start()])) <= 1:  # with more words it is a sentence
        yield option
    line = max(content.rfind("\n", 0, login.start()) + 1, login.start() - _REACH)
    given = _PIPED.search(content, line, login.start()) or _HERE_STRING.search(content, start, end)
    if given and "--password-stdin" in login["rest"]:
        yield given


def named_host(rest: str) -> str | None:
    """The registry that a log-in names, empty for Docker Hub by default.

    None where only run time knows it, and where a text merely names the command: `docker login`.
    """
    rest, quote, _ = rest.partition("`")
    if quote and not rest.strip():
        return None
    command = _END.split(_QUOTED_VALUE.sub(" ", re.sub(r"\\\r?\n", " ", rest)), maxsplit=1)[0]
    if not _ASKS.isdisjoint(command.split()):
        return None
    words = _names(command)
    if not words:
        return ""
    return None if re.search(r"[$<{%]", words[0]) else host_of(words[0]) or None


def _names(arguments: str) -> list[str]:
    """The words of a log-in that are neither options nor their values."""
    words = _WITH_VALUE.sub(" ", arguments).split()
    return [word.strip("\"'") for word in words if not word.startswith("-") and word != "\\"]


def host_of(address: str) -> str:
    """The registry of an address, or of a key of config.json, without scheme and path."""
    return address.rpartition("://")[2].partition("/")[0]
