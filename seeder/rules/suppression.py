"""Comments that allow what a rule refuses: `# seeder: allow RULE[, RULE…] reason`."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from difflib import get_close_matches

from msgspec import Struct

from seeder.rules.rule import Place, Problem, Rule, Severity
from seeder.rules.subject import Page
from seeder.syntax.comments import is_alone, lines_after

# In a comment of YAML, shells and Dockerfiles, of Markdown, or of C and its kin.
_COMMENT = re.compile(
    r"(?P<open>#|<!--|//|/\*|\{#)[ \t]*seeder(?:[ \t]*:[ \t]*(?P<verb>[\w-]+)|[ \t]+(?P<bare>allow|ignore)\b)"
    r"(?P<rest>[^\r\n]*)"
)
_CLOSE = {"<!--": "-->", "/*": "*/", "{#": "#}"}
_RULES = re.compile(r"[ \t]*(?P<rules>[a-z0-9-]+(?:[ \t]*,[ \t]*[a-z0-9-]+)*)(?P<reason>.*)")
_FIRST_WORD = re.compile(r"[\w-]+")
_VERBS = ("allow", "ignore", "image")
# What other tools call it, beside what is merely misspelled.
_MEANT = frozenset({"disable", "exclude", "noqa", "nolint", "off", "skip", "suppress"})
_PUT_RIGHT = "take it out, or put it on the line that it is about or right before it"

HINT = b"seeder"


class Allowance(Struct, frozen=True, kw_only=True):
    """What a comment allows, on its own line and up to `last`: rules by id, and why.

    `verb` is what it says in place of `allow`, empty where it says just that.
    """

    place: Place
    last: int
    rules: tuple[str, ...] = ()
    reason: str = ""
    verb: str = ""

    def covers(self, rule: str, place: Place) -> bool:
        near = place.file == self.place.file and self.place.line <= place.line <= self.last
        return near and rule in self.rules


def allowances(page: Page) -> Iterator[Allowance]:
    """Every comment that allows something, or seems to."""
    lines = page.text.content.split("\n")
    for match in _COMMENT.finditer(page.text.content):
        verb = match["verb"] or f" {match['bare']}"
        if verb in _VERBS[1:] or not _is_meant(verb):
            continue
        place = Place.of_text(page.path, page.text.slice(match.start(), match.end()))
        before = lines[place.line - 1][: place.column - 1]
        found = _RULES.match(match["rest"].partition(_CLOSE.get(match["open"], "\n"))[0])
        yield Allowance(
            place=place,
            last=lines_after(lines, place.line)[-1] if is_alone(before) else place.line,
            rules=tuple(re.split(r"[ \t]*,[ \t]*", found["rules"])) if found else (),
            reason=found["reason"].strip(" \t-:–—") if found else "",
            verb="" if verb == _VERBS[0] else verb,
        )


def _is_meant(verb: str) -> bool:
    word = verb.strip().lower()
    return word in _MEANT or bool(get_close_matches(word, _VERBS, 1, cutoff=0.75))


def is_valid(allowance: Allowance, known: Container[str]) -> bool:
    """Whether a comment says all that it has to; one that does not allows nothing."""
    return not allowance.verb and bool(allowance.rules and allowance.reason) and not _is_mixed(allowance, known)


def _is_mixed(allowance: Allowance, known: Container[str]) -> bool:
    """Whether the reason begins with what must be a rule too, or holds another comment."""
    word = _FIRST_WORD.match(allowance.reason)
    return "seeder:" in allowance.reason or bool(word and word[0] in known)


def faults(allowance: Allowance, known: Container[str], used: Container[str]) -> Iterator[Problem]:
    """What is wrong with a comment: what it says, a rule that is not known, no reason, nothing that it allows."""
    unknown = [rule for rule in allowance.rules if rule not in known]
    idle = [rule for rule in allowance.rules if rule in known and rule not in used]
    if allowance.verb:
        said = f"says {allowance.verb}" if allowance.verb.strip() == allowance.verb else "lacks the colon after seeder"
        yield _fault(allowance, f"{said}, and so does nothing", f"write seeder: and one of {', '.join(_VERBS)}")
    elif not allowance.rules:
        yield _fault(allowance, "names no rule", "write: seeder: allow RULE reason")
    elif not allowance.reason:
        yield _fault(allowance, "gives no reason, and so allows nothing", "say why, after the rule")
    elif _is_mixed(allowance, known):
        yield _fault(
            allowance,
            f"does not say where its rules end and its reason begins ({allowance.reason}), and so allows nothing",
            "put commas between rules, then the reason: seeder: allow RULE, RULE reason",
        )
    elif unknown:
        yield _fault(allowance, f"names no rule of this seeder: {', '.join(unknown)}", "see docs/rules for their names")
    elif idle:
        yield _fault(allowance, f"allows what is not there: {', '.join(idle)}", _PUT_RIGHT)


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
