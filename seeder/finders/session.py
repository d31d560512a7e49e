"""What runs in a session and what is the author's own, by the place of a file in the tree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from msgspec.structs import replace

from seeder.finders.finding import MAX_DEPTH, Built, Finding, Source
from seeder.model.occurrence import Mention

AUTHORS = "the author's own build"

_SESSION = re.compile(r"(?:^|/)(?:workshop|exercises?|labs?|setup\.d|examiner)/")
_EXERCISE = re.compile(r"(?:^|/)exercises?/")


def in_session(path: PurePosixPath) -> bool:
    """Whether a file runs in a session, or is there for the learner."""
    return bool(_SESSION.search(str(path)))


def is_exercise(path: PurePosixPath) -> bool:
    """Whether a file is the learner's for certain: a folder `labs` may also be one that holds workshops."""
    return bool(_EXERCISE.search(str(path)))


def told(findings: Iterator[Finding], reason: str) -> Iterator[Mention]:
    """The mentions of what no session runs; what it builds is what sessions pull later, and is not taken for built."""
    for finding in findings:
        if isinstance(finding, Mention):
            yield finding.unpulled(finding.reason or reason)


def local(found: Iterable[Finding]) -> Iterator[Finding]:
    """What an author's file names; it may push what sessions pull: only names without a registry or account are built.

    A variable may bring either, from another file.
    """
    for one in found:
        if not isinstance(one, Built):
            yield one
        elif "/" not in one.name:
            yield replace(one, is_local=True) if "$" in one.name else one


def all_mentions(source: Source) -> Iterator[Mention]:
    """The mentions of a text and of all texts in it."""
    from seeder.finders import find  # noqa: PLC0415 - the list of finders imports this one

    pending = [source]
    while pending:
        for finding in find(pending.pop()):
            if isinstance(finding, Mention):
                yield finding
            elif isinstance(finding, Source) and finding.depth < MAX_DEPTH:
                pending.append(finding)
