"""`seeder pin`: tags to digests, into the lock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from seeder.cli.options import (
    CatalogArgument,
    Format,
    FormatOption,
    LockFileOption,
    ReportOption,
    SetOption,
    references_of,
    settings_of,
    variables_of,
)

if TYPE_CHECKING:
    from seeder.model.copy import Pulls
    from seeder.model.quota import Quota
    from seeder.model.reference import ImageReference


def pin(
    ctx: typer.Context,
    path: CatalogArgument,
    references: Annotated[
        list[str] | None,
        typer.Argument(metavar="[REF…]", help="With --update: only these are asked again.", show_default=False),
    ] = None,
    *,
    update: Annotated[
        bool, typer.Option("--update", help="Ask again for what the tags name now, and move their pins.")
    ] = False,
    frozen: Annotated[
        bool, typer.Option("--frozen", help="Only check that the lock has every pin; ask and write nothing.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Ask, but write nothing; end with 1 if the lock would change.")
    ] = False,
    read_manifests: Annotated[
        bool,
        typer.Option("--read-manifests", help="Also read platforms and sizes; says first how many pulls that costs."),
    ] = False,
    set_: SetOption = [],
    fmt: FormatOption = Format.TABLE,
    report_file: ReportOption = None,
    lock: LockFileOption = None,
) -> int:
    """Ask for the digest behind each tag, by HEAD, which is free, and write the lock.

    What the lock has already stays as it is, without --update. With --update and --check: have tags moved since?
    """
    from seeder.report.looking import look_fields, look_notes
    from seeder.report.output import document, emit
    from seeder.report.pinning import pin_code, pin_fields, pin_notes, pin_table
    from seeder.run.pin import Options
    from seeder.run.pin import pin as run
    from seeder.run.project import open_project

    if (update or read_manifests) and frozen:
        raise typer.BadParameter("--frozen excludes --update and --read-manifests")
    if check and (frozen or read_manifests):
        raise typer.BadParameter("--check excludes --frozen and --read-manifests")
    asked = _asked(references or [], update=update)
    options = Options(update=asked, frozen=frozen, check=check, read_manifests=read_manifests)
    project = open_project(path, lock=lock)
    done, looked = run(project, settings_of(ctx), options, variables_of(set_), _announce)
    code = pin_code(done, project.catalog)
    result = document("pin", code, lock=str(project.lock_path), **pin_fields(done), **look_fields(looked))
    emit(
        result,
        fmt=fmt,
        report_file=report_file,
        table=lambda: "" if done.stopped else pin_table(done),
        notes=[*([] if done.stopped else look_notes(looked)), *pin_notes(done)],
    )
    return code


def _asked(references: list[str], *, update: bool) -> tuple[ImageReference, ...] | None:
    """() for nothing, None for every tag, else the references to ask again."""
    if not update:
        if references:
            raise typer.BadParameter("references go with --update")
        return ()
    return references_of(references) or None


def _announce(pulls: Pulls, quotas: Mapping[str, Quota]) -> None:
    from seeder.report.note import Note, tell
    from seeder.report.plan import pulls_text

    left = "".join(f"; {source} leaves {quota.available}" for source, quota in sorted(quotas.items()))
    tell([Note(message=f"reading manifests takes {pulls_text(pulls)} pulls{left}")])
