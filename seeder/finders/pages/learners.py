"""Whether a page is the learner's, by where it stands and what it is called."""

from __future__ import annotations

import re

_CONTENT = re.compile(r"(?:^|/)content/")
# At the top, in hidden folders, and where somebody sets up, teaches or documents the course, the same words are the
# author's.
_AUTHORS = re.compile(
    r"[^/]*\Z|(?:.*/)?(?:\.|(?:install(?:ation)?|[\w.-]*set-?up|admin|(?:instructor|facilitator|teacher|trainer)s?)/"
    r"|docs?/[^/]*\Z)",
    re.IGNORECASE,
)
# Courses without `content/` call a page after what the learner does: `web/exercise-2.md`.
_NAMED = re.compile(
    r"[^a-z]*(?:exercises?|solutions?|hands-?on|(?:lab|task)[^a-z\d]*\d|(?P<anybody>instructions?|step[^a-z\d]*\d))"
    r"[^a-z]*\.\w+(?:\.\w+)?\Z",
    re.IGNORECASE,
)
# Steps and instructions are also what an operator follows, but not in a folder that is a part of a course.
_COURSE = re.compile(
    r"(?:^|/)(?:\d+(?:[ _.-][^/]*)?"
    r"|(?:[^/]*[^a-z/])?(?:chapter|class|course|day|exercise|katacoda|lab|lesson|module|part|scenario|section|training"
    r"|tutorial|unit|week|workshop)(?:s|es)?(?:[^a-z/][^/]*)?)/",
    re.IGNORECASE,
)


def is_learners(path: str) -> bool:
    """Whether a page at a path is one of the course; one elsewhere may still be known by its actions."""
    if _CONTENT.search(path):
        return True
    named = _NAMED.match(path.rpartition("/")[2])
    if not named or _AUTHORS.match(path):
        return False
    return not named["anybody"] or bool(_COURSE.search(path))
