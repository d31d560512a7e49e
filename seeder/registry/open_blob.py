"""A blob whose body is being read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress
from typing import Self

import urllib3.exceptions
from urllib3.response import BaseHTTPResponse

from seeder.errors import UnreachableError
from seeder.registry.connection import unhurried
from seeder.registry.reading import length_of

_SKIPPED = 1 << 20


class OpenBlob(ABC):
    """A blob's body from `start` on; a context manager.

    `total` is the size of the whole blob as far as that is told, else None.
    """

    def __init__(self, start: int, total: int | None) -> None:
        self.start = start
        self.total = total

    @abstractmethod
    def read_into(self, block: memoryview) -> int:
        """As many of the next bytes as there is room for, fewer at the end, 0 after it; raises as `read`."""

    @abstractmethod
    def interrupt(self) -> None:
        """From another thread: whoever waits in `read` gets an UnreachableError now."""

    @abstractmethod
    def close(self) -> None: ...

    def read(self, most: int) -> bytes:
        """The next bytes, empty at the end; raises UnreachableError where it is cut off."""
        block = bytearray(most)
        return bytes(block[: self.read_into(memoryview(block))])

    def skip(self, count: int) -> None:
        """Reads on without keeping it: what a source that knows no ranges sends a second time."""
        while count > 0 and (data := self.read(min(count, _SKIPPED))):
            count -= len(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Answered(OpenBlob):
    """The body of an answer, which may end before the blob does. Leaving it early closes the connection."""

    def __init__(self, answer: BaseHTTPResponse, start: int, total: int | None, doing: str) -> None:
        unhurried(answer)
        self._answer = answer
        self._doing = doing
        self._left = length_of(answer)
        super().__init__(start, total)

    def read_into(self, block: memoryview) -> int:
        try:
            count: int = self._answer.readinto(block)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            is_silent = isinstance(error, urllib3.exceptions.ReadTimeoutError | TimeoutError)
            raise self._broken("nothing more came" if is_silent else "cut off") from error
        if self._left is not None:
            self._left -= count
            if not count and self._left > 0:
                raise self._broken("cut off")
        return count

    def _broken(self, how: str) -> UnreachableError:
        missing = f", {self._left} bytes are missing" if self._left is not None else ""
        return UnreachableError(f"{self._doing}: {how}{missing}")

    def interrupt(self) -> None:
        with suppress(urllib3.exceptions.HTTPError, OSError, ValueError, RuntimeError):
            self._answer.shutdown()

    def close(self) -> None:
        """Gives the connection back if all was read, else ends it."""
        if self._left != 0:
            self._answer.close()
        self._answer.release_conn()
