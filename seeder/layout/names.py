"""The names in a layout, as a run asks for them and gives them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from seeder.layout.images import Images
from seeder.model.descriptor import Descriptor

_BATCH_SECONDS = 1.0


class Named(Struct):
    """A layout and its names. `index.json` is one file for all of them, so names that are given go there in batches."""

    layout: Images
    _given: dict[str, Descriptor] = field(default_factory=dict)
    _known: Mapping[str, Descriptor] = field(default_factory=dict)
    _state: tuple[int, ...] = ()
    _written: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, names: Iterable[str]) -> Descriptor | None:
        """What the first of the names that is there stands for. Raises FileError."""
        with self._lock:
            state = self.layout.state()
            if state != self._state:
                self._known, self._state = self.layout.names(), state
            found = (self._given.get(name) or self._known.get(name) for name in names)
            return next(filter(None, found), None)

    def give(self, name: str, descriptor: Descriptor) -> None:
        """Raises FileError."""
        with self._lock:
            self._given[name] = descriptor
            if time.monotonic() - self._written >= _BATCH_SECONDS:
                self._flush()

    def flush(self) -> None:
        """Writes what was given and is not in the file yet. Raises FileError."""
        with self._lock:
            self._flush()

    def _flush(self) -> None:
        if self._given:
            self.layout.name(self._given)
            self._given = {}
        self._written = time.monotonic()
