"""What `pin` did, for machines and for people."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from seeder.errors import SeederError
from seeder.model.pin import Lock, Pin
from seeder.model.reference import ImageReference
from seeder.report.note import Note
from seeder.report.outcomes import error_document
from seeder.report.sizes import counted
from seeder.report.syncing import Places
from seeder.report.table import abbreviated, table

Failures = Mapping[ImageReference, SeederError]
Moved = Mapping[ImageReference, Pin]


def pin_fields(
    lock: Lock, added: Collection[ImageReference], moved: Moved, failures: Failures, places: Places
) -> dict[str, Any]:
    """The fields of `seeder.pin/1`: `was` is the digest that an update moved away from."""
    return {
        "pins": [
            {
                "reference": str(pin.reference),
                "digest": str(pin.descriptor.digest),
                "state": _state(pin, added, moved),
                **({"was": str(moved[pin.reference].descriptor.digest)} if pin.reference in moved else {}),
                "platforms": {str(platform): str(child.digest) for platform, child in pin.platforms.items()},
                "places": list(places.get(pin.reference, ())),
            }
            for pin in lock
        ],
        "failures": [
            {"reference": str(ref), "error": error_document(error), "places": list(places.get(ref, ()))}
            for ref, error in failures.items()
        ],
    }


def _state(pin: Pin, added: Collection[ImageReference], moved: Moved) -> str:
    if pin.reference in moved:
        return "moved"
    return "new" if pin.reference in added else "kept"


def pin_table(lock: Lock, added: Collection[ImageReference], moved: Moved) -> str:
    rows = [
        (abbreviated(pin.reference.familiar()), _state(pin, added, moved), str(pin.descriptor.digest)) for pin in lock
    ]
    return table(("IMAGE", "PIN", "DIGEST"), rows)


def pin_notes(
    lock: Lock, added: Collection[ImageReference], moved: Moved, failures: Failures, places: Places
) -> Iterator[Note]:
    """What could not be pinned and why, and the sum."""
    for reference, error in failures.items():
        where = next(iter(places.get(reference, ())), "")
        yield Note(
            message=f"{where + ': ' if where else ''}cannot pin {reference.familiar()}: {error}",
            level=logging.ERROR,
            hint=error.hint,
            fields={"event": "outcome", "reference": str(reference), "outcome": "failed", "code": error.code},
        )
    counts = {"pins": len(lock.pins), "new": len(added), "moved": len(moved), "failed": len(failures)}
    failed = f", {len(failures)} failed" if failures else ""
    pins = counted(len(lock.pins), "pin")
    yield Note(message=f"{pins}: {len(added)} new, {len(moved)} moved{failed}", fields={"event": "summary", **counts})
