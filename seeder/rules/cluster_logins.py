"""What opens a cluster or a registry, in the documents of a text: kubeconfigs, Secrets that builders are given."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.rules.docker_config import decoded
from seeder.rules.placeholders import is_secret

HINTS = ("Config", "Secret")
_DOCUMENT = re.compile(r"^---[ \t]*\r?$|\Z", re.MULTILINE)
_CONFIG = re.compile(r"^[ \t]*[\"']?kind[\"']?:[ \t]*[\"']?Config[\"',]*[ \t]*\r?$", re.MULTILINE)
_USERS = re.compile(r"^[ \t]*[\"']?users[\"']?:", re.MULTILINE)
_SECRET = re.compile(r"^[ \t]*kind:[ \t]*[\"']?Secret\b", re.MULTILINE)
# Which builders take a Secret for a registry or for git: Tekton, Knative, kpack and its ancestor. An address with a
# variable is the session's own.
_FOR = re.compile(
    r"^[ \t]+[\"']?(?:tekton\.dev|build\.knative\.dev|kpack\.io|build\.pivotal\.io)/(?:docker|git)[^\n$<{]*$",
    re.MULTILINE,
)
_VALUE = r"[\"']?[ \t]*:[ \t]*(?P<secret>\"[^\"\n]*\"|'[^'\n]*'|[^\s\"',;&}]+)"
_OF_CONFIG = re.compile(rf"^[ \t]+(?:-[ \t]+)?[\"']?(?:token|password){_VALUE}", re.MULTILINE)
_OF_SECRET = re.compile(rf"^[ \t]+[\"']?password{_VALUE}", re.MULTILINE)


def cluster_logins(content: str) -> Iterator[tuple[int, int, str]]:
    """Where each stands, and what it is."""
    if not any(hint in content for hint in HINTS):
        return
    start = 0
    for match in _DOCUMENT.finditer(content):
        yield from _of_document(content, start, match.start())
        start = match.end()


def _of_document(content: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    if _CONFIG.search(content, start, end) and _USERS.search(content, start, end):
        for match in _OF_CONFIG.finditer(content, start, end):
            if is_secret(match["secret"]):
                yield *match.span("secret"), "what opens a cluster"
    if _SECRET.search(content, start, end) and _FOR.search(content, start, end):
        for match in _OF_SECRET.finditer(content, start, end):
            secret = match["secret"].strip("\"'")
            if is_secret(secret) and is_secret(decoded(secret) or secret):  # `data` holds base64
                yield *match.span("secret"), "a password for a registry or for git"
