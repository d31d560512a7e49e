"""Puts a command's result where it was asked for: a table or JSON to stdout, JSON to the report file."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from seeder import files
from seeder.errors import FileError, SeederError, StoppedError
from seeder.report.exit_code import decide
from seeder.report.note import Note, tell
from seeder.report.redact import redact
from seeder.report.shorten import shorten, to_json

# The codes of errors that there is no use in reporting to the same place.
REPORT, STDOUT = "report", "stdout"
GOES_ON = "what was done stays; the next run goes on from there"
# Kubernetes keeps this much of a termination message (kubelet: pkg/kubelet/container/helpers.go).
_LIMITS = {"termination-log": 4096}


def document(command: str, exit_code: int, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """The envelope of every JSON document."""
    return {"schema": f"seeder.{command}/1", **fields, "exit": exit_code}


def error_document(error: SeederError) -> dict[str, str]:
    return {"code": error.code, "message": str(error), "hint": error.hint}


def stopped_document(stopped: StoppedError) -> dict[str, str]:
    return {"code": stopped.word, "message": f"the run was {stopped.word}", "hint": ""}


def emit(
    result: Mapping[str, Any],
    *,
    fmt: str = "table",
    report_file: Path | None = None,
    table: Callable[[], str | bytes],
    notes: Iterable[Note] = (),
) -> None:
    """Writes the report file first, so that it is there even if stdout's reader goes away, and tells the notes last.

    `table` makes the text for people, and is called only where that is what was asked for. Raises FileError, but not
    before all else is told; where the report cannot be written, with the graver of both exit codes.
    """
    unwritten = _unwritten(result, report_file) if report_file is not None else None
    try:
        if fmt == "json":
            write_json(result)
        else:
            _write(table())
    finally:
        tell(notes)
    if unwritten is not None:
        raise unwritten


def _unwritten(result: Mapping[str, Any], path: Path) -> FileError | None:
    try:
        write_report(result, path)
    except FileError as error:
        error.code = REPORT
        error.exit_code = decide([int(result.get("exit", 0)), error.exit_code])
        return error
    return None


def _write(shown: str | bytes) -> None:
    if isinstance(shown, str):
        write_text(shown)
    else:
        write_bytes(shown)


def write_json(result: Mapping[str, Any]) -> None:
    """Writes a document to stdout, redacted. Raises FileError."""
    _put(redact(to_json(result, encoding=sys.stdout.encoding or "utf-8", indent=2)) + "\n")


def write_text(text: str) -> None:
    """Writes text for people to stdout, redacted; what its encoding lacks is written as escapes. Raises FileError."""
    encoding = sys.stdout.encoding or "utf-8"
    _put(redact(text).encode(encoding, "backslashreplace").decode(encoding))


def write_bytes(data: bytes) -> None:
    """Writes parts of files to stdout as they are, redacted, whatever its encoding. Raises FileError."""
    text = redact(data.decode(errors="surrogateescape"))
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode(errors="surrogateescape"))
    except OSError as error:
        _lose(error)


def _put(text: str) -> None:
    try:
        sys.stdout.write(text)
    except OSError as error:
        _lose(error)


def flush() -> bool:
    """Brings out what stdout still holds; False where its reader went away. Raises FileError."""
    try:
        sys.stdout.flush()
    except OSError as error:
        _lose(error)
        return False
    return True


def _lose(error: OSError) -> None:
    """What cannot be written goes nowhere, so that the interpreter's own flush at its end says nothing.

    A reader that went away is no failure; anything else raises FileError.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    if not isinstance(error, BrokenPipeError):
        raise FileError(f"cannot write: {error.strerror or error}", code=STDOUT, hint="free some space") from error


def write_report(result: Mapping[str, Any], path: Path) -> None:
    """Writes in one step where that can be; in place where the path is a device, a pipe or a file mounted by itself."""
    limit = _LIMITS.get(path.name)
    text = redact(shorten(result, limit) if limit else f"{to_json(result, indent=2)}\n")
    data = text.encode()
    if _in_place(path):
        _overwrite(path, data)
    else:
        files.write_atomic(path, data)


def _in_place(path: Path) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    return not stat.S_ISREG(status.st_mode) or path.name in _LIMITS or not os.access(path.parent, os.W_OK)


def _overwrite(path: Path, data: bytes) -> None:
    if path.is_dir():
        raise FileError("cannot write the report: is a folder", where=str(path))
    try:
        path.write_bytes(data)
    except OSError as error:
        raise FileError(f"cannot write the report: {error.strerror or error}", where=str(path)) from error
