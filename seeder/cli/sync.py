"""`seeder sync`: pin, copy, verify, rewrite."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    from collections.abc import Iterator

    from seeder.report.note import Note
    from seeder.report.syncing import Bytes
    from seeder.run.project import Project
    from seeder.run.rewrite import Order
    from seeder.run.sync import Synced


_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")


class RewriteTo(StrEnum):
    """What happens to the files of the workshops."""

    NONE = "none"
    IN_PLACE = "in-place"
    OUTPUT_DIR = "output-dir"


def _engines(incomplete: str) -> list[str]:
    from seeder.run.engines import ENGINES  # noqa: PLC0415

    return [name for name in ENGINES if name.startswith(incomplete)]


def sync(
    ctx: typer.Context,
    path: CatalogArgument,
    *,
    update: Annotated[bool, typer.Option("--update", help="Ask for every tag again, by HEAD, and move pins.")] = False,
    frozen: Annotated[
        bool, typer.Option("--frozen", help="Take the lock as it is: never pin, never write it.")
    ] = False,
    rewrite: Annotated[
        RewriteTo | None,
        typer.Option("--rewrite", help="Point the workshops at what was verified; the catalog's `rewrite` without it."),
    ] = None,
    output_dir: Annotated[
        Path | None,
        typer.Option("--output-dir", metavar="DIR", help="Where `--rewrite output-dir` puts the trees."),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            "--engine",
            metavar="NAME",
            help="What copies: direct or skopeo.",
            show_default=False,
            autocompletion=_engines,
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="oci:PATH",
            help="Take all images from this folder or tar, not from their registries.",
            show_default=False,
        ),
    ] = None,
    image_timeout: Annotated[
        float, typer.Option("--image-timeout", metavar="SECONDS", min=1, help="The longest that one image may take.")
    ] = 3600,
    wait: Annotated[
        str,
        typer.Option(
            "--wait", metavar="DURATION", help="Wait so long, in all, for the quota: 90s, 30m, 6h.", show_default=False
        ),
    ] = "0",
    store_lock: Annotated[
        bool | None,
        typer.Option(
            "--store-lock/--no-store-lock",
            help="Keep the lock at the target too, as an artifact; `store_lock` of the target without it.",
            show_default=False,
        ),
    ] = None,
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
    project = open_project(path, lock=lock, settings=settings)
    options = Options(
        target=target,
        variables=variables_of(set_),
        update=None if update else (),
        frozen=frozen,
        rewrite=_order(project, rewrite, output_dir),
        engine=_engine(engine),
        image_timeout=image_timeout,
        source=_folder(source),
        wait=_seconds(wait),
        store_lock=store_lock,
    )
    done = run(project, settings, options, watch(settings))
    code = _exit_code(done)
    result = report.document("sync", code, **_fields(done))
    emit_outcomes(result, settings, fmt=fmt, report_file=report_file, outcomes=done.outcomes)
    tell(_notes(done, code))
    return code


def _engine(name: str | None) -> str:
    from seeder.run.engines import DEFAULT, ENGINES  # noqa: PLC0415

    if name is not None and name not in ENGINES:
        raise typer.BadParameter(f"there is no engine {name!r}; there is: {', '.join(ENGINES)}", param_hint="--engine")
    return name or DEFAULT


def _seconds(text: str) -> float:
    """`90`, `90s`, `30m`, `1h30m` as seconds."""
    match = _DURATION.fullmatch(text)
    if match is None or not text:
        raise typer.BadParameter(f"{text!r}: write 90s, 30m, 6h or 1h30m", param_hint="--wait")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600.0 + minutes * 60 + seconds


def _folder(source: str | None) -> Path | None:
    if source is None:
        return None
    kind, _, path = source.partition(":")
    if kind not in {"oci", "oci-archive"} or not path:
        raise typer.BadParameter(f"{source!r}: write oci: and the folder or tar of an OCI layout", param_hint="--from")
    return Path(path)


def _order(project: Project, rewrite: RewriteTo | None, output_dir: Path | None) -> Order | None:
    """What the options ask for; None leaves it to the catalog."""
    if output_dir is not None and rewrite is not RewriteTo.OUTPUT_DIR:
        raise typer.BadParameter("--output-dir goes with --rewrite output-dir")
    if rewrite is None:
        return None
    from seeder.run.rewrite import Mode, Order  # noqa: PLC0415 - a run that only copies pays for no rewriting

    match rewrite:
        case RewriteTo.IN_PLACE:
            return Order(mode=Mode.IN_PLACE)
        case RewriteTo.OUTPUT_DIR:
            named = project.catalog.output_dir
            return Order(mode=Mode.OUTPUT_DIR, output=output_dir or (project.path.parent / named if named else None))
        case RewriteTo.NONE:
            return Order(mode=Mode.LOOK)


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
    from seeder.report.rewriting import left_notes, rewritten_note  # noqa: PLC0415
    from seeder.report.syncing import notes, stored_note, total  # noqa: PLC0415

    looked, rewritten = done.looked, done.rewritten
    yield from notes(done.outcomes, looked.places, looked.unresolved, looked.unread)
    if rewritten is not None:
        yield from left_notes(rewritten.left)
        yield rewritten_note(rewritten.changes, rewritten.left, looked=False)
    if done.stored is not None:
        yield stored_note(done.stored)
    yield total(done.outcomes, done.quotas, _bytes(done), pulls=done.pulls, exit=code)


def _bytes(done: Synced) -> Bytes:
    return (None, None) if done.traffic.is_silent else (done.traffic.moved, done.traffic.saved)
