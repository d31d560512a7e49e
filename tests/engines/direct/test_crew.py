"""The threads of the direct engine."""

from __future__ import annotations

import threading
import time

from seeder.engines.direct.crew import Crew, Urgency

SECONDS = 30.0


def test_tasks_that_come_together_get_a_thread_each_although_one_idles() -> None:
    bugs: list[BaseException] = []
    crew, together = Crew(3, bugs.append), threading.Barrier(4)
    crew.add(Urgency.READ, lambda: None)
    while not crew._idle:
        time.sleep(0.001)
    with crew._ready:  # the idle thread wakes once all of them are there
        for _ in range(3):
            crew.add(Urgency.READ, lambda: together.wait(SECONDS) and None)
    together.wait(SECONDS)
    crew.close(SECONDS)
    assert bugs == []
