"""What rewriting one workshop comes to: worked out in full, and checked, before a byte is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath

from msgspec import Struct

from seeder import files
from seeder.errors import FileError
from seeder.model.edit import splice
from seeder.model.occurrence import Occurrence
from seeder.rewrite.change import Change, Left, PlannedFile, edits_of
from seeder.rewrite.check import changed_otherwise, yaml_changed_otherwise
from seeder.rewrite.choose import Rules, choose
from seeder.rewrite.couple import BY_HAND, couple, tied
from seeder.rewrite.follow import follow
from seeder.rewrite.quotes import HINT, unquoted
from seeder.rewrite.search import misled
from seeder.rewrite.share import share
from seeder.run.tree import Tree
from seeder.syntax.text import File

_REPORT_IT = "seeder left the file alone; please report this with the line it names"
Again = Callable[[Mapping[PurePosixPath, bytes]], Sequence[Occurrence]]


class PlannedTree(Struct, frozen=True, kw_only=True):
    """A workshop's files that are to change, and the occurrences that stay although their reference is rehosted.

    `ties` are names of files that change together, or not at all.
    """

    tree: Tree
    files: tuple[PlannedFile, ...] = ()
    left: tuple[Left, ...] = ()
    ties: tuple[frozenset[str], ...] = ()

    @property
    def batches(self) -> list[list[PlannedFile]]:
        """The files by what can only be written together."""
        batches = [[file] for file in self.files]
        for tie in self.ties:
            tied_up = [batch for batch in batches if any(file.name in tie for file in batch)]
            if len(tied_up) > 1:
                batches = [batch for batch in batches if batch not in tied_up]
                batches.append([file for batch in tied_up for file in batch])
        return batches


def plan_tree(tree: Tree, rules: Rules, again: Again, *, all_or_nothing: bool = False) -> PlannedTree:
    """Plans a workshop; `again` discovers it with some files replaced.

    A file that cannot be read, changed meanwhile, or would say something else afterwards is left alone, with whatever
    is coupled to it; the other files are planned all the same.
    """
    excluded: dict[str, tuple[str, str]] = {}
    held: dict[Occurrence, tuple[str, str]] = {}
    while True:
        changes, left = _fates(tree, rules, excluded, held)
        planned, unfit = _planned(tree, changes)
        if not unfit:
            astray = {each: why for each, why in _astray(tree, planned).items() if each not in held}
            if astray:
                held |= astray
                continue
        if not unfit and planned:
            after = again({PurePosixPath(file.name): file.new for file in planned})
            unfit = _unfit(tree, planned, after)
            left = [each for each in left if not _is_there_now(each, after)]
        if not unfit:
            break
        excluded |= unfit
    if all_or_nothing and any(each.fails for each in left):
        counts = any(each.ends_badly for each in left)
        left += [_held_back(change, counts=counts) for change in changes if change.is_needed]
        planned = []
    every = frozenset(file.name for file in planned)
    ties = {every} if all_or_nothing else {tie & every for tie in tied(tree.occurrences)}
    return PlannedTree(tree=tree, files=tuple(planned), left=tuple(sorted(left, key=_place)), ties=tuple(ties))


def _astray(tree: Tree, planned: Sequence[PlannedFile]) -> dict[Occurrence, tuple[str, str]]:
    """Names that cannot change where they stand, with the reason and what the author can do."""
    if bare := unquoted(planned):
        return {each: (reason, HINT) for each, reason in bare.items()}
    return {each: (reason, BY_HAND) for each, reason in misled(tree.occurrences, planned).items()}


def _fates(
    tree: Tree, rules: Rules, excluded: Mapping[str, tuple[str, str]], held: Mapping[Occurrence, tuple[str, str]]
) -> tuple[list[Change], list[Left]]:
    """What becomes of each name; not in files that are excluded, nor where something holds it."""
    chosen, left = choose(tree.occurrences, rules)
    changes = []
    for change in chosen:
        fault = held.get(change.occurrence) or excluded.get(change.occurrence.file)
        if fault is None:
            changes.append(change)
        elif change.is_needed:
            left.append(Left(occurrence=change.occurrence, reason=fault[0], hint=fault[1]))
    reasons = {each: excluded[each.file][0] for each in tree.occurrences if each.coupled_to and each.file in excluded}
    reasons |= {each: reason for each, (reason, _) in held.items()}
    changes, left = couple(*follow(*share(changes, left), rules.target), tree.occurrences, reasons)
    return [change for change in changes if change.occurrence.file not in excluded], left


def _planned(tree: Tree, changes: Sequence[Change]) -> tuple[list[PlannedFile], dict[str, tuple[str, str]]]:
    """The files of some changes, and those that do not hold what was found in them."""
    by_file: dict[str, list[Change]] = {}
    for change in changes:
        if change.is_needed:
            by_file.setdefault(change.occurrence.file, []).append(change)
    planned, unfit = [], {}
    for name, mine in by_file.items():
        path = tree.file(name)
        try:
            _check_name(f"{tree.name}/{name}")
            old = files.read(path)
            edits = edits_of(mine, File(old))
            new = splice(old, edits)
        except FileError as error:
            unfit[name] = (error.message, error.hint)
            continue
        planned.append(
            PlannedFile(
                root=tree.folder,
                name=name,
                path=path,
                shown=tree.shown(name),
                old=old,
                new=new,
                edits=edits,
                changes=tuple(mine),
            )
        )
    return planned, unfit


def _check_name(path: str) -> None:
    """Raises FileError for a file that the record cannot name, and so nobody could put back."""
    try:
        path.encode()
    except UnicodeEncodeError:
        raise FileError(
            "the file's name is not UTF-8, and cannot stand in the record of rewrites", hint="rename it"
        ) from None


def _unfit(tree: Tree, planned: Sequence[PlannedFile], after: Sequence[Occurrence]) -> dict[str, tuple[str, str]]:
    """Files that would say something else than planned, with the reason."""
    before, now = _by_file(tree.occurrences), _by_file(after)
    by_name = {file.name: file for file in planned}
    unfit = {}
    for name in sorted(before.keys() | now.keys()):
        file = by_name.get(name)
        fault = changed_otherwise(before.get(name, ()), now.get(name, ()), file.edits if file else ())
        if not fault and file:
            fault = yaml_changed_otherwise(file.old, file.new, file.edits)
        if not fault:
            continue
        reason = f"rewriting it would change more than the reference: {name}, {fault}"
        # A file that none of the edits stands in changes through what another one says: then none of them can stay.
        unfit.update(dict.fromkeys([name] if file else by_name, (reason, _REPORT_IT)))
    return unfit


def _by_file(occurrences: Sequence[Occurrence]) -> dict[str, list[Occurrence]]:
    found: dict[str, list[Occurrence]] = {}
    for occurrence in occurrences:
        found.setdefault(occurrence.file, []).append(occurrence)
    return found


def _is_there_now(left: Left, after: Sequence[Occurrence]) -> bool:
    """Whether a name that stays says the target all the same, through a variable that was rewritten elsewhere.

    Rewriting moves no line.
    """
    mine = left.occurrence
    return left.fails and any(
        found.rehosted_from is not None
        and mine.rehosted_from is None
        and (found.file, found.line, found.raw, found.context) == (mine.file, mine.line, mine.raw, mine.context)
        for found in after
    )


def _held_back(change: Change, *, counts: bool) -> Left:
    return Left(
        occurrence=change.occurrence,
        reason="another reference of this workshop stays, and it was asked for all or nothing",
        hint="see the other reasons, or run without --all-or-nothing",
        counts=counts,
        shared=True,
    )


def _place(left: Left) -> tuple[str, int, int]:
    part = left.occurrence.parts[0]
    return left.occurrence.file, part.line, part.column
