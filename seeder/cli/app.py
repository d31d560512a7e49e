"""The command line: global options, and the one place that turns errors into text and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from seeder import __version__
from seeder.cli import failures
from seeder.cli.lazy import LazyGroup
from seeder.cli.options import Invocation, noted
from seeder.cli.signals import orderly
from seeder.errors import SeederError, StoppedError, UsageError
from seeder.settings import LogFormat, LogLevel, Settings

_EXAMPLES = """\b
Examples:
  seeder demo                                  the story, on this machine
  seeder scan workshops/                       what do these workshops pull?
  seeder catalog init workshops/               write a first catalog.yaml
  seeder sync --rewrite in-place catalog.yaml  copy, point the workshops there

\b
Exit codes:
  0 done  1 some failed, or findings  2 usage, catalog or lock is wrong
  4 later: the pull quota is spent  3 a bug in seeder  130, 143 stopped
"""

app = typer.Typer(
    name="seeder",
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog=_EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"seeder {__version__}\n")
        raise typer.Exit


@app.callback()
def seeder(
    ctx: typer.Context,
    log_level: Annotated[
        LogLevel, typer.Option("--log-level", help="The least that is logged to stderr.")
    ] = LogLevel.INFO,
    log_format: Annotated[
        LogFormat, typer.Option("--log-format", help="Text for people, or a JSON object a line.", callback=noted)
    ] = LogFormat.TEXT,
    no_progress: Annotated[bool, typer.Option("--no-progress", help="Show no progress.")] = False,
    version: Annotated[  # noqa: ARG001 - its callback does the work
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Seeds the images of training workshops ahead of the class, and points the workshops at them."""
    from seeder.cli import logs  # logging is not needed for --help

    settings = Settings.of(
        os.environ,
        log_level=log_level,
        log_format=log_format,
        progress=not no_progress,
        terminal=sys.stderr.isatty(),
    )
    ctx.ensure_object(Invocation).settings = settings
    logs.configure(settings)


def main(argv: Sequence[str]) -> int:
    """Runs one command and returns its exit code (design §2).

    Precedence where several hold is that of `report.exit_code`; here each error ends the run with its own.
    """
    invocation = Invocation()
    try:
        with orderly():
            try:
                return failures.flushed(_run(argv, invocation))
            except StoppedError as stopped:  # what supervisors send again is not heard while this is told either
                return failures.stopped(stopped, invocation)
    except SeederError as error:
        return failures.expected(error, invocation)
    except TyperException as error:
        return failures.usage(error, invocation)
    except Exception as error:  # noqa: BLE001 - a bug: its traceback is what its report needs
        return failures.bug(error, invocation)


def _run(argv: Sequence[str], invocation: Invocation) -> Any:
    if "" in argv:  # as a path it would be the folder that seeder runs in
        raise UsageError("an argument is empty", hint="is it a variable of the shell without a value?")
    out, err = sys.stdout, sys.stderr
    try:
        return app(args=list(argv), prog_name="seeder", standalone_mode=False, obj=invocation)
    except SystemExit as ended:  # how Typer ends at a broken pipe, having wrapped both streams
        sys.stdout, sys.stderr = out, err
        if isinstance(ended.__context__, BrokenPipeError):
            raise ended.__context__ from None
        return ended.code
    except typer.Abort:
        raise StoppedError(130) from None
