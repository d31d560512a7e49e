"""`seeder plan`: what `sync` would do, and what it costs."""

from __future__ import annotations

from typing import Annotated

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


def plan(
    ctx: typer.Context,
    path: CatalogArgument,
    *,
    update: Annotated[
        bool, typer.Option("--update", help="Plan for what the tags name now; the lock is not written.")
    ] = False,
    target: TargetOption = None,
    set_: SetOption = [],
    fmt: FormatOption = Format.TABLE,
    report_file: ReportOption = None,
    lock: LockOption = None,
) -> int:
    """Show what would be copied, and what it costs in pulls.

    Nothing is fetched or written: tags are asked for by HEAD, which is free. Ends with 4 if it does not fit the quota.
    """
    from seeder.report.output import document, emit
    from seeder.report.plan import plan_code, plan_fields, plan_notes, plan_text
    from seeder.run.plan import Options, work_out
    from seeder.run.project import open_project

    project = open_project(path, lock=lock, settings=settings_of(ctx))
    options = Options(target=target, variables=variables_of(set_), update=None if update else ())
    found = work_out(project, settings_of(ctx), options)
    code = plan_code(found)
    result = document("plan", code, **plan_fields(found))
    emit(
        result,
        fmt=fmt,
        report_file=report_file,
        table=lambda: "" if found.stopped else plan_text(found),
        notes=plan_notes(found),
    )
    return code
