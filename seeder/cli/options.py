"""Options that several commands share, and what a command gets from the global ones."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from msgspec import Struct

from seeder.settings import LogFormat, Settings

if TYPE_CHECKING:
    from seeder.model.reference import ImageReference


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"


class Invocation(Struct, kw_only=True):
    """What is known of this run so far, as its options are read: how and where an early failure is told."""

    log_format: LogFormat = LogFormat.TEXT
    settings: Settings | None = None
    command: str = ""
    format: str = Format.TABLE
    report: Path | None = None


def settings_of(ctx: typer.Context) -> Settings:
    """The settings that the global options made; commands take `ctx: typer.Context` and ask for them here."""
    invocation = ctx.find_object(Invocation)
    if invocation is None or invocation.settings is None:
        return Settings()
    return invocation.settings


def variables_of(given: list[str]) -> dict[str, str]:
    """What `--set` gave, `NAME=VALUE` each; a name that is given twice has its last value."""
    variables = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"{text!r}: write NAME=VALUE", param_hint="--set")
        variables[name] = value
    return variables


def references_of(texts: list[str]) -> tuple[ImageReference, ...]:
    from seeder.errors import InvalidReferenceError
    from seeder.model.reference import ImageReference

    try:
        return tuple(map(ImageReference.parse, texts))
    except InvalidReferenceError as error:
        raise typer.BadParameter(str(error)) from error


def noted(ctx: typer.Context, param: Any, value: Any) -> Any:
    """Remembers an option that says how or where to tell things, so that errors too are told that way."""
    invocation = ctx.find_object(Invocation)
    if invocation is not None and not ctx.resilient_parsing:
        invocation.command = "-".join(ctx.command_path.split(" ")[1:])
        setattr(invocation, param.opts[0].lstrip("-").replace("-", "_"), value)
    return value


FormatOption = Annotated[
    Format, typer.Option("--format", help="What is written to stdout: a table, or JSON.", callback=noted)
]
ReportOption = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", help="Write the JSON to this file as well.", callback=noted),
]
TargetOption = Annotated[
    str | None, typer.Option("--target", metavar="NAME", help="The target to use; the catalog's first without it.")
]
SetOption = Annotated[
    list[str], typer.Option("--set", metavar="N=V", help="Give the workshops' variable N the value V; repeatable.")
]
_LOCK = "The lock, where it does not stand beside the catalog"
LockOption = Annotated[Path | None, typer.Option("--lock", metavar="FILE", help=f"{_LOCK}; oci://… for a stored one.")]
LockFileOption = Annotated[Path | None, typer.Option("--lock", metavar="FILE", help=f"{_LOCK}.")]
CatalogArgument = Annotated[Path, typer.Argument(metavar="CATALOG", help="The catalog file.", show_default=False)]
PathsArgument = Annotated[
    list[Path], typer.Argument(metavar="PATH…", help="Workshop folders or files.", show_default=False)
]
SourcesArgument = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH…",
        help="Workshop folders or files, or oci://HOST/REPOSITORY:TAG for published ones.",
        show_default=False,
    ),
]
