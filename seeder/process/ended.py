"""How a program ended: what it said, and what went wrong with it."""

from __future__ import annotations

from msgspec import Struct

from seeder.errors import SeederError


class Completed(Struct, frozen=True, kw_only=True):
    """How a program ended.

    `status` is its exit code, or minus the number of the signal that ended it. `stdout` holds the first MiB, `stderr`
    the last 200 lines.
    """

    argv: tuple[str, ...]
    status: int
    stdout: bytes
    stderr: str


class ProcessError(SeederError):
    """A program failed; `completed` says how, and is None where it never started."""

    code = "process"

    def __init__(self, message: str, *, completed: Completed | None = None, hint: str = "", where: str = "") -> None:
        super().__init__(message, hint=hint, where=where)
        self.completed = completed

    @property
    def stderr(self) -> str:
        return self.completed.stderr if self.completed else ""


class ProgramMissingError(ProcessError):
    """There is no such program, or it may not be run."""


class ProgramTimeoutError(ProcessError):
    """The program was ended at its time limit."""


class ProgramCancelledError(ProcessError):
    """The program was ended because its `Cancellation` said so."""
