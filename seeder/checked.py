"""Which roots a target was found to serve whole, and when: what was checked today is not walked again.

One file a target, `checked/<its host>`: a line `seconds repository digest` each. It only saves requests at the target:
a root is still asked for by HEAD in every run, and whatever is missing here is walked in full.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from seeder.errors import FileError, InvalidReferenceError
from seeder.files import is_file, read, write_atomic
from seeder.model.digest import Digest

DAY = 24 * 3600.0
_FOLDER = "checked"


class CheckedRoots:
    """Thread-safe; of one target. Without a folder, or where it cannot be written, it lasts as long as the run.

    `clock` gives seconds since 1970. What is older than `keeps` seconds counts no more.
    """

    def __init__(
        self,
        cache_dir: Path | None = None,
        registry: str = "",
        *,
        clock: Callable[[], float] = time.time,
        keeps: float = DAY,
    ) -> None:
        self._path = cache_dir / _FOLDER / quote(registry, safe="") if cache_dir is not None and registry else None
        self._clock = clock
        self._keeps = keeps
        self._lock = threading.Lock()
        self._found: dict[tuple[str, Digest], float] = self._load()
        self._changed = False

    def has(self, repository: str, root: Digest) -> bool:
        """Whether the root was found whole not long ago."""
        when = self._found.get((repository, root))
        return when is not None and 0 <= self._clock() - when < self._keeps

    def roots(self) -> Iterator[tuple[str, Digest]]:
        """All that counted when the first of them is asked for, with their repositories."""
        with self._lock:
            found = list(self._found)
        yield from found

    def add(self, repository: str, root: Digest) -> None:
        with self._lock:
            self._found[repository, root] = self._clock()
            self._changed = True

    def forget(self, repository: str, root: Digest) -> None:
        with self._lock:
            self._changed = self._found.pop((repository, root), None) is not None or self._changed

    def save(self) -> None:
        """Writes what still counts. A folder that cannot be written costs a check in the next run, and no more."""
        with self._lock:  # until it is written: of two that write at once, the later one has to know more
            if self._path is None or not self._changed:
                return
            found = sorted(self._found.items(), key=str)
            lines = [f"{int(when)} {name} {root}\n" for (name, root), when in found]
            with contextlib.suppress(FileError, OSError):
                self._path.parent.mkdir(parents=True, exist_ok=True)
                write_atomic(self._path, "".join(lines).encode())
            self._changed = False

    def _load(self) -> dict[tuple[str, Digest], float]:
        if self._path is None or not is_file(self._path):
            return {}
        try:
            lines = read(self._path).decode("utf-8", "replace").splitlines()
        except FileError:
            return {}
        found = {}
        for line in lines:
            with contextlib.suppress(ValueError, InvalidReferenceError):
                when, repository, root = line.split()
                if 0 <= self._clock() - float(when) < self._keeps:
                    found[repository, Digest.parse(root)] = float(when)
        return found
