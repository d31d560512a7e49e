"""`seeder rewrite`: point workshop files at the target."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seeder.cli.options import (
    CatalogArgument,
    Format,
    FormatOption,
    LockOption,
    ReportOption,
    SetOption,
    TargetOption,
    settings_of,
    variables_of,
)

if TYPE_CHECKING:
    from seeder.run.project import Project
    from seeder.run.rewrite import Mode


def rewrite(
    ctx: typer.Context,
    path: CatalogArgument,
    *,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; end with 1 if a file would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show a unified diff; alone, write nothing.")] = False,
    in_place: Annotated[bool, typer.Option("--in-place", help="Change the files where they stand.")] = False,
    output_dir: Annotated[
        Path | None,
        typer.Option("--output-dir", metavar="DIR", help="Write changed copies of the whole trees to this new folder."),
    ] = None,
    all_or_nothing: Annotated[
        bool,
        typer.Option("--all-or-nothing", help="Leave a workshop alone unless all its references can be rewritten."),
    ] = False,
    target: TargetOption = None,
    set_: SetOption = [],
    fmt: FormatOption = Format.TABLE,
    report_file: ReportOption = None,
    lock: LockOption = None,
) -> int:
    """Point workshop files at the target, by the lock.

    A reference is rewritten only if it is pinned; what stays is listed with the reason, and ends with 1. Only the bytes
    of references change, and `seeder restore` puts them back.
    """
    from seeder.errors import UsageError
    from seeder.report.diff import diffs
    from seeder.report.output import document, emit
    from seeder.report.rewriting import change_table, rewrite_notes, rewriting_document
    from seeder.report.unread import unread_notes
    from seeder.run.project import open_project
    from seeder.run.rewrite import Mode, Order
    from seeder.run.rewrite import rewrite as run

    project = open_project(path, lock=lock, settings=settings_of(ctx))
    mode, output = _where(project, look=check or diff, in_place=in_place, output_dir=output_dir)
    if check and mode is not Mode.LOOK:
        raise UsageError("--check writes nothing", hint="leave --in-place and --output-dir out")
    order = Order(mode=mode, output=output, all_or_nothing=all_or_nothing, variables=variables_of(set_))
    done = run(project, project.target(target), order)
    code = 1 if check and done.files else done.exit_code
    result = document("rewrite", code, target=done.target.name, **rewriting_document(done))
    text = partial(diffs, done.files) if diff else partial(change_table, done.changes)
    notes = [*unread_notes(done.unread), *rewrite_notes(done)]
    emit(result, fmt=fmt, report_file=report_file, table=text, notes=notes)
    return code


def _where(project: Project, *, look: bool, in_place: bool, output_dir: Path | None) -> tuple[Mode, Path | None]:
    """What the options ask for, else what the catalog's `rewrite:` does."""
    from seeder.errors import UsageError
    from seeder.run.rewrite import Mode, mode_of

    if in_place and output_dir is not None:
        raise UsageError("--in-place and --output-dir exclude each other", hint="leave one of them out")
    if in_place:
        return Mode.IN_PLACE, None
    if output_dir is not None:
        return Mode.OUTPUT_DIR, output_dir
    if look:
        return Mode.LOOK, None
    mode, output = mode_of(project)
    if mode is Mode.LOOK:
        raise UsageError(
            "it is not said where to write",
            hint="add --in-place or --output-dir DIR; --diff and --check only look; or set `rewrite: {mode: in-place}`",
        )
    return mode, output
