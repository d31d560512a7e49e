"""The engines of a run's passes, of which the first may begin before there is a plan."""

from __future__ import annotations

import threading
from collections.abc import Callable

from seeder.engines.protocol import Engine
from seeder.model.copy import Copy


class Ahead:
    """Thread-safe. Once the engine is taken nothing goes ahead any more: a look at the target may outlast the run that
    asked for it, and another plan may never come.
    """

    def __init__(self, make: Callable[[], Engine]) -> None:
        self._make = make
        self._engine: Engine | None = None
        self._is_late = False
        self._lock = threading.Lock()

    def begin(self, copy: Copy) -> None:
        """Has the engine begin with a copy that the plan will surely have; it is made for the first one."""
        with self._lock:
            if self._is_late:
                return
            if self._engine is None:
                self._engine = self._make()
            self._engine.ahead(copy)

    def take(self) -> Engine:
        """The engine for a pass: that which has begun with anything, else a new one."""
        return self._taken() or self._make()

    def close(self) -> None:
        """Ends what went ahead of a plan that nobody carried out."""
        engine = self._taken()
        if engine is not None:
            engine.close()

    def _taken(self) -> Engine | None:
        with self._lock:
            self._is_late = True
            engine, self._engine = self._engine, None
            return engine
