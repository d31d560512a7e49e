"""Discovery: walks workshop trees, asks the finders, and makes Occurrences of what they say."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from msgspec import Struct

from seeder import folders
from seeder.discover.examine import Beside, examine, examined
from seeder.discover.known import Inverse, Known, workshops
from seeder.discover.occurrences import Resolver
from seeder.model.occurrence import Occurrence, Unread

__all__ = ["Discovery", "Inverse", "discover"]


class Discovery(Struct, frozen=True, kw_only=True):
    """What a tree names, sorted by place, what could not be understood, and what was made of each file besides."""

    occurrences: tuple[Occurrence, ...] = ()
    unread: tuple[Unread, ...] = ()
    beside: tuple[object, ...] = ()

    def __add__(self, other: Discovery) -> Discovery:
        return Discovery(
            occurrences=self.occurrences + other.occurrences,
            unread=self.unread + other.unread,
            beside=self.beside + other.beside,
        )


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles: reading makes none, and it would walk a large file's nodes again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@_uncollected()
def discover(  # noqa: PLR0913 - what is looked at, how it is read, and what is made of it
    root: Path,
    *,
    root_name: str,
    variables: Mapping[str, str],
    inverse: Inverse | None = None,
    include_all: bool = False,
    replaced: Mapping[PurePosixPath, bytes] | None = None,
    beside: Beside | None = None,
) -> Discovery:
    """Every reference in the tree (or the one file) at `root`; raises FileError where there is none.

    `variables` are the values that the user gave. `inverse` maps a reference on a target of ours to what it was made
    from. With `include_all`, what only looks like a reference is there too, with the reason.
    `replaced` gives files of the tree other bytes than they have on disk. `beside` is called with the path and bytes of
    each file that can be read, in whichever process reads it; what it gives is in the result, for files in any order.
    """
    entries = list(folders.walk(root))
    new = {str(path): data for path, data in (replaced or {}).items()}
    found = list(examined((entry for entry in entries if entry.name not in new), beside))
    found += [examine(path, data) for path, data in new.items()]
    known = Known(found, variables, workshops(entry.name for entry in entries), inverse)
    resolver = Resolver(root=root_name, known=known, inverse=inverse)
    occurrences = [one for one in resolver.occurrences(found) if include_all or one.pulled]
    unread = {Unread(root=root_name, file=entry.name, reason=entry.reason) for entry in entries if entry.reason}
    unread |= {Unread(root=root_name, file=file.path, reason=reason) for file in found for reason in file.unread}
    made = tuple(file.beside for file in found if file.beside is not None)
    return Discovery(occurrences=tuple(occurrences), unread=tuple(sorted(unread)), beside=made)
