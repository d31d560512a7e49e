"""What all images of a run share."""

from __future__ import annotations

from msgspec import Struct

from seeder.engines.direct.crew import Crew
from seeder.engines.direct.ledger import Ledger
from seeder.engines.direct.reading import Reading
from seeder.engines.direct.shelf import Shelf
from seeder.engines.protocol import OnEvent
from seeder.registry.client import Client


class Tools(Struct, frozen=True):
    """Each of them thread-safe."""

    client: Client
    reading: Reading
    ledger: Ledger
    shelf: Shelf
    crew: Crew
    on_event: OnEvent
