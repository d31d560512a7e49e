"""Work in copies of a process: each test has a process of its own, since one with threads must not be copied."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def ran(script: str) -> str:
    """What a script prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"from seeder.forks import each\n{script}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("count", [0, 1, 7, 20_000])
def test_results_come_in_the_order_of_the_items(count: int) -> None:
    script = f"print(list(each(lambda n: n * n, range({count}), 3)) == [n * n for n in range({count})])"
    assert ran(script) == "True"


def test_large_results_that_come_at_the_same_time() -> None:
    script = "print([len(each) for each in each(lambda n: bytes(n), [3_000_000, 5, 2_000_000, 0], 4)])"
    assert ran(script) == "[3000000, 5, 2000000, 0]"


def test_more_than_one_process_does_it() -> None:
    script = "import os, time; print(len(set(each(lambda _: time.sleep(0.05) or os.getpid(), range(8), 2))))"
    assert ran(script) == "2"


def test_what_the_work_raises_is_raised_and_says_where() -> None:
    script = """
try:
    list(each(lambda n: 1 // n, [1, 0], 2))
except ZeroDivisionError as error:
    print(error, "in a process of its own" in error.__notes__[0], "<lambda>" in error.__notes__[0])
"""
    assert ran(script) == "integer division or modulo by zero True True"


def test_what_cannot_be_sent_is_named() -> None:
    script = """
try:
    list(each(lambda n: lambda: n, [1], 2))
except TypeError as error:
    print("lambda" in str(error))
"""
    assert ran(script) == "True"


def test_a_worker_that_something_else_ends() -> None:
    script = """
import os
try:
    list(each(lambda n: os.kill(os.getpid(), 9), [1, 2, 3], 2))
except Exception as error:
    print(type(error).__name__, error, "memory" in error.hint)
"""
    assert ran(script) == "SeederError a process that shares the work ended by signal 9 True"


def children(process: int) -> list[int]:
    with suppress(OSError):
        return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return []


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_whoever_stops_listening_leaves_nobody_behind() -> None:
    script = """
import os, pathlib, time
found = each(lambda n: n or time.sleep(60), [1, 0, 0, 0], 3)
print(next(found))
found.close()
print(pathlib.Path(f"/proc/self/task/{os.getpid()}/children").read_text())
"""
    assert ran(script) == "1"


@contextmanager
def scanning(tree: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A scan of many files, in a process group of its own, once it has workers."""
    for number in range(2500):
        (tree / f"pod-{number}.yaml").write_text("kind: Pod\napiVersion: v1\nspec: {containers: [{image: nginx:1}]}\n")
    command = [sys.executable, "-m", "seeder", "scan", str(tree)]
    with subprocess.Popen(
        command, cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        while not (workers := children(process.pid)) and process.poll() is None:
            os.sched_yield()
        yield process, workers


def gone(processes: list[int]) -> bool:
    """Whether all end within the time that a signal may take."""
    until = time.monotonic() + 20
    while any(map(is_running, processes)) and time.monotonic() < until:
        time.sleep(0.005)
    return not any(map(is_running, processes))


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one processor reads all files in one process")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("whom", [os.kill, os.killpg])
def test_a_signal_ends_a_scan_and_its_workers(tmp_path: Path, whom, number: signal.Signals, code: int) -> None:
    """A terminal's Ctrl-C reaches the workers too."""
    with scanning(tmp_path) as (process, workers):
        whom(process.pid, number)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, bool(workers)) == (code, True)
    assert err.splitlines()[0] in {"error: interrupted", "error: terminated"}
    assert len(err.splitlines()) == 2
    assert gone(workers)


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one processor reads all files in one process")
def test_workers_do_not_outlive_a_parent_that_is_killed(tmp_path: Path) -> None:
    with scanning(tmp_path) as (process, workers):
        process.kill()
    assert workers
    assert gone(workers)
