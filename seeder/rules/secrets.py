"""Credentials in the files of a workshop, where every learner can read them (guideline 11)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.rules.cluster_logins import cluster_logins
from seeder.rules.docker_config import is_older, logins
from seeder.rules.login_commands import LOGIN, VALUE, host_of, named_host, passwords
from seeder.rules.placeholders import is_secret
from seeder.rules.rule import Place, Problem, Rule, Severity
from seeder.rules.subject import Page
from seeder.rules.tokens import FORMS, Form, tokens

# Variables and keys that hold what opens a registry, by what they are called. A server's image sets
# itself up with `…_INIT_…` when the exercise starts it.
_NAMES = (
    r"DOCKER_AUTH_CONFIG|(?i:(?![\w.-]{0,80}[_.-]init(?:ial|db)?[_.-])[\w.-]{0,40}(?:IMGPKG|DOCKER(?:_?HUB)?|REGISTRY|REPOSITORY|TANZUNET|QUAY|GHCR)"
    r"(?:[\w.-]{0,40}[_.-])?(?:PASSWORD|TOKEN|PAT)(?:_\d+)?)"
)
# How such a name ends, and what stands behind it: lines without any hold no value for one.
_NAMED = re.compile(r"[GPTgpt](?i:assword|oken|at|(?<=AUTH_CONFIG))(?:_\d+)?(?:[\"']?[ \t]*:|=|[ \t])")
_VALUE = re.compile(
    rf"(?:(?m:^)[ \t]*(?:-[ \t]+)?[\"']?(?:{_NAMES})[\"']?[ \t]*:[ \t]*|(?<![\w.-])(?:{_NAMES})="
    rf"|(?m:^)ENV[ \t]+(?:{_NAMES})[ \t]+){VALUE}"
)
_REGISTRY, _COMMAND = "a value for a registry's password", "a password on a command line"
# Each gives what it finds in the group `secret`, of which only what is none of the usual stand-ins counts.
_PLACES = (
    Form(
        what="a password of .netrc",
        hints=("machine",),
        pattern=re.compile(rf"\bmachine[ \t]+\S+\s+login[ \t]+\S+\s+password[ \t]+{VALUE}"),
    ),
    Form(
        # A database of the exercise has its password in public; what opens a registry or a site does not. A token for
        # GitHub stands before `:x-oauth-basic`.
        what="a password in an address",
        hints=("@",),
        pattern=re.compile(
            r"\b(?:https?|(?:imgpkg|git|docker|oci)(?:\+https?)?)://(?![^\s/:@{%]*[{%][^\s/:@]*:x-oauth-basic@)"
            r"[^\s/:@\"'<>$]+:(?P<secret>[^\s/@\"'<>]+)@\w"
        ),
    ),
    Form(
        what="a token in an address",
        hints=("token=", "key=", "sig="),
        pattern=re.compile(
            r"\bhttps?://(?!localhost\b|127\.|\[::1\])[^\s\"'<>?]{1,300}\?(?:[\w.~%-]{1,60}=[^\s&\"'<>]{0,200}&){0,8}"
            r"(?:(?:access|private|auth|api)[_-]?(?:token|key)|token|sig)=(?P<secret>[\w.~%+/=-]{20,})"
        ),
    ),
    Form(
        what=_REGISTRY,
        hints=("value:",),
        pattern=re.compile(rf"name:[ \t]*[\"']?(?:{_NAMES})[\"']?[ \t]*(?:,|\r?\n)[ \t]*value:[ \t]*{VALUE}"),
    ),
    Form(
        what=_COMMAND,
        hints=("-password", "-token"),
        pattern=re.compile(
            rf"--(?:(?:docker|registry|git|src|dest)-password|(?:src-|dest-)?registry-token)(?:[ \t]+|=){VALUE}"
        ),
    ),
    Form(
        what=_COMMAND,
        hints=("creds",),
        pattern=re.compile(r"--(?:src-|dest-)?creds(?:[ \t]+|=)[\"']?[^\s:\"'$<{]+:(?P<secret>[^\s\"']+)"),
    ),
)
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
    found = [(_REGISTRY, match) for match in _values(content)]
    for form in _PLACES:
        if form.may_be_in(content):
            found += [(form.what, match) for match in form.pattern.finditer(content)]
    found += [(_COMMAND, match) for match in _given(content)]
    for what, match in found:
        if is_secret(match["secret"]):
            yield *match.span("secret"), what


def _values(content: str) -> Iterator[re.Match[str]]:
    """What variables and keys that open a registry are set to, on the lines that hold such a name."""
    end = 0
    for name in _NAMED.finditer(content):
        if name.start() < end:
            continue
        start, end = content.rfind("\n", 0, name.start()) + 1, content.find("\n", name.end())
        end = len(content) if end < 0 else end
        yield from _VALUE.finditer(content, start, end)


def _given(content: str) -> Iterator[re.Match[str]]:
    """The passwords that log-ins to others than the session's own registry get."""
    for login in LOGIN.finditer(content) if "login" in content else ():
        if not _is_here(named_host(login["rest"]) or ""):
            yield from passwords(content, login)


def _of_config(page: Page) -> Iterator[tuple[int, int, str]]:
    for found in logins(page.text.content, is_older=is_older(page.path)):
        hosts = [key for key, secret in found.secrets.items() if is_secret(secret) and not _is_here(host_of(key))]
        if hosts:
            yield found.start, found.end, f"a password for {', '.join(hosts)}"


def _is_here(registry: str) -> bool:
    """Whether a registry is the session's own: by its name, or since only run time knows it."""
    return "$" in registry or bool(_HERE.match(registry))


def _found(page: Page, start: int, end: int, what: str) -> Problem:
    return Problem(
        place=Place.of_text(page.path, page.text.slice(start, end)),
        message=f"{what} stands in a file that every learner can read",
        remedy="take it out and make it invalid; a Secret of the cluster, named by secretRef, can give it to Educates",
    )


_WORDS = "login :// auth dockerc creds assword ASSWORD oken OKEN _PAT AUTH machine"
_HINTS = tuple(hint.encode() for hint in (*_WORDS.split(), *(hint for form in FORMS for hint in form.hints)))
RULES = (
    Rule(
        id="credentials-in-files",
        severity=Severity.ERROR,
        title="No file holds a password or token",
        guideline=11,
        hints=_HINTS,
        of_page=credentials,
    ),
)
