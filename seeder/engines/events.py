"""What an engine tells while it works; whoever shows progress listens."""

from __future__ import annotations

from dataclasses import dataclass

from seeder.model.copy import Copy, Outcome


@dataclass(frozen=True, slots=True)
class Started:
    """Work on an image began."""

    copy: Copy


@dataclass(frozen=True, slots=True)
class Sized:
    """So many bytes of config and layers belong to an image, as its manifests are read one after the other.

    What other images share, or the target has already, is counted too and will not move.
    """

    copy: Copy
    size: int


@dataclass(frozen=True, slots=True)
class BytesMoved:
    """So many more bytes of an image arrived at the target; engines that cannot tell send none."""

    copy: Copy
    count: int


@dataclass(frozen=True, slots=True)
class Mounted:
    """So many bytes of an image did not have to move, since the target has them in another repository."""

    copy: Copy
    count: int


@dataclass(frozen=True, slots=True)
class Finished:
    """Work on an image ended, well or not."""

    copy: Copy
    outcome: Outcome


Event = Started | Sized | BytesMoved | Mounted | Finished
