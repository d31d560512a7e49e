"""What an engine tells while it works; whoever shows progress listens."""

from __future__ import annotations

from msgspec import Struct

from seeder.model.copy import Copy
from seeder.model.outcome import Outcome


class Started(Struct, frozen=True):
    """Work on an image began."""

    copy: Copy


class Sized(Struct, frozen=True):
    """So many bytes of config and layers belong to an image, as its manifests are read one after the other.

    What other images share, or the target has already, is counted too and will not move.
    """

    copy: Copy
    size: int


class BytesMoved(Struct, frozen=True):
    """So many more bytes of an image arrived at the target; engines that cannot tell send none."""

    copy: Copy
    count: int


class Mounted(Struct, frozen=True):
    """So many bytes of an image did not have to move, since the target has them in another repository."""

    copy: Copy
    count: int


class Finished(Struct, frozen=True):
    """Work on an image ended, well or not."""

    copy: Copy
    outcome: Outcome


Event = Started | Sized | BytesMoved | Mounted | Finished
