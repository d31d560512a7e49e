"""`seeder why`."""

from __future__ import annotations

from typing import Annotated

import typer

from seeder.cli.options import Format, FormatOption, ReportOption, SetOption, SourcesArgument, settings_of, variables_of
from seeder.report.output import emit
from seeder.report.scan import why_document, why_text
from seeder.run.scan import why as run_why


def why(
    ctx: typer.Context,
    reference: Annotated[
        str, typer.Argument(metavar="REFERENCE", help="The image; without tag and digest, all of its repository.")
    ],
    paths: SourcesArgument,
    set_: SetOption = [],
    fmt: FormatOption = Format.TABLE,
    report_file: ReportOption = None,
) -> int:
    """Show where one reference comes from: every place that names it, in any spelling, and who pulls it there.

    Ends with 1 where no file names it.
    """
    found, near = run_why(reference, paths, variables_of(set_), settings_of(ctx))
    code = 0 if found else 1
    emit(
        why_document(reference, found, exit_code=code),
        fmt=fmt,
        report_file=report_file,
        table=lambda: why_text(reference, found, near),
    )
    return code
