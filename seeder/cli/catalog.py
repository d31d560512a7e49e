"""`seeder catalog`: start, check and describe catalogs."""

from __future__ import annotations

import sys

import typer

from seeder.cli.options import CatalogArgument, Format, FormatOption, LockOption, ReportOption

app = typer.Typer(
    help="Start, check and describe catalogs.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def catalog() -> None:
    """Start, check and describe catalogs."""


@app.command("check")
def check(
    path: CatalogArgument,
    fmt: FormatOption = Format.TABLE,
    report_file: ReportOption = None,
    lock: LockOption = None,
) -> None:
    """Say whether a catalog and its lock can be used; asks no registry.

    All that is wrong is told at once, with line and key, and ends with 2.
    """
    from seeder import report  # noqa: PLC0415
    from seeder.run.check import check as checked  # noqa: PLC0415
    from seeder.run.project import open_project  # noqa: PLC0415

    found = checked(open_project(path, lock=lock))
    project = found.project
    counts = {
        "workshop": len(found.trees),
        "image": len(project.catalog.images),
        "target": len(project.catalog.targets),
        "pin": len(project.lock.pins),
    }
    told = ", ".join(f"{count} {what}{'' if count == 1 else 's'}" for what, count in counts.items())
    lines = [f"{path}: valid; {told}", *(f"{path}: {note}" for note in found.notes)]
    result = report.document(
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
    report.emit(result, fmt=fmt, report_file=report_file, table=lambda: "\n".join(lines) + "\n")


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of catalogs, for editors.

    Keep it as a file and name that in the catalog's first line: # yaml-language-server: $schema=catalog.schema.json
    """
    from seeder.documents.schema import rendered  # noqa: PLC0415

    sys.stdout.write(rendered())
