"""`rewrite`: points the files of a catalog's workshops at the target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path, PurePosixPath

from msgspec import Struct, field
from msgspec.structs import replace

from seeder import files
from seeder.errors import FileError, UsageError
from seeder.model.catalog import RewriteMode, TargetKind, TargetSettings
from seeder.model.digest import Digest
from seeder.model.occurrence import Occurrence, Unread
from seeder.model.pin import Lock
from seeder.model.reference import ImageReference
from seeder.model.rewrites import ByFile, Rewrites, RewrittenSpan
from seeder.rewrite.change import Change, Left, PlannedFile
from seeder.rewrite.choose import Rules
from seeder.rewrite.record import recorded
from seeder.run import output, record, trees
from seeder.run.planned import PlannedTree, plan_tree
from seeder.run.project import Project
from seeder.run.tree import Tree
from seeder.syntax.text import File


class Mode(StrEnum):
    """LOOK works everything out and writes nothing."""

    LOOK = "look"
    IN_PLACE = "in-place"
    OUTPUT_DIR = "output-dir"


class Order(Struct, frozen=True, kw_only=True):
    """What is asked for: `output` is where OUTPUT_DIR puts the trees, a folder each.

    `verified` is given inside `sync`: the references that stand whole at the target. `roots` are the digests that
    stand there, by reference, where the run knows better than the lock.
    """

    mode: Mode = Mode.LOOK
    output: Path | None = None
    all_or_nothing: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    verified: frozenset[ImageReference] | None = None
    roots: Mapping[ImageReference, Digest] = field(default_factory=dict)


class Rewritten(Struct, frozen=True, kw_only=True):
    """What was done, or would be: the trees as planned, the files written, and what could not be."""

    target: TargetSettings
    mode: Mode
    trees: tuple[PlannedTree, ...] = ()
    written: tuple[Path, ...] = ()
    faults: tuple[Left, ...] = ()

    @property
    def files(self) -> tuple[PlannedFile, ...]:
        """The files that change, save those that could not be written."""
        faulty = {(each.occurrence.root, each.occurrence.file) for each in self.faults}
        return tuple(file for tree in self.trees for file in tree.files if (tree.tree.root, file.name) not in faulty)

    @property
    def changes(self) -> tuple[Change, ...]:
        return tuple(change for file in self.files for change in file.changes)

    @property
    def left(self) -> tuple[Left, ...]:
        return (*(left for tree in self.trees for left in tree.left), *self.faults)

    @property
    def unread(self) -> tuple[Unread, ...]:
        return tuple(unread for tree in self.trees for unread in tree.tree.unread)

    @property
    def is_done(self) -> bool:
        """False where it was only worked out."""
        return self.mode is not Mode.LOOK

    @property
    def exit_code(self) -> int:
        return 1 if any(each.ends_badly for each in self.left) else 0


def mode_of(project: Project) -> tuple[Mode, Path | None]:
    """What the catalog's `rewrite:` asks for; LOOK where it asks for nothing."""
    match project.catalog.rewrite:
        case RewriteMode.IN_PLACE:
            return Mode.IN_PLACE, None
        case RewriteMode.OUTPUT_DIR:
            return Mode.OUTPUT_DIR, project.path.parent / project.catalog.output_dir
        case RewriteMode.NONE:
            return Mode.LOOK, None


def check(project: Project, target: TargetSettings, order: Order) -> None:
    """Raises UsageError for a target whose name can stand in no file, and without a new folder to write to."""
    if target.kind is not TargetKind.REGISTRY:
        raise UsageError(
            f"targets.{target.name}: files cannot name a target of kind {target.kind}, which nothing pulls from",
            hint="copy it on to a registry, and rewrite to a target of kind registry (--target NAME)",
        )
    if order.mode is Mode.OUTPUT_DIR:
        output.check(_output(order), project)


