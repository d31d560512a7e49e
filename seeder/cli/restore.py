"""`seeder restore`: undo what rewrite did."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from seeder.cli.options import CatalogArgument, Format, FormatOption, LockFileOption, ReportOption


def restore(
    path: CatalogArgument,
    *,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; end with 1 if a file would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show a unified diff, and write nothing.")] = False,
    fmt: FormatOption = Format.TABLE,
    report_file: ReportOption = None,
    lock: LockFileOption = None,
) -> int:
    """Put back what stood in the workshops before seeder rewrote them, byte for byte.

    Works from the record beside the catalog. A place whose text was changed since stays as it is, is listed, and ends
    with 1.
    """
    from seeder.report.diff import diffs
    from seeder.report.output import document, emit
    from seeder.report.restoring import restored_fields, restored_notes, restored_table
    from seeder.run.project import open_project
    from seeder.run.restore import restore as run

    looked = check or diff
    done = run(open_project(path, lock=lock), write=not looked)
    code = 1 if check and done.files else done.exit_code
    result = document("restore", code, **restored_fields(done))
    text = partial(diffs, done.files) if diff else partial(restored_table, done)
    emit(result, fmt=fmt, report_file=report_file, table=text, notes=restored_notes(done, looked=looked))
    return code
