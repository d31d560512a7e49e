"""`seeder verify`: does the target serve every pin whole?"""

from __future__ import annotations

import sys
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
    from seeder import report  # noqa: PLC0415
    from seeder.report.exit_code import of_outcomes  # noqa: PLC0415
    from seeder.report.syncing import notes, outcome_fields, outcome_table, total  # noqa: PLC0415
    from seeder.run.project import open_project  # noqa: PLC0415
    from seeder.run.verify import check  # noqa: PLC0415

    done = check(open_project(path, lock=lock), settings_of(ctx), target, deep=deep)
    code = of_outcomes(done.outcomes)
    result = report.document("verify", code, **outcome_fields(done.outcomes, {}, 0, done.target.name, {}))
    report.emit(result, fmt=fmt, report_file=report_file, table=lambda: outcome_table(done.outcomes))
    sys.stderr.write(notes(done.outcomes, {}) + total(done.outcomes, {}))
    return code
