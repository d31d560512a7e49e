"""What `lint` tells people and scripts; SARIF and GitHub's annotations stand beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from seeder.lint import Found
from seeder.model.occurrence import Unread, path_of
from seeder.numbers import counted
from seeder.report.output import document
from seeder.report.table import table
from seeder.report.unread import unread_documents
from seeder.rules.rule import Severity


class Tree(Struct, frozen=True):
    """What was found below one of the paths given."""

    root: str
    found: Sequence[Found]
    unread: Sequence[Unread]

    def path(self, file: str) -> str:
        """The path of one of its files as the user can open it."""
        return path_of(self.root, file)


def problems(trees: Iterable[Tree]) -> list[tuple[Tree, Found]]:
    """What no comment allows."""
    return [(tree, found) for tree in trees for found in tree.found if not found.reason]


def reaches(trees: Iterable[Tree], least: Severity | None) -> bool:
    """Whether a problem is as grave as `least` or graver; None for never."""
    return least is not None and any(found.rule.severity.reaches(least) for _, found in problems(trees))


def lint_document(trees: Sequence[Tree], not_checked: Iterable[tuple[int, str]], exit_code: int) -> dict[str, Any]:
    return document(
        "lint",
        exit_code,
        problems=[_problem(tree, found) for tree, found in problems(trees)],
        allowed=[_problem(tree, found) for tree in trees for found in tree.found if found.reason],
        not_checked=[{"guideline": number, "what": what} for number, what in not_checked],
        unread=unread_documents(one for tree in trees for one in tree.unread),
    )


def _problem(tree: Tree, found: Found) -> dict[str, Any]:
    problem, place = found.problem, found.problem.place
    return {
        "rule": found.rule.id,
        "severity": found.rule.severity.value,
        "root": tree.root,
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "end_column": place.end_column,
        "message": problem.message,
        "remedy": problem.remedy,
        "fixable": bool(problem.fixes),
        "page": f"docs/rules/{found.rule.id}.md",
        **({"reason": found.reason} if found.reason else {}),
    }


def lint_text(trees: Sequence[Tree], not_checked: Iterable[tuple[int, str]]) -> str:
    """A row a problem, with what to do below each kind once, what only a cluster shows, and a line that sums up."""
    found = problems(trees)
    rows = [(_place(tree, each), each.rule.severity.value, each.rule.id, each.problem.message) for tree, each in found]
    blocks = [table(("PLACE", "SEVERITY", "RULE", "PROBLEM"), rows)]
    remedies = dict.fromkeys((each.rule.id, each.problem.remedy) for _, each in found)
    blocks.append(table(("RULE", "REMEDY"), remedies))
    unread = ((tree.path(one.file), one.reason) for tree in trees for one in tree.unread)
    blocks.append(table(("NOT READ", "REASON"), unread))
    blocks.append(f"{_elsewhere(not_checked)}{summary(trees)}\n")
    return "\n".join(block for block in blocks if block)


def _elsewhere(not_checked: Iterable[tuple[int, str]]) -> str:
    """The points of the guideline that files do not show, by number; JSON and docs/rules/README.md say them in full."""
    numbers = dict.fromkeys(number for number, _ in not_checked)
    if not numbers:
        return ""
    told = ", ".join(map(str, numbers))
    return f"not checked, since only a cluster shows it: guideline {told} (--format json says what)\n"


def _place(tree: Tree, found: Found) -> str:
    place = found.problem.place
    return f"{tree.path(place.file)}:{place.line}:{place.column}"


def summary(trees: Sequence[Tree]) -> str:
    """`2 errors, 1 warning; 1 can be fixed by --fix; 3 allowed by comments`."""
    found = problems(trees)
    counts = Counter(each.rule.severity for _, each in found)
    told = [counted(counts[each], each.value) for each in Severity if counts[each]]
    parts = [", ".join(told) or "no problems"]
    fixable = sum(bool(each.problem.fixes) for _, each in found)
    allowed = sum(bool(each.reason) for tree in trees for each in tree.found)
    if fixable:
        parts.append(f"{fixable} can be fixed by --fix")
    if allowed:
        parts.append(f"{allowed} allowed by comments")
    return "; ".join(parts)