def rewrite(project: Project, target: TargetSettings, order: Order, *, lock: Lock | None = None) -> Rewritten:
    """Rewrites the trees of a catalog by its lock, or by the one that `sync` has just made.

    Raises UsageError and DocumentError for what has to be changed first, and FileError where nothing could be written
    because the record could not be; what fails for one file or reference alone is told in `left`.
    """
    check(project, target, order)
    pins = (lock or project.lock).by_reference()
    rules = Rules(catalog=project.catalog, target=target, pins=pins, verified=order.verified, roots=order.roots)
    before = record.load(project.rewrites_path)
    found = trees.look(project, order.variables, include_all=True)
    planned = tuple(_planned(project, tree, rules, order) for tree in found)
    written, faults = _carried_out(project, planned, order, before)
    return Rewritten(target=target, mode=order.mode, trees=planned, written=written, faults=faults)


def _carried_out(
    project: Project, planned: Sequence[PlannedTree], order: Order, before: Rewrites
) -> tuple[tuple[Path, ...], tuple[Left, ...]]:
    match order.mode:
        case Mode.LOOK:
            return (), ()
        case Mode.IN_PLACE:
            return _in_place(project, planned, before.by_file())
        case Mode.OUTPUT_DIR:
            return output.write(_output(order), planned)


def _output(order: Order) -> Path:
    if order.output is None:
        raise UsageError("no folder is named to write the trees to", hint="add --output-dir DIR")
    return order.output


def _planned(project: Project, tree: Tree, rules: Rules, order: Order) -> PlannedTree:
    def again(replaced: Mapping[PurePosixPath, bytes]) -> Sequence[Occurrence]:
        found = trees.look_again(project, tree.path, order.variables, replaced)
        return [each for each in found.occurrences if each.file in told]

    told = {each.file for each in tree.occurrences}
    return plan_tree(tree, rules, again, all_or_nothing=order.all_or_nothing)


def _in_place(
    project: Project, planned: Sequence[PlannedTree], before: ByFile
) -> tuple[tuple[Path, ...], tuple[Left, ...]]:
    """Writes the record, then the files, then the record as it is now.

    The first record holds both texts of every span, so that a run that ends at any point can be undone.
    """
    after = {key: spans for tree in planned for key, spans in _recorded(tree, before)}
    if not after:
        return (), ()
    record.save(project.rewrites_path, {**before, **after})
    written: list[Path] = []
    faults: list[Left] = []
    # What is known to have been written or not is settled; a signal may fall between a write and the note of it, so
    # that until then both texts stand in the record.
    settled = {**before, **after}
    try:
        for tree in planned:
            for batch in tree.batches:
                fault = _write(batch)
                keys = [(tree.tree.name, file.name) for file in batch]
                if fault is None:
                    written += [file.path for file in batch]
                    settled |= {key: tuple(replace(span, earlier="") for span in after[key]) for key in keys}
                else:
                    settled |= {key: before.get(key, ()) for key in keys}
                    faults += [left for file in batch for left in _left_by(file, fault)]
    finally:
        record.save(project.rewrites_path, settled)
    return tuple(written), tuple(faults)


def _recorded(tree: PlannedTree, before: ByFile) -> Iterator[tuple[tuple[str, str], tuple[RewrittenSpan, ...]]]:
    """The spans of each file that is to change, as the record will have them."""
    workshop = tree.tree.name
    for file in tree.files:
        key = workshop, file.name
        yield key, recorded(File(file.old), file.edits, file.changes, before.get(key, ()), workshop=workshop)


def _write(batch: Sequence[PlannedFile]) -> FileError | None:
    """Writes files that belong together; where one cannot be written, all are as before. Returns why."""
    for at, file in enumerate(batch):
        try:
            files.replace(file.path, file.old, file.new, root=file.root)
        except FileError as error:
            for done in batch[:at]:
                files.replace(done.path, done.new, done.old, root=done.root)
            return error
    return None


def _left_by(file: PlannedFile, error: FileError) -> list[Left]:
    """What stays in a file; `error` may be about another one that has to change with it."""
    reason = (
        error.message if error.where == str(file.path) else f"it changes together with {error.where}: {error.message}"
    )
    return [Left(occurrence=change.occurrence, reason=reason, hint=error.hint) for change in file.changes]
