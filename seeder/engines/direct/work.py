"""What the images of one run share. It may begin before the run does, with scouts."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from queue import SimpleQueue
from typing import Any

from msgspec import Struct, field

from seeder.engines.direct.scout import Scout
from seeder.engines.direct.streams import Streams
from seeder.engines.direct.tools import Tools
from seeder.model.copy import Copy

Piece = tuple[object, ...]


class Work(Struct, eq=False, kw_only=True):
    """`ended` has the images that ended, and what bugs raised in any thread; `scouts` those that no job took over."""

    tools: Tools
    streams: Streams
    ended: SimpleQueue[Any]
    scouts: dict[Piece, Scout] = field(default_factory=dict)

    def send(self, copy: Copy, most: int) -> None:
        """Has a copy scouted, as long as there are fewer scouts than `most`."""
        if len(self.scouts) < most:
            scout = Scout(copy, self.tools)
            if self.scouts.setdefault(piece_of(copy), scout) is scout:
                scout.start()

    def keep(self, pieces: AbstractSet[Piece]) -> None:
        """Drops the scouts of all others."""
        for piece in self.scouts.keys() - pieces:
            self.scouts.pop(piece).drop()

    def close(self, seconds: float = 0.0) -> None:
        """Ends what is under way; tasks that were begun get that long."""
        self.streams.stop()
        self.tools.crew.close(seconds)


def piece_of(copy: Copy) -> Piece:
    """Copies of the same content to the same repository are one piece of work."""
    wanted = () if copy.root is not None and not copy.trims else copy.platforms
    return copy.place.name, copy.source.digest, wanted, copy.present and not copy.repair
