"""`seeder scan`."""

from __future__ import annotations

from typing import Annotated

import typer

from seeder.cli.options import Format, FormatOption, ReportOption, SetOption, SourcesArgument, settings_of, variables_of
from seeder.report.output import emit
from seeder.report.scan import scan_document, scan_text
from seeder.run.scan import scan as run_scan


def scan(
    ctx: typer.Context,
    paths: SourcesArgument,
    include_all: Annotated[
        bool, typer.Option("--all", help="Also list what only looks like a reference, with the reason.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="End with 1 if a file was not understood.")] = False,
    set_: SetOption = [],
    fmt: FormatOption = Format.TABLE,
    report_file: ReportOption = None,
) -> int:
    """List every image that workshops pull, and where they name it.

    Reads Workshop resources, Kubernetes manifests, compose, Dockerfiles, Helm, kustomize, vendir, scripts and pages.
    Nothing is asked of the network,
    except for oci://HOST/REPOSITORY:TAG, the files that a workshop was published with: one pull.
    """
    found = run_scan(paths, variables_of(set_), include_all=include_all, settings=settings_of(ctx))
    code = 1 if strict and found.unread else 0
    emit(scan_document(found, exit_code=code), fmt=fmt, report_file=report_file, table=lambda: scan_text(found))
    return code
