"""`seeder catalog`: start, check and describe catalogs."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

from seeder import files
from seeder.cli.lazy import Command, Group
from seeder.cli.options import (
    CatalogArgument,
    Format,
    FormatOption,
    LockFileOption,
    PathsArgument,
    ReportOption,
    SetOption,
    variables_of,
)
from seeder.documents import draft, schema
from seeder.errors import UsageError
from seeder.numbers import counted
from seeder.report.note import Note, tell
from seeder.report.output import document, emit, write_text
from seeder.run import check, init
from seeder.run.project import open_project

app = typer.Typer(
    cls=Group,
    help="Start, check and describe catalogs.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def _catalog() -> None:
    """Start, check and describe catalogs."""


@app.command("init", cls=Command, short_help="Write a first catalog for workshop trees.")
def _init(
    paths: PathsArgument,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where the catalog is written; - is stdout.")
    ] = Path("catalog.yaml"),
    images: Annotated[
        bool, typer.Option("--images", help="List the images, for a place that has no workshops: the CronJob.")
    ] = False,
    set_: SetOption = [],
) -> None:
    """Write a first catalog for workshop trees; a file that is there already stays.

    Paths in the catalog are relative to it.
    """
    if str(output) != "-" and files.exists(output):
        raise UsageError(f"{output} is there already, and stays as it is", hint="--output FILE names another")
    found = init.draft(paths, output, variables_of(set_), lists_images=images)
    if not found.references:
        tell([Note(message="no images found: are these the folders of workshops?", level=logging.WARNING)])
    if str(output) == "-":
        write_text(draft.render(found).decode())
        return
    files.write_atomic(output, draft.render(found))
    told = f"{counted(len(found.workshops), 'workshop')}, " if found.images is None else ""
    named = found.references if found.images is None else len(found.images)
    write_text(f"wrote {output}: {told}{counted(named, 'image')}\n")
    tell([Note(message=f"next: name a target in it, then `seeder plan {output}`")])


@app.command("check", cls=Command)
def _check(
    path: CatalogArgument,
    fmt: FormatOption = Format.TABLE,
    report_file: ReportOption = None,
    lock: LockFileOption = None,
) -> None:
    """Say whether a catalog and its lock can be used; asks no registry.

    All that is wrong is told at once, with line and key, and ends with 2.
    """
    found = check.check(open_project(path, lock=lock))
    project = found.project
    counts = {
        "workshop": len(found.trees),
        "image": len(project.catalog.images),
        "target": len(project.catalog.targets),
        "pin": len(project.lock.pins),
    }
    told = ", ".join(counted(count, what) for what, count in counts.items())
    lines = [f"{path}: valid; {told}", *(f"{path}: {note}" for note in found.notes)]
    result = document(
        "catalog-check",
        0,
        catalog=str(path),
        name=project.catalog.name,
        workshops=[str(tree) for tree in found.trees],
        images=[str(entry.reference) for entry in project.catalog.images],
        targets=[target.name for target in project.catalog.targets],
        pins=len(project.lock.pins),
        notes=list(found.notes),
    )
    emit(result, fmt=fmt, report_file=report_file, table=lambda: "\n".join(lines) + "\n")


@app.command("schema", cls=Command)
def _schema() -> None:
    """Print the JSON Schema of catalogs, for editors.

    Keep it as a file and name that in the catalog's first line: # yaml-language-server: $schema=catalog.schema.json
    """
    write_text(schema.rendered())
