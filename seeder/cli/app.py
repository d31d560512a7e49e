"""The command line: global options, and the one place that turns errors into text and exit codes."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence

import typer

from seeder.errors import SeederError, StoppedError

app = typer.Typer(
    name="seeder",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def seeder() -> None:
    """Seeds the images of training workshops ahead of the class, and points the workshops at them."""


def main(argv: Sequence[str]) -> int:
    """Runs one command and returns its exit code (design §2)."""
    try:
        code = app(list(argv), standalone_mode=False)
    except SeederError as error:
        sys.stderr.write(f"error: {error}\n")
        if error.hint:
            sys.stderr.write(f"hint: {error.hint}\n")
        return error.exit_code
    except StoppedError as stopped:
        return stopped.exit_code
    except Exception:  # noqa: BLE001 - a bug: its traceback is what its report needs
        traceback.print_exc()
        return 3
    return code if isinstance(code, int) else 0
