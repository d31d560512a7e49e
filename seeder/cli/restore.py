"""`seeder restore`: undo what rewrite did."""

from __future__ import annotations

import logging
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
    from seeder import report  # noqa: PLC0415
    from seeder.report.diff import is_coloured, unified  # noqa: PLC0415
    from seeder.report.note import Note, tell  # noqa: PLC0415
    from seeder.report.rewriting import changed_note, restored_document, restored_table  # noqa: PLC0415
    from seeder.run.project import open_project  # noqa: PLC0415
    from seeder.run.restore import restore as run  # noqa: PLC0415

    looked = check or diff
    done = run(open_project(path, lock=lock), write=not looked)
    code = 1 if check and done.files else done.exit_code
    result = report.document(
        "restore",
        code,
        restored=[each for file in done.files for each in restored_document(file.shown, file.edits)],
        kept=[
            {"place": each.place, "written": each.span.written, "original": each.span.original, "reason": each.reason}
            for each in done.kept
        ],
    )
    diffs = "".join(unified(file.shown, file.old, file.new, coloured=is_coloured()) for file in done.files)
    report.emit(
        result, fmt=fmt, report_file=report_file, table=lambda: diffs if diff else restored_table(result["restored"])
    )
    verb = "would be put back" if looked else "put back"
    for kept in done.kept:
        said = f"{kept.place}: {kept.span.written} stays: {kept.reason}"
        tell(
            [
                Note(
                    message=said,
                    level=logging.WARNING,
                    hint=kept.hint,
                    fields={"event": "left", "places": [kept.place]},
                )
            ]
        )
    tell([changed_note(len(result["restored"]), len(done.files), len(done.kept), verb)])
    return code
