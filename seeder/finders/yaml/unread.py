"""Kinds of YAML that name images and are not read: said so, not guessed at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from seeder.finders.finding import Finding, Unparsed
from seeder.finders.yaml.root import Root
from seeder.syntax.yaml_nodes import at, string

_PATHS = (
    (re.compile(r"(?:.*/)?\.(?:github|gitea|forgejo)/(?:workflows|actions)/.*"), "a GitHub workflow"),
    (re.compile(r"(?:.*/)?action\.ya?ml"), "a GitHub action"),
    (re.compile(r"(?:.*/)?\.gitlab-ci(?:[.-].*)?\.ya?ml|(?:.*/)?\.gitlab/ci/.*"), "a GitLab pipeline"),
    (re.compile(r"(?:.*/)?azure-pipelines[^/]*\.ya?ml"), "an Azure pipeline"),
    (re.compile(r"(?:.*/)?\.circleci/.*"), "a CircleCI pipeline"),
    (re.compile(r"(?:.*/)?\.(?:drone|travis|woodpecker)\.ya?ml"), "a CI pipeline"),
    (re.compile(r"(?:.*/)?(?:bitbucket-pipelines|buildspec|cloudbuild)\.ya?ml"), "a CI pipeline"),
    (re.compile(r"(?:.*/)?skaffold[^/]*\.ya?ml(?:\.\w+)?"), "a skaffold configuration"),
    (re.compile(r"(?:.*/)?\.?devfile\.ya?ml"), "a devfile"),
    (re.compile(r"(?:.*/)?\.devcontainer(?:/.*)?\.json"), "a dev container"),
    (re.compile(r"(?:.*/)?\.pre-commit-config\.ya?ml"), "a pre-commit configuration"),
)  # fmt: skip


def kind(root: Root) -> str:
    """What the document is, in words; empty for what is not of these kinds."""
    if string(at(root.node, "schemaVersion")).startswith("2.") and at(root.node, "components") is not None:
        return "a devfile"
    if root.depth or (root.source.kind and not root.source.kind.startswith("file:")):
        return ""
    return _by_path(root.path)


@lru_cache(1)  # the documents of a file come one after the other
def _by_path(path: str) -> str:
    return next((name for pattern, name in _PATHS if pattern.fullmatch(path)), "")


def recognises(root: Root) -> bool:
    return bool(kind(root))


def read(root: Root) -> Iterator[Finding]:
    """Says so where the document may name an image at all."""
    content = root.node.written.content
    if any(hint in content for hint in ("image", "docker", "container")):
        yield Unparsed(f"{kind(root)}: images in it are not looked for")
