"""What can go wrong, as a tree whose leaves are what a caller would treat differently.

    SeederError                 exit 1   one reference, file or registry failed; the rest goes on
    ├── UsageError              exit 2   the command line, catalog or lock has to be changed first
    │   ├── DocumentError       exit 2   a catalog, lock or record does not say what it must
    │   ├── PinMissingError     exit 2   --frozen, and the lock lacks a pin
    │   └── TargetMissingError  exit 2   the command needs a target and the catalog names none
    ├── DeferredError           exit 4   nothing is broken, the quota is spent: later
    │   └── QuotaError          exit 4   Docker Hub's pull quota (its own 429)
    ├── InvalidReferenceError   exit 1   text that is no reference
    ├── FileError               exit 1   a file cannot be read or written
    │   └── FileChangedError    exit 1   a file changed between reading and writing
    ├── RegistryError           exit 1   a registry's answer, or none
    │   ├── MissingError        exit 1   404: no such repository, manifest or blob
    │   ├── DeniedError         exit 1   401, 403
    │   ├── ThrottledError      exit 1   429 that is not the quota: ask again, more slowly
    │   ├── UnreachableError    exit 1   no connection, no TLS, no answer in time
    │   └── DigestMismatchError exit 1   bytes that are not what their digest says
    ├── EngineError             exit 1   a copy failed in the engine (skopeo's own words are kept)
    └── ConflictError           exit 1   the tag stands at the target with other content
    StoppedError                exit 130 or 143, raised by the first Ctrl-C or SIGTERM; not a SeederError

A bug is any other exception: exit 3, with its traceback.
"""

from __future__ import annotations


class SeederError(Exception):
    """An expected failure: what was being done to what, where, what came back (`message`), what to try (`hint`).

    `code` is a short stable name for machines (JSON's `error.code`); `where` is `file:line` or a host.
    """

    code = "failed"
    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", where: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where = where
        if code:
            self.code = code

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class UsageError(SeederError):
    code = "usage"
    exit_code = 2


class DocumentError(UsageError):
    code = "document"


class PinMissingError(UsageError):
    code = "pin-missing"


class TargetMissingError(UsageError):
    code = "target-missing"


class DeferredError(SeederError):
    code = "deferred"
    exit_code = 4


class QuotaError(DeferredError):
    code = "quota"


class InvalidReferenceError(SeederError, ValueError):
    code = "invalid-reference"


class FileError(SeederError):
    code = "file"


class FileChangedError(FileError):
    code = "file-changed"


class RegistryError(SeederError):
    """`status` is the HTTP status, 0 where there was no answer; `lacks` the digests that the registry says it has not.

    `is_final` says that it was asked again as often as it may be: no caller further up repeats its own work for it.
    """

    code = "registry"
    is_final = False
    lacks: tuple[str, ...] = ()

    def __init__(self, message: str, *, hint: str = "", where: str = "", code: str = "", status: int = 0) -> None:
        super().__init__(message, hint=hint, where=where, code=code)
        self.status = status


class MissingError(RegistryError):
    code = "missing"


class DeniedError(RegistryError):
    code = "denied"


class ThrottledError(RegistryError):
    """`retry_after` is in seconds, None where the registry named no time."""

    code = "throttled"
    retry_after: float | None = None


class UnreachableError(RegistryError):
    code = "unreachable"


class DigestMismatchError(RegistryError):
    code = "digest-mismatch"


class EngineError(SeederError):
    code = "engine"


class ConflictError(SeederError):
    code = "tag-conflict"


class StoppedError(BaseException):
    """The run was told to stop; `exit_code` is 130 for Ctrl-C and 143 for SIGTERM."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code

    @property
    def word(self) -> str:
        """What became of the run; for machines too."""
        return _STOPPED.get(self.exit_code, "stopped")


_STOPPED = {130: "interrupted", 143: "terminated"}
