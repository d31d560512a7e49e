"""Credentials in the files of a workshop, where every learner can read them (guideline 11)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.model.reference import HUB_ALIASES
from seeder.rules.cluster_logins import cluster_logins
from seeder.rules.docker_config import logins
from seeder.rules.placeholders import is_secret
from seeder.rules.rule import Place, Problem, Rule, Severity
from seeder.rules.subject import Page
from seeder.rules.tokens import FORMS, tokens

_VALUE = r"(?P<secret>\"[^\"\n]*\"|'[^'\n]*'|[^\s\"',;&}]+)"
# Variables and keys that hold what opens a registry, by what they are called.
_NAMES = (
    r"DOCKER_AUTH_CONFIG|(?i:[\w.-]{0,40}(?:IMGPKG|DOCKER(?:_?HUB)?|REGISTRY|REPOSITORY|TANZUNET|QUAY|GHCR)"
    r"(?:[\w.-]{0,40}[_.-])?(?:PASSWORD|TOKEN|PAT)(?:_\d+)?)"
)
# Each gives what it finds in the group `secret`, of which only what is none of the usual stand-ins counts.
_PATTERNS = (
    (
        "a password of .netrc",
        re.compile(rf"\bmachine[ \t]+\S+\s+login[ \t]+\S+\s+password[ \t]+{_VALUE}"),
    ),
    (
        "a password in an address",
        # A database of the exercise has its password in public; what opens a registry or a site does not. A token for
        # GitHub stands before `:x-oauth-basic`.
        re.compile(
            r"\b(?:https?|(?:imgpkg|git|docker|oci)(?:\+https?)?)://(?![^\s/:@{%]*[{%][^\s/:@]*:x-oauth-basic@)"
            r"[^\s/:@\"'<>$]+:(?P<secret>[^\s/@\"'<>]+)@\w"
        ),
    ),
    (
        "a token in an address",
        re.compile(
            r"\bhttps?://(?!localhost\b|127\.|\[::1\])[^\s\"'<>?]{1,300}\?(?:[\w.~%-]{1,60}=[^\s&\"'<>]{0,200}&){0,8}"
            r"(?:(?:access|private|auth|api)[_-]?(?:token|key)|token|sig)=(?P<secret>[\w.~%+/=-]{20,})"
        ),
    ),
    (
        "a value for a registry's password",
        re.compile(
            rf"(?:(?m:^)[ \t]*(?:-[ \t]+)?[\"']?(?:{_NAMES})[\"']?[ \t]*:[ \t]*|(?<![\w.-])(?:{_NAMES})="
            rf"|(?m:^)ENV[ \t]+(?:{_NAMES})[ \t]+){_VALUE}"
        ),
    ),
    (
        "a value for a registry's password",
        re.compile(rf"name:[ \t]*[\"']?(?:{_NAMES})[\"']?[ \t]*(?:,|\r?\n)[ \t]*value:[ \t]*{_VALUE}"),
    ),
    (
        "a password on a command line",
        re.compile(
            rf"--(?:(?:docker|registry|git|src|dest)-password|(?:src-|dest-)?registry-token)(?:[ \t]+|=){_VALUE}"
        ),
    ),
    (
        "a password on a command line",
        re.compile(r"--(?:src-|dest-)?creds(?:[ \t]+|=)[\"']?[^\s:\"'$<{]+:(?P<secret>[^\s\"']+)"),
    ),
)
_LOGIN = re.compile(
    r"\b(?P<tool>docker|podman|nerdctl|skopeo|buildah|crane auth|regctl registry|oras|helm registry)[ \t]+login\b"
    r"(?P<rest>(?:[^\n\\]|\\\r?\n)*)"
)
_HUB_BY_DEFAULT = frozenset({"docker", "nerdctl"})
_PULL_SECRET = re.compile(r"\bcreate[ \t]+secret[ \t]+docker-registry\b(?P<rest>(?:[^\n\\]|\\\r?\n)*)")
_SERVER = re.compile(r"--docker-server(?:[ \t]+|=)[\"']?(?P<host>[^\s\"']+)")
_PAGES = (".md", ".markdown", ".adoc", ".asciidoc", ".html")
_BEFORE_A_COMMAND = frozenset({"sudo", "then", "do", "else", "exec", "time"})
_NEAR = 40
_REACH = 200  # how far before a log-in its password may be piped to it
_PASSWORD = re.compile(rf"(?:^|\s)(?:-p(?:\s+|=)?|--password(?:\s+|=)){_VALUE}")
_END = re.compile(r"[;&|#`]|\s[<>]+(?=\s)|\s>")  # of a command, or of its words
_PIPED = re.compile(rf"\b(?:echo|printf)[ \t]+(?:-n[ \t]+)?{_VALUE}[ \t]*\|[ \t]*(?:sudo[ \t]+)?\Z")
_HERE_STRING = re.compile(rf"<<<[ \t]*{_VALUE}")
_VALUED = r"(?:^|\s)(?:-u|--username|-p|--password|--authfile|--registry-config)(?:\s+|=)"
_WITH_VALUE = re.compile(rf"{_VALUED}\S+")
_QUOTED_VALUE = re.compile(rf"{_VALUED}(?:\"[^\"\n]*\"|'[^'\n]*')")
# A registry of the session itself, or of the machine: the exercise starts it, and all know its password.
_HERE = re.compile(
    r"(?:localhost|127\.[\d.]+|\[::1\]|[\w-]+|.*\.(?:local|localhost|test|internal|svc|nip\.io|sslip\.io))(?::\d+)?\Z"
)


def credentials(page: Page) -> Iterator[Problem]:
    """What is told by its form first: of what is found twice in one place that is told."""
    content = page.text.content
    found = [*tokens(content), *_by_place(content), *cluster_logins(content), *_of_config(page)]
    end = 0
    for start, stop, what in sorted(found, key=lambda each: each[0]):
        if start >= end:
            yield _found(page, start, stop, what)
            end = stop


def _by_place(content: str) -> Iterator[tuple[int, int, str]]:
    for what, pattern in _PATTERNS:
        for match in pattern.finditer(content):
            if is_secret(match["secret"]):
                yield *match.span("secret"), what
    for match in _LOGIN.finditer(content):
        if not _is_here(_host(match["rest"]) or ""):
            for password in _passwords(content, match):
                if is_secret(password["secret"]):
                    yield *password.span("secret"), "a password on a command line"


def _of_config(page: Page) -> Iterator[tuple[int, int, str]]:
    for found in logins(page.text.content, is_older=_is_older(page)):
        hosts = [host for host, secret in found.secrets.items() if is_secret(secret) and not _is_here(_bare(host))]
        if hosts:
            yield found.start, found.end, f"a password for {', '.join(hosts)}"


def _is_here(host: str) -> bool:
    """Whether a registry is the session's own: by its name, or since only run time knows it."""
    return "$" in host or bool(_HERE.match(host))


