"""Comments that allow what a rule refuses: `# seeder: allow RULE reason`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from seeder.rules.rule import Place, Problem, Rule, Severity
from seeder.rules.subject import Page
from seeder.syntax.comments import lines_after

# In a comment of YAML, shells and Dockerfiles, of Markdown, or of C and its kin.
_ALLOW = re.compile(r"(?P<open>#|<!--|//|/\*|\{#)[ \t]*seeder:[ \t]*allow\b[ \t]*(?P<rest>[^\r\n]*)")
_RULES = re.compile(r"(?P<rules>[a-z0-9-]+(?:[ \t]*,[ \t]*[a-z0-9-]+)*)[ \t]*(?P<reason>.*)")
_CLOSE = re.compile(r"[ \t]*(?:-->|\*/|#\})[ \t]*\Z")

HINT = b"seeder:"


class Allowance(Struct, frozen=True, kw_only=True):
    """What a comment allows, on its own line and up to `last`: rules by id, and why."""

    place: Place
    last: int
    rules: tuple[str, ...]
    reason: str

    def covers(self, rule: str, place: Place) -> bool:
        near = place.file == self.place.file and self.place.line <= place.line <= self.last
        return near and bool(self.reason) and rule in self.rules


def allowances(page: Page) -> Iterator[Allowance]:
    lines = page.text.content.split("\n")
    for match in _ALLOW.finditer(page.text.content):
        found = _RULES.match(_CLOSE.sub("", match["rest"]))
        place = Place.of_text(page.path, page.text.slice(match.start(), match.end()))
        yield Allowance(
            place=place,
            last=lines_after(lines, place.line)[-1],
            rules=tuple(re.split(r"[ \t]*,[ \t]*", found["rules"])) if found else (),
            reason=found["reason"].strip(" \t-:–—") if found else "",
        )


def faults(allowance: Allowance, known: frozenset[str], used: frozenset[str]) -> Iterator[Problem]:
    """What is wrong with a comment: no rule, a rule that is not known, no reason, nothing that it allows."""
    unknown = [rule for rule in allowance.rules if rule not in known]
    idle = [rule for rule in allowance.rules if rule in known and rule not in used]
    if not allowance.rules:
        yield _fault(allowance, "names no rule", "write: seeder: allow RULE reason")
    elif unknown:
        yield _fault(allowance, f"names no rule of this seeder: {', '.join(unknown)}", "see docs/rules for their names")
    elif not allowance.reason:
        yield _fault(allowance, "gives no reason, and so allows nothing", "say why, after the rule")
    elif idle:
        yield _fault(allowance, f"allows what is not there: {', '.join(idle)}", "take it out")


def _fault(allowance: Allowance, what: str, remedy: str) -> Problem:
    return Problem(place=allowance.place, message=f"this comment {what}", remedy=remedy)


ID = "allow-comment"
RULES = (
    Rule(
        id=ID,
        severity=Severity.WARNING,
        title="Comments that allow something name a rule and a reason",
    ),
)
