"""What all images of a run share."""

from __future__ import annotations

from msgspec import Struct

from seeder.engines.direct.crew import Crew
from seeder.engines.direct.ledger import Ledger
from seeder.engines.direct.reading import Reading
from seeder.engines.direct.shelf import Shelf
from seeder.engines.events import Event
from seeder.engines.protocol import OnEvent
from seeder.homes import Homes
from seeder.registry.client import Client


def _unheard(_: Event) -> None:
    pass


class Tools(Struct, frozen=True):
    """Each of them thread-safe. `on_event` is that of the run, and nobody's before it began."""

    client: Client
    reading: Reading
    ledger: Ledger
    shelf: Shelf
    crew: Crew
    homes: Homes
    on_event: OnEvent = _unheard