def _is_older(page: Page) -> bool:
    return page.path.rpartition("/")[2] == ".dockercfg"


def _passwords(content: str, login: re.Match[str]) -> Iterator[re.Match[str]]:
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


def _found(page: Page, start: int, end: int, what: str) -> Problem:
    return Problem(
        place=Place.of_text(page.path, page.text.slice(start, end)),
        message=f"{what} stands in a file that every learner can read",
        remedy="take it out and make it invalid; a Secret of the cluster, named by secretRef, can give it to Educates",
    )


def hub_login(page: Page) -> Iterator[Problem]:
    content = page.text.content
    for match in _LOGIN.finditer(content):
        host = _host(match["rest"])
        if host == "":  # of docker's kin alone that is Docker Hub; others look into their settings, or ask
            is_hub = match["tool"] in _HUB_BY_DEFAULT and not _is_prose(page, match.start())
        else:
            is_hub = host is not None and host.lower() in HUB_ALIASES
        if is_hub:
            yield _hub(page, match.start(), match.end(), "logs in to Docker Hub")
    for match in _PULL_SECRET.finditer(content):
        if "--docker-username" in match["rest"] and _server(match["rest"]) in {"", *HUB_ALIASES}:
            yield _hub(page, match.start(), match.end(), "makes a pull secret for Docker Hub")
    for found in logins(content, is_older=_is_older(page)):
        if any(_bare(host) in HUB_ALIASES for host in found.secrets):
            yield _hub(page, found.start, found.end, "holds a log-in for Docker Hub")


def _is_prose(page: Page, start: int) -> bool:
    """Whether a page speaks of a command in the middle of a sentence."""
    words = page.text.content[max(0, start - _NEAR) : start].rpartition("\n")[2].split()
    is_word = bool(words) and words[-1].rstrip(",.").isalpha() and words[-1] not in _BEFORE_A_COMMAND
    return is_word and page.path.lower().endswith(_PAGES)


def _server(rest: str) -> str:
    """The registry that a pull secret is for, empty for Docker Hub by default."""
    found = _SERVER.search(rest)
    return _bare(found["host"]).lower() if found else ""


def _hub(page: Page, start: int, end: int, what: str) -> Problem:
    return Problem(
        place=Place.of_text(page.path, page.text.slice(start, end)),
        message=f"the workshop {what}: with one account for all, its limit is shared and its password is known",
        remedy="have a mirror with credentials set in the cluster, or let `seeder rewrite` take Docker Hub out",
    )


def _host(rest: str) -> str | None:
    """The registry that a log-in names, empty for Docker Hub by default.

    None where only run time knows it, and where a text merely names the command: `docker login`.
    """
    rest, quote, _ = rest.partition("`")
    if quote and not rest.strip():
        return None
    command = _END.split(_QUOTED_VALUE.sub(" ", re.sub(r"\\\r?\n", " ", rest)), maxsplit=1)[0]
    if "--help" in command.split():
        return None
    words = _names(command)
    if not words:
        return ""
    return None if re.search(r"[$<{%]", words[0]) else _bare(words[0]) or None


def _names(arguments: str) -> list[str]:
    """The words of a log-in that are neither options nor their values."""
    words = _WITH_VALUE.sub(" ", arguments).split()
    return [word.strip("\"'") for word in words if not word.startswith("-") and word != "\\"]


def _bare(host: str) -> str:
    return host.rpartition("://")[2].partition("/")[0]


_HINTS = (
    *(
        b"login",
        b"://",
        b"auth",
        b"dockerc",
        b"creds",
        b"assword",
        b"ASSWORD",
        b"oken",
        b"OKEN",
        b"_PAT",
        b"AUTH",
        b"machine",
    ),
    *(hint.encode() for form in FORMS for hint in form.hints),
)
RULES = (
    Rule(
        id="credentials-in-files",
        severity=Severity.ERROR,
        title="No file holds a password or token",
        guideline=11,
        hints=_HINTS,
        of_page=credentials,
    ),
    Rule(
        id="hub-credentials",
        severity=Severity.ERROR,
        title="The workshop does not log in to Docker Hub",
        guideline=11,
        hints=(b"login", b"auths", b"dockerc", b"docker-registry", b"index.docker.io"),
        of_page=hub_login,
    ),
)
