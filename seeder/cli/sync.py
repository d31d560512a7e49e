"""`seeder sync`: pin, copy, verify, rewrite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    settings_of,
    variables_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seeder.report.note import Note
    from seeder.report.syncing import Bytes
    from seeder.run.sync import Synced


def sync(
    ctx: typer.Context,
    path: CatalogArgument,
    *,
    update: only.UpdateOption = False,
    frozen: only.FrozenOption = False,
    rewrite: only.RewriteOption = None,
    output_dir: only.OutputOption = None,
    engine: only.EngineOption = "",
    source: only.FromOption = None,
    image_timeout: only.TimeoutOption = 3600,
    wait: only.WaitOption = None,
    store_lock: only.StoreLockOption = None,
    target: TargetOption = None,
    set_: SetOption = [],  # noqa: B006 - Typer's way
    fmt: FormatOption = Format.TABLE,
    report_file: ReportOption = None,
    lock: LockOption = None,
) -> int:
    """Pin what is not pinned, copy what is missing, verify it and, if asked to, rewrite.

    One image that fails does not stop the others. With a full lock and a full target, nothing is asked of the source.
    """
    from seeder import report  # noqa: PLC0415
    from seeder.report.note import tell  # noqa: PLC0415
    from seeder.report.progress import watch  # noqa: PLC0415
    from seeder.report.syncing import emit_outcomes  # noqa: PLC0415
    from seeder.run.project import open_project  # noqa: PLC0415
    from seeder.run.sync import Options  # noqa: PLC0415
    from seeder.run.sync import sync as run  # noqa: PLC0415

    if update and frozen:
        raise typer.BadParameter("--update and --frozen exclude each other")
    settings = settings_of(ctx)
    project = open_project(path, lock=lock, settings=settings if frozen else None)
    options = Options(
        target=target,
        variables=variables_of(set_),
        update=None if update else (),
        frozen=frozen,
        rewrite=only.order(project, rewrite, output_dir),
        engine=engine,
        image_timeout=image_timeout,
        source=source,
        wait=wait or 0,
        store_lock=store_lock,
    )
    done = run(project, settings, options, watch(settings))
    code = _exit_code(done)
    result = report.document("sync", code, **_fields(done))
    emit_outcomes(result, settings, fmt=fmt, report_file=report_file, outcomes=done.outcomes)
    tell(_notes(done, code))
    return code


def _exit_code(done: Synced) -> int:
    from seeder.report.exit_code import decide, of_outcomes  # noqa: PLC0415

    rewritten = done.rewritten.exit_code if done.rewritten else 0
    return decide([of_outcomes(done.outcomes), rewritten, of_outcomes([done.stored] if done.stored else [])])


def _fields(done: Synced) -> dict[str, Any]:
    from seeder.report.outcomes import outcome_document  # noqa: PLC0415
    from seeder.report.syncing import bytes_fields, look_fields, outcome_fields  # noqa: PLC0415

    return {
        **outcome_fields(done.outcomes, done.quotas, done.pulls, done.target.name, done.looked.places),
        **bytes_fields(*_bytes(done)),
        **look_fields(done.looked.unresolved, done.looked.unread),
        "rewrite": _rewrite_field(done),
        "lock": outcome_document(done.stored) if done.stored else None,
    }


def _rewrite_field(done: Synced) -> dict[str, Any] | None:
    rewritten = done.rewritten
    if rewritten is None:
        return None
    from seeder.report.rewriting import rewriting_document  # noqa: PLC0415

    return rewriting_document(
        rewritten.changes,
        rewritten.left,
        rewritten.unread,
        mode=rewritten.mode.value,
        written=[str(path) for path in rewritten.written],
    )


def _notes(done: Synced, code: int) -> Iterator[Note]:
    from seeder.report.syncing import notes, stored_note, total  # noqa: PLC0415

    looked, rewritten = done.looked, done.rewritten
    yield from notes(done.outcomes, looked.places, looked.unresolved, looked.unread)
    if rewritten is not None:
        from seeder.report.rewriting import left_notes, rewritten_note  # noqa: PLC0415

        yield from left_notes(rewritten.left)
        yield rewritten_note(rewritten.changes, rewritten.left, looked=False)
    if done.stored is not None:
        yield stored_note(done.stored)
    yield total(done.outcomes, done.quotas, _bytes(done), pulls=done.pulls, exit=code)


def _bytes(done: Synced) -> Bytes:
    return (None, None) if done.traffic.is_silent else (done.traffic.moved, done.traffic.saved)
