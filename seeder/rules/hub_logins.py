"""Log-ins to Docker Hub, whose one account all learners would share (guideline 11)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.model.reference import HUB_ALIASES
from seeder.rules.docker_config import is_older, logins
from seeder.rules.login_commands import LOGIN, host_of, named_host
from seeder.rules.rule import Place, Problem, Rule, Severity
from seeder.rules.subject import Page

_HUB_BY_DEFAULT = frozenset({"docker", "nerdctl"})
_PULL_SECRET = re.compile(r"\bcreate[ \t]+secret[ \t]+docker-registry\b(?P<rest>(?:[^\n\\]|\\\r?\n)*)")
_SERVER = re.compile(r"--docker-server(?:[ \t]+|=)[\"']?(?P<host>[^\s\"']+)")
_PAGES = (".md", ".markdown", ".adoc", ".asciidoc", ".html")
_BEFORE_A_COMMAND = frozenset({"sudo", "then", "do", "else", "exec", "time"})
_NEAR = 40


def hub_login(page: Page) -> Iterator[Problem]:
    content = page.text.content
    for match in LOGIN.finditer(content):
        named = named_host(match["rest"])
        if named == "":  # of docker's kin alone that is Docker Hub; others look into their settings, or ask
            is_hub = match["tool"] in _HUB_BY_DEFAULT and not _is_prose(page, match.start())
        else:
            is_hub = named is not None and named.lower() in HUB_ALIASES
        if is_hub:
            yield _hub(page, match.start(), match.end(), "logs in to Docker Hub")
    for match in _PULL_SECRET.finditer(content):
        if "--docker-username" in match["rest"] and _server(match["rest"]) in {"", *HUB_ALIASES}:
            yield _hub(page, match.start(), match.end(), "makes a pull secret for Docker Hub")
    for found in logins(content, is_older=is_older(page.path)):
        if any(host_of(key) in HUB_ALIASES for key in found.secrets):
            yield _hub(page, found.start, found.end, "holds a log-in for Docker Hub")


def _is_prose(page: Page, start: int) -> bool:
    """Whether a page speaks of a command in the middle of a sentence."""
    words = page.text.content[max(0, start - _NEAR) : start].rpartition("\n")[2].split()
    is_word = bool(words) and words[-1].rstrip(",.").isalpha() and words[-1] not in _BEFORE_A_COMMAND
    return is_word and page.path.lower().endswith(_PAGES)


def _server(rest: str) -> str:
    """The registry that a pull secret is for, empty for Docker Hub by default."""
    found = _SERVER.search(rest)
    return host_of(found["host"]).lower() if found else ""


def _hub(page: Page, start: int, end: int, what: str) -> Problem:
    return Problem(
        place=Place.of_text(page.path, page.text.slice(start, end)),
        message=f"the workshop {what}: with one account for all, its limit is shared and its password is known",
        remedy="have a mirror with credentials set in the cluster, or let `seeder rewrite` take Docker Hub out",
    )


RULES = (
    Rule(
        id="hub-credentials",
        severity=Severity.ERROR,
        title="The workshop does not log in to Docker Hub",
        guideline=11,
        hints=(b"login", b"auths", b"dockerc", b"docker-registry", b"index.docker.io"),
        of_page=hub_login,
    ),
)
