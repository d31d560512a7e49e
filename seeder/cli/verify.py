"""`seeder verify`: does the target serve every pin whole?"""

from __future__ import annotations

from typing import Annotated

import typer

from seeder.cli.options import (
    CatalogArgument,
    Format,
    FormatOption,
    LockOption,
    ReportOption,
    TargetOption,
    settings_of,
)


def verify(
    ctx: typer.Context,
    path: CatalogArgument,
    *,
    deep: Annotated[bool, typer.Option("--deep", help="Also read and hash every blob.")] = False,
    target: TargetOption = None,
    fmt: FormatOption = Format.TABLE,
    report_file: ReportOption = None,
    lock: LockOption = None,
) -> int:
    """Check that the target serves every pin whole: manifests read and hashed, blobs asked for by HEAD and size.

    Only the target is asked.
    """
    from seeder.report.outcomes import emit_outcomes
    from seeder.report.output import document
    from seeder.report.syncing import verify_code, verify_fields, verify_notes
    from seeder.run.project import open_project
    from seeder.run.verify import check

    settings = settings_of(ctx)
    done = check(open_project(path, lock=lock, settings=settings), settings, target, deep=deep)
    code = verify_code(done)
    result = document("verify", code, **verify_fields(done))
    told = done.outcomes if done.stopped is None else ()
    emit_outcomes(result, settings, fmt=fmt, report_file=report_file, outcomes=told, notes=verify_notes(done, code))
    return code
