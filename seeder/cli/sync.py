"""`seeder sync`: pin, copy, verify, rewrite."""

from __future__ import annotations

import typer

from seeder.cli import sync_options as only
from seeder.cli.options import (
    CatalogArgument,
    Format,
    FormatOption,
    LockOption,
    ReportOption,
    SetOption,
    TargetOption,
    references_of,
    settings_of,
    variables_of,
)


def sync(
    ctx: typer.Context,
    path: CatalogArgument,
    references: only.ReferencesArgument = None,
    *,
    update: only.UpdateOption = False,
    frozen: only.FrozenOption = False,
    rewrite: only.RewriteOption = None,
    output_dir: only.OutputOption = None,
    engine: only.EngineOption = "",
    source: only.FromOption = None,
    concurrency: only.ConcurrencyOption = 32,
    image_timeout: only.TimeoutOption = 3600,
    wait: only.WaitOption = None,
    store_lock: only.StoreLockOption = None,
    target: TargetOption = None,
    set_: SetOption = [],
    fmt: FormatOption = Format.TABLE,
    report_file: ReportOption = None,
    lock: LockOption = None,
) -> int:
    """Pin what is not pinned, copy what is missing, verify it and, if asked to, rewrite.

    One image that fails does not stop the others. With a full lock and a full target, nothing is asked of the source.
    With references, these alone are pinned, copied and verified; files stay as they are.
    """
    from seeder.report.outcomes import emit_outcomes
    from seeder.report.output import document
    from seeder.report.progress import watch
    from seeder.report.syncing import sync_code, sync_fields, sync_notes
    from seeder.run.project import open_project
    from seeder.run.sync import Options
    from seeder.run.sync import sync as run

    if update and frozen:
        raise typer.BadParameter("--update and --frozen exclude each other")
    if references and (store_lock or rewrite not in {None, only.RewriteTo.NONE}):
        raise typer.BadParameter("references go without --rewrite and --store-lock, which are for all images")
    settings = settings_of(ctx)
    project = open_project(path, lock=lock, settings=settings if frozen else None)
    options = Options(
        target=target,
        only=references_of(references or []),
        variables=variables_of(set_),
        update=None if update else (),
        frozen=frozen,
        rewrite=only.order(project, only.RewriteTo.NONE if references else rewrite, output_dir),
        engine=engine,
        concurrency=concurrency,
        image_timeout=image_timeout,
        source=source,
        wait=wait or 0,
        store_lock=False if references else store_lock,
    )
    done = run(project, settings, options, watch(settings))
    code = sync_code(done)
    result = document("sync", code, **sync_fields(done))
    told = done.outcomes if done.stopped is None else ()
    emit_outcomes(result, settings, fmt=fmt, report_file=report_file, outcomes=told, notes=sync_notes(done, code))
    return code
