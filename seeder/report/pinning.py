"""What `pin` did, for machines and for people."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from seeder.errors import DeferredError, SeederError
from seeder.model.catalog import Catalog
from seeder.model.pin import Pin
from seeder.numbers import counted
from seeder.report.exit_code import DEFERRED, DONE, FAILED, decide
from seeder.report.note import Note
from seeder.report.output import error_document
from seeder.report.stopping import stopped_code, stopped_fields, stopped_note
from seeder.report.table import abbreviated, table

if TYPE_CHECKING:
    from seeder.run.pin import Pinned


def pin_code(done: Pinned, catalog: Catalog) -> int:
    """An image that is not required fails no run; a lock that a check finds stale does; a spent quota is for later."""
    failed = [_code(error) for reference, error in done.failures.items() if catalog.requires(reference)]
    return decide([FAILED if done.stale else DONE, *failed, *stopped_code(done.stopped)])


def _code(error: SeederError) -> int:
    return DEFERRED if isinstance(error, DeferredError) else FAILED


def pin_fields(done: Pinned) -> dict[str, Any]:
    """The fields of `seeder.pin/1`: `was` is the digest that an update moved away from."""
    return {
        "pins": [
            {
                "reference": str(pin.reference),
                "digest": str(pin.descriptor.digest),
                "state": _state(pin, done),
                **({"was": str(done.moved[pin.reference].descriptor.digest)} if pin.reference in done.moved else {}),
                "platforms": {str(platform): str(child.digest) for platform, child in pin.platforms.items()},
                "places": list(done.places.get(pin.reference, ())),
            }
            for pin in done.lock
        ],
        "failures": [
            {"reference": str(ref), "error": error_document(error), "places": list(done.places.get(ref, ()))}
            for ref, error in done.failures.items()
        ],
        "written": done.written,
        **({} if done.stale is None else {"stale": done.stale}),
        "pulls": done.pulls,
        **stopped_fields(done.stopped),
    }


def _state(pin: Pin, done: Pinned) -> str:
    if pin.reference in done.moved:
        return "moved"
    return "new" if pin.reference in done.added else "kept"


def pin_table(done: Pinned) -> str:
    rows = [(abbreviated(pin.reference.familiar()), _state(pin, done), str(pin.descriptor.digest)) for pin in done.lock]
    return table(("IMAGE", "PIN", "DIGEST"), rows)


def pin_notes(done: Pinned) -> Iterator[Note]:
    """What could not be pinned, or read, and why, and the sum."""
    pinned = {pin.reference for pin in done.lock}
    for reference, error in done.failures.items():
        where = next(iter(done.places.get(reference, ())), "")
        doing = "read the manifests of" if reference in pinned else "pin"
        yield Note(
            message=f"{where + ': ' if where else ''}cannot {doing} {reference.familiar()}: {error}",
            level=logging.ERROR if _code(error) == FAILED else logging.WARNING,
            hint=error.hint,
            fields={"event": "outcome", "reference": str(reference), "outcome": "failed", "code": error.code},
        )
    counts = {
        "pins": len(done.lock.pins),
        "new": len(done.added),
        "moved": len(done.moved),
        "failed": len(done.failures),
    }
    failed = f", {counts['failed']} failed" if done.failures else ""
    known = f" of {len(done.places)} known" if done.stopped else ""
    told = f"{counted(counts['pins'], 'pin')}{known}: {counts['new']} new, {counts['moved']} moved{failed}"
    checked = {None: "", True: "; the lock would change", False: "; the lock would stay as it is"}[done.stale]
    yield Note(message=told + checked, fields={"event": "summary", **counts})
    if done.stopped:
        yield stopped_note(done.stopped, hint="the lock was left as it is")
