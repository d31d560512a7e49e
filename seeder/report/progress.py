"""How a run shows that it moves: bars for a person, a line now and then elsewhere, events for machines."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from seeder.engines.events import BytesMoved, Event, Finished, Started
from seeder.model.copy import Copy, Result
from seeder.settings import LogFormat, Settings

log = logging.getLogger("seeder.progress")

OnEvent = Callable[[Event], None]
EVERY = 10.0
_SHOWN = 48  # characters of a reference beside a bar


def watch(settings: Settings) -> Callable[[Sequence[Copy]], AbstractContextManager[OnEvent]]:
    """What to enter for each pass of copies, by the global options."""
    if not settings.progress:
        return lambda _: nullcontext(_nothing)
    if settings.log_format is LogFormat.JSON:
        return lambda _: nullcontext(_told)
    return _bars if settings.terminal else _heartbeat


def _nothing(_: Event) -> None:
    pass


def _told(event: Event) -> None:
    """An event as a line of JSON."""
    reference = str(event.copy.pin.reference)
    match event:
        case Started():
            log.info("started", extra={"event": "started", "reference": reference})
        case Finished(outcome=outcome):
            code = {"code": outcome.error.code} if outcome.error else {}
            log.info(
                outcome.result.value,
                extra={"event": "finished", "reference": reference, "outcome": outcome.result.value, **code},
            )
        case BytesMoved(count=count):
            log.debug("bytes", extra={"event": "bytes", "reference": reference, "count": count})


class Tally:
    """Counts of a pass; thread-safe."""

    def __init__(self, total: int) -> None:
        self.total = total
        self._results: Counter[Result] = Counter()
        self._under_way = 0
        self._lock = threading.Lock()

    def hear(self, event: Event) -> None:
        with self._lock:
            match event:
                case Started():
                    self._under_way += 1
                case Finished(outcome=outcome):
                    self._under_way -= 1
                    self._results[outcome.result] += 1
                case BytesMoved():
                    pass

    @property
    def done(self) -> int:
        return self._results.total()

    def __str__(self) -> str:
        with self._lock:
            others = [f"{count} {result.value}" for result, count in self._results.items() if result != Result.COPIED]
            parts = [f"{self._results[Result.COPIED]} of {self.total} images copied", *others]
            return ", ".join([*parts, f"{self._under_way} under way"] if self._under_way else parts)


@contextmanager
def _heartbeat(copies: Sequence[Copy], every: float = EVERY) -> Iterator[OnEvent]:
    """A line about every ten seconds, so that whoever reads the log of a job sees that it lives."""
    tally, ended = Tally(len(copies)), threading.Event()

    def beat() -> None:
        while not ended.wait(every):
            log.info("%s", tally)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield tally.hear
    finally:
        ended.set()
        thread.join()


@contextmanager
def _bars(copies: Sequence[Copy]) -> Iterator[OnEvent]:
    """A bar over all images, and a line for each that is under way."""
    from rich.console import Console  # noqa: PLC0415 - heavy, and only for terminals
    from rich.markup import escape  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        everything = shown.add_task("images", total=len(copies))
        lines = {}

        def hear(event: Event) -> None:
            match event:
                case Started(copy):
                    name = escape(copy.pin.reference.familiar()[-_SHOWN:])
                    lines[id(copy)] = shown.add_task(f"  {name}", total=None)
                case Finished(copy):
                    task = lines.pop(id(copy), None)
                    if task is not None:
                        shown.remove_task(task)
                    shown.advance(everything)
                case BytesMoved():
                    pass

        yield hear
