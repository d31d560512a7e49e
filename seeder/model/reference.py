"""Image references, by the grammar of github.com/distribution/reference (regexp.go, normalize.go)."""

from __future__ import annotations

import re

from msgspec import Struct
from msgspec.structs import replace

from seeder.errors import InvalidReferenceError
from seeder.model.digest import Digest

HUB = "docker.io"
# index.docker.io is an alias in the grammar itself; the other two reach the same registry (domain knowledge:
# docker/cli#3793, docker/hub-feedback#2113).
HUB_ALIASES = frozenset({HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})
MAX_REPOSITORY = 255

_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*"
_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_PATH = rf"{_COMPONENT}(?:/{_COMPONENT})*"
_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_REFERENCE = re.compile(rf"(?P<host>{_HOST})/(?P<path>{_PATH})(?::(?P<tag>{_TAG}))?(?:@(?P<digest>{_DIGEST}))?\Z")
_HOST_ONLY = re.compile(rf"{_HOST}\Z")
_PATH_ONLY = re.compile(rf"{_PATH}\Z")
_TAG_ONLY = re.compile(rf"{_TAG}\Z")
_IDENTIFIER = re.compile(r"[a-f0-9]{64}\Z")


def is_host(part: str) -> bool:
    """Whether the first part of a name is a registry's host: `.`, `:`, `localhost` or an upper-case letter."""
    return "." in part or ":" in part or part == "localhost" or part != part.lower()


def without_tag(name: str) -> str:
    """A name as somebody wrote it, without its tag and digest; it need not be a reference."""
    folder, slash, last = name.partition("@")[0].rpartition("/")
    return f"{folder}{slash}{last.partition(':')[0]}"


def has_selector(name: str) -> bool:
    """Whether a name as somebody wrote it has a tag or a digest."""
    return not {":", "@"}.isdisjoint(name.rpartition("/")[2])


def is_valid_host(text: str) -> bool:
    return bool(_HOST_ONLY.match(text))


def is_valid_tag(text: str) -> bool:
    return bool(_TAG_ONLY.match(text))


def is_valid_repository(text: str) -> bool:
    """A repository's path below its registry."""
    return len(text) <= MAX_REPOSITORY and bool(_PATH_ONLY.match(text))


class ImageReference(Struct, frozen=True):
    """A reference in canonical form; equal references name the same thing.

    `registry` is a host with its port (Docker Hub: `docker.io`), `repository` the path below it (with `library/`
    where Docker Hub's short names leave it out). A bare name has neither tag nor digest until policy says `latest`.

    >>> str(ImageReference.parse("nginx:1.27"))
    'docker.io/library/nginx:1.27'
    """

    registry: str
    repository: str
    tag: str | None = None
    digest: Digest | None = None

    @classmethod
    def parse(cls, text: str) -> ImageReference:
        """Reads what a user or file wrote; raises InvalidReferenceError with the part that is wrong."""
        if _IDENTIFIER.match(text):
            raise InvalidReferenceError(f"{text!r} is 64 hex digits: an image ID, not a name")
        host, path = _split_host(text)
        match = _REFERENCE.match(f"{host}/{path}")
        if match is None:
            raise InvalidReferenceError(f"{text!r} is no image reference: {_fault(path)}")
        repository = match["path"]
        if host in HUB_ALIASES:
            host = HUB
            if "/" not in repository:
                repository = f"library/{repository}"
        if len(repository) > MAX_REPOSITORY:
            raise InvalidReferenceError(f"{text[:60]!r}… has a repository of over {MAX_REPOSITORY} characters")
        digest = Digest.parse(match["digest"]) if match["digest"] else None
        return cls(host, repository, match["tag"], digest)

    @property
    def name(self) -> str:
        """Registry and repository, without tag and digest."""
        return f"{self.registry}/{self.repository}"

    @property
    def is_hub(self) -> bool:
        return self.registry == HUB

    @property
    def selector(self) -> str:
        """What a manifest is asked by: the digest where there is one, else the tag, else `latest`."""
        return str(self.digest) if self.digest else self.tag or "latest"

    def or_latest(self) -> ImageReference:
        """The same reference, with `:latest` unless there is a tag or digest."""
        return self if self.tag or self.digest else ImageReference(self.registry, self.repository, "latest")

    def at(self, digest: Digest) -> ImageReference:
        return replace(self, digest=digest)

    def familiar(self) -> str:
        """The short form that people write, `nginx:1.27`; the long one where the short would name another thing."""
        text = str(self)
        if not self.is_hub:
            return text
        short = text.removeprefix(f"{HUB}/")
        first, slash, _ = short.partition("/")
        if slash and is_host(first):
            return text
        bare = short.removeprefix("library/")
        return short if "/" in bare or _IDENTIFIER.match(bare) else bare

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.name}{tag}{digest}"


def _split_host(text: str) -> tuple[str, str]:
    first, slash, rest = text.partition("/")
    if slash and is_host(first):
        return first, rest
    return HUB, text


def _fault(path: str) -> str:
    name, _, digest = path.partition("@")
    colon = name.rfind(":")
    tag = name[colon + 1 :] if colon > name.rfind("/") else ""
    repository = name[:colon] if tag else name
    if not path:
        return "it is empty"
    if repository != repository.lower():
        return "the repository must be lower case"
    if not is_valid_repository(repository):
        return f"{repository!r} is no repository (lower case letters, digits and . _ - between them)"
    if tag and not is_valid_tag(tag):
        return f"{tag!r} is no tag"
    return f"{digest!r} is no digest" if digest else "the host or the tag is malformed"
