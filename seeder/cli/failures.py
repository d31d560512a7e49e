"""How each kind of end is told: text or a JSON line on stderr, and the exit code."""

from __future__ import annotations

import errno
import json
import logging
import select
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from typer.exceptions import TyperException

from seeder import __version__, files
from seeder.cli import synonyms
from seeder.cli.lazy import load
from seeder.cli.options import Invocation
from seeder.errors import FileError, SeederError, StoppedError
from seeder.report.output import (
    GOES_ON,
    REPORT,
    STDOUT,
    document,
    error_document,
    flush,
    stopped_document,
    write_json,
    write_report,
)
from seeder.report.plain import plain
from seeder.report.redact import redact
from seeder.settings import LogFormat

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def flushed(code: Any) -> int:
    """The code of a command that came to its end, once its output is out; a reader that went away is no failure."""
    flush()
    return code if isinstance(code, int) else 0


def stopped(error: StoppedError, invocation: Invocation) -> int:
    _report(invocation, error.exit_code, stopped_document(error))
    _tell(invocation, error.word, hint=GOES_ON)
    return error.exit_code


def expected(error: SeederError, invocation: Invocation) -> int:
    if error.code not in {REPORT, STDOUT}:
        _report(invocation, error.exit_code, error_document(error))
    _tell(invocation, str(error), hint=error.hint, code=error.code)
    return error.exit_code


def usage(error: TyperException, invocation: Invocation) -> int:
    context, known = getattr(error, "ctx", None), _placed_wrongly(error) or _called_otherwise(error)
    if known:  # better than options that look alike
        told: Any = error
        told.possibilities = None
    message = error.format_message()
    if message.startswith("Usage:"):  # no arguments: the help itself
        sys.stderr.write(f"{message}\n")
        return error.exit_code
    hint = f"{context.command_path} --help" if context is not None else "seeder --help"
    _tell(invocation, _plain(message), hint=known or hint, code="usage")
    return error.exit_code


def _placed_wrongly(error: TyperException) -> str:
    """Where an option belongs that stands on the wrong side of the command; empty for what is no such option."""
    option, context = getattr(error, "option_name", ""), getattr(error, "ctx", None)
    if not option or context is None:
        return ""
    root = context.find_root()
    if context is root:
        takers = [name for name in root.command.list_commands(root) if option in _options(load(name))]
        return f"it stands behind its command: seeder {takers[0]} {option}" if takers else ""
    command = context.command_path.removeprefix("seeder ")
    return f"it stands before the command: seeder {option} … {command}" if option in _options(root.command) else ""


def _called_otherwise(error: TyperException) -> str:
    return synonyms.OPTIONS.get(getattr(error, "option_name", None) or "", "")


def _options(command: Any) -> set[str]:
    return {name for param in command.params for name in param.opts}


def _plain(message: str) -> str:
    """Typer's sentence as the other errors are written: in one line, small at the beginning, without a full stop."""
    line = " ".join(message.split()).removesuffix(".")
    return line[:1].lower() + line[1:]


def bug(error: Exception, invocation: Invocation) -> int:
    if isinstance(error, BrokenPipeError) and _stdout_is_gone():
        flush()
        return 0
    if isinstance(error, OSError) and error.errno in _FULL:  # where Typer writes help, or a library a file of its own
        with suppress(FileError):  # else Python 3.13 ends with 120: it flushes at its end what stdout still holds
            flush()
        return expected(FileError(f"cannot write: {error.strerror}", code=STDOUT, hint="free some space"), invocation)
    if isinstance(error, OSError) and isinstance(error.filename, str):  # a place on the user's disk, not a bug
        logging.getLogger("seeder").debug("", exc_info=error)
        hint = files.hint_for(error)
        return expected(FileError(f"cannot be used: {error.strerror}", where=error.filename, hint=hint), invocation)
    if isinstance(error, FileNotFoundError) and not _has_folder():
        hint = "change to one that is there"
        return expected(FileError("the folder that seeder was started in is gone", hint=hint), invocation)
    text = "".join(traceback.format_exception(error))
    _report(invocation, 3, {"code": "bug", "message": repr(error), "hint": ""})
    if _is_json(invocation):
        _tell(invocation, f"a bug in seeder: {error!r}", code="bug", traceback=text)
        return 3
    sys.stderr.write(redact(text))
    _tell(
        invocation,
        f"this is a bug in seeder {__version__}",
        hint=f"report it with the lines above, the command, and: Python {sys.version.split()[0]} on {sys.platform}",
    )
    return 3


def _has_folder() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def _report(invocation: Invocation, code: int, error: Mapping[str, str]) -> None:
    """The command's document with nothing in it but the error, where JSON or a report file was asked for."""
    if not invocation.command:
        return
    result = document(invocation.command, code, error=error)
    if invocation.report is not None:
        try:
            write_report(result, invocation.report)
        except FileError as unwritten:
            _tell(invocation, str(unwritten), hint=unwritten.hint, code=unwritten.code)
    if invocation.format == "json":
        with suppress(FileError):  # what is wrong is told on stderr all the same
            write_json(result)
            flush()


def _tell(invocation: Invocation, message: str, *, hint: str = "", code: str = "", **more: str) -> None:
    if _is_json(invocation):
        record = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "level": "error",
            "message": message,
            "hint": hint,
            "code": code,
            **more,
        }
        sys.stderr.write(redact(json.dumps({k: v for k, v in record.items() if v}, ensure_ascii=False)) + "\n")
        return
    sys.stderr.write(redact(plain(f"error: {message}\n")))
    if hint:
        sys.stderr.write(redact(plain(f"hint: {hint}\n")))


def _is_json(invocation: Invocation) -> bool:
    return invocation.log_format is LogFormat.JSON


def _stdout_is_gone() -> bool:
    """Whether the pipe that stdout writes into has lost its reader."""
    poll = select.poll()
    poll.register(sys.stdout.fileno(), select.POLLOUT)
    return any(event & select.POLLERR for _, event in poll.poll(0))
