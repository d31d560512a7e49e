"""Logins that a token service refuses: each costs the user one try, and too many lock the account for some minutes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from msgspec import Struct, field

from seeder.errors import DeniedError
from seeder.registry.credential import Credential

_MOST = 3  # a service may refuse one repository, and take the same login for another


class _State(Struct):
    lock: threading.Lock = field(default_factory=threading.Lock)
    is_proven: bool = False
    refused: int = 0
    error: DeniedError | None = None


class Logins:
    """Thread-safe. Until a login has worked once it is tried by one request at a time."""

    def __init__(self) -> None:
        self._states: dict[tuple[str, Credential], _State] = {}
        self._lock = threading.Lock()

    @contextmanager
    def tried(self, realm: str, credential: Credential | None) -> Iterator[None]:
        """Raises the last refusal, and asks no more, once the service said so or refused it three times."""
        if credential is None:
            yield
            return
        with self._lock:
            state = self._states.setdefault((realm, credential), _State())
        with nullcontext() if state.is_proven else state.lock:
            if state.error is not None:
                raise state.error
            try:
                yield
            except DeniedError as error:
                state.refused += not state.is_proven
                if error.code == "too-many-logins" or state.refused >= _MOST:
                    state.error = error
                raise
            state.is_proven = True
