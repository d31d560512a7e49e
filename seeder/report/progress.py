"""How a run shows that it moves: bars for a person, a line now and then elsewhere, events for machines."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from seeder.engines.events import BytesMoved, Event, Finished, Mounted, Sized, Started
from seeder.engines.protocol import OnEvent
from seeder.model.copy import Copy
from seeder.model.outcome import Missed
from seeder.report.tally import Tally
from seeder.settings import LogFormat, LogLevel, Settings

log = logging.getLogger("seeder.progress")

EVERY = 10.0  # seconds between two lines


def watch(settings: Settings) -> Callable[[Sequence[Copy]], AbstractContextManager[OnEvent]]:
    """What to enter for each pass of copies, by the global options."""
    if not settings.progress:
        return lambda _: nullcontext(_nothing)
    if settings.log_format is LogFormat.JSON:
        return lambda _: nullcontext(_told)
    # Bars and a log of each request would draw over each other.
    return _bars if settings.terminal and settings.log_level is not LogLevel.DEBUG else _heartbeat


def _bars(copies: Sequence[Copy]) -> AbstractContextManager[OnEvent]:
    from seeder.report.bars import bars  # noqa: PLC0415 - Rich is heavy, and only for terminals

    return bars(copies)


def _nothing(_: Event) -> None:
    pass


def _told(event: Event) -> None:
    """An event as a line of JSON."""
    reference = str(event.copy.pin.reference)
    match event:
        case Started():
            log.info(
                "%s: started", event.copy.pin.reference.familiar(), extra={"event": "started", "reference": reference}
            )
        case Finished(outcome=outcome):
            why = {"code": outcome.error.code, "cause": str(outcome.error)} if isinstance(outcome, Missed) else {}
            fields = {"event": "finished", "reference": reference, "outcome": outcome.result.value, **why}
            log.info("%s: %s", outcome.reference.familiar(), outcome.result.value, extra=fields)
        case Sized(size=size):
            log.info(
                "%s: %s bytes",
                event.copy.pin.reference.familiar(),
                size,
                extra={"event": "sized", "reference": reference, "bytes": size},
            )
        case BytesMoved(count=count):
            log.debug("bytes", extra={"event": "bytes", "reference": reference, "bytes": count})
        case Mounted(count=count):
            log.debug("mounted", extra={"event": "mounted", "reference": reference, "bytes": count})


@contextmanager
def _heartbeat(copies: Sequence[Copy]) -> Iterator[OnEvent]:
    """A line about every ten seconds, so that whoever reads the log of a job sees that it lives."""
    tally, ended = Tally(len(copies)), threading.Event()

    def beat() -> None:
        while not ended.wait(EVERY):
            log.info("%s", tally)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield tally.hear
    finally:
        ended.set()
        thread.join()
