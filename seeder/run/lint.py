"""`lint`: trees against the rules, and what is safe put right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from msgspec import Struct

from seeder import files
from seeder.discover import discover
from seeder.errors import FileError, UsageError
from seeder.lint import Facts, Found, examine, lint
from seeder.model.edit import Edit, splice
from seeder.model.occurrence import Unread
from seeder.model.pin import Lock
from seeder.rules import RULES
from seeder.rules.rule import Fix, Rule
from seeder.run.artifact import artifact_of, check_there, shown, tree_of
from seeder.settings import Settings
from seeder.syntax.text import File


class Linted(Struct, frozen=True, kw_only=True):
    """What was found in one tree: problems, sorted by place, and the files that were not understood.

    `is_bare` says that nothing there names an image.
    """

    root: Path
    is_bare: bool = False
    found: tuple[Found, ...] = ()
    unread: tuple[Unread, ...] = ()


def lint_trees(
    paths: Sequence[Path],
    variables: Mapping[str, str],
    lock: Lock,
    rules: Sequence[Rule],
    settings: Settings | None = None,
) -> tuple[Linted, ...]:
    """Each tree or file against the rules, in the order given; `oci://…` is the tree that an artifact holds.

    Raises UsageError for a path that is not there, before any is read; InvalidReferenceError, and what a registry
    answers.
    """
    check_there(paths)
    linted = []
    for path in dict.fromkeys(paths):
        with tree_of(path, settings or Settings()) as tree:
            linted.append(_linted(path, tree, variables, lock, rules))
    return tuple(linted)


def _linted(path: Path, tree: Path, variables: Mapping[str, str], lock: Lock, rules: Sequence[Rule]) -> Linted:
    beside = partial(_facts, tuple(rule.id for rule in rules))
    discovery = discover(tree, root_name=shown(path), variables=variables, include_all=True, beside=beside)
    facts = [each for each in discovery.beside if isinstance(each, Facts)]
    found = lint(facts, discovery.occurrences, lock, rules)
    return Linted(root=path, is_bare=not discovery.occurrences, found=found, unread=discovery.unread)


def _facts(rules: Iterable[str], path: str, data: bytes) -> Facts:
    """What a file tells, in the process that reads it, which gets rules by their names."""
    return examine(PurePosixPath(path), data, [RULES[name] for name in rules])


class Fixed(Struct, frozen=True, kw_only=True):
    """How many places were put right, and why files stayed as they were."""

    places: int = 0
    faults: tuple[FileError, ...] = ()


def fix(linted: Iterable[Linted]) -> Fixed:
    """Puts right what is safe to, and is not allowed by a comment; a file that cannot be written holds up no other.

    Of fixes that claim the same bytes the first is made; linting again finds the others. Raises UsageError for what is
    published, before anything is written.
    """
    trees = tuple(linted)
    for tree in trees:
        if artifact_of(tree.root) is not None:
            raise UsageError(
                f"{shown(tree.root)} cannot be put right where it is published",
                hint="fix the tree that it was made from, and publish that again",
            )
    places, faults = 0, []
    for tree in trees:
        for name, fixes in _wanted(tree).items():
            try:
                places += _fix_file(tree.root, name, fixes)
            except FileError as error:
                faults.append(error)
    return Fixed(places=places, faults=tuple(faults))


def _wanted(tree: Linted) -> dict[str, list[Fix]]:
    wanted: dict[str, list[Fix]] = defaultdict(list)
    for found in tree.found:
        if found.problem.fixes and not found.reason:
            wanted[found.problem.place.file] += found.problem.fixes
    return wanted


def _fix_file(root: Path, name: str, fixes: Iterable[Fix]) -> int:
    path = root / name if root.is_dir() else root
    data = files.read(path)
    edits = _edits(str(root), name, fixes, File(data).encoding)
    files.write_atomic(path, splice(data, edits), root=root if root.is_dir() else None)
    return len(edits)


def _edits(root: str, name: str, fixes: Iterable[Fix], encoding: str) -> list[Edit]:
    edits: list[Edit] = []
    for each in sorted(fixes, key=lambda each: each.span):
        if not edits or edits[-1].span.end <= each.span.start:
            old, new = each.old.encode(encoding), each.new.encode(encoding)
            edits.append(Edit(root=root, file=name, span=each.span, old=old, new=new))
    return edits
