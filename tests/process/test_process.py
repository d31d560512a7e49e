"""Programs are ended cleanly, whatever they and we do meanwhile. The programs are Python itself and `sh`."""

from __future__ import annotations

import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from seeder import process
from seeder.process import (
    Cancellation,
    Limits,
    ProcessError,
    ProgramCancelledError,
    ProgramMissingError,
    ProgramTimeoutError,
)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


IGNORES_TERM = (
    "import signal, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('ready', file=sys.stderr, flush=True)\n"
    "time.sleep(600)\n"
)


def is_gone(pid: int) -> bool:
    """Within some seconds: nobody waits for a grandchild, which ends a moment after it was told to."""
    until = time.monotonic() + 30
    while _is_alive(pid):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def _is_alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"


def test_keeps_both_streams_and_feeds_stdin() -> None:
    code = "import sys; sys.stdout.write(sys.stdin.read()[::-1]); print('told', file=sys.stderr)"
    completed = process.run(python(code), stdin=b"abc")
    assert (completed.stdout, completed.stderr, completed.status) == (b"cba", "told", 0)


def test_gets_the_environment_it_is_given_and_no_other() -> None:
    code = "import os; print(sorted(k for k in os.environ if k.startswith('SEEDER')))"
    assert process.run(python(code), environment={"SEEDER_A": "1"}).stdout == b"['SEEDER_A']\n"


def test_bounds_what_it_keeps() -> None:
    code = "import sys; sys.stdout.write('x' * 300000); [print(n, file=sys.stderr) for n in range(1000)]"
    completed = process.run(python(code), limits=Limits(stdout=1000))
    assert completed.stdout == b"x" * 1000
    assert completed.stderr.splitlines() == [str(n) for n in range(800, 1000)]


def test_hands_over_lines_of_stderr_in_order() -> None:
    seen: list[str] = []
    process.run(python("import sys; [print(n, file=sys.stderr) for n in range(5)]"), on_stderr=seen.append)
    assert seen == ["0", "1", "2", "3", "4"]


def test_a_failure_keeps_the_command_the_code_and_the_last_line() -> None:
    with pytest.raises(ProcessError, match="exit code 7: it broke") as caught:
        process.run(["sh", "-c", "echo first >&2; echo it broke >&2; exit 7"])
    assert caught.value.completed is not None
    assert caught.value.completed.status == 7
    assert caught.value.completed.argv[:2] == ("sh", "-c")
    assert caught.value.stderr == "first\nit broke"


def test_a_signal_is_named() -> None:
    with pytest.raises(ProcessError, match="signal 9"):
        process.run(["sh", "-c", "kill -9 $$"])


@pytest.mark.parametrize(
    ("name", "kind"),
    [("no-such-program-anywhere", ProgramMissingError), ("/etc/passwd", ProgramMissingError), ("a\0b", ProcessError)],
)
def test_a_program_that_cannot_be_started(name: str, kind: type[ProcessError]) -> None:
    with pytest.raises(ProcessError) as caught:
        process.run([name])
    assert type(caught.value) is kind


def test_ends_at_the_time_limit_even_what_ignores_term(tmp_path: Path) -> None:
    code = f"import os; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n{IGNORES_TERM}"
    with pytest.raises(ProgramTimeoutError, match=r"longer than 2 s.*ready"):
        process.run(python(code), limits=Limits(timeout=2, grace=0.2))
    assert is_gone(int((tmp_path / "pid").read_text()))


def test_a_cancellation_from_another_thread_ends_it() -> None:
    cancellation = Cancellation()
    with pytest.raises(ProgramCancelledError):
        process.run(
            python(IGNORES_TERM),
            limits=Limits(grace=0.1),
            on_stderr=lambda _: cancellation.cancel(),
            cancellations=(Cancellation(), cancellation),
        )


def test_what_is_cancelled_already_is_not_started(tmp_path: Path) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(ProgramCancelledError, match="not started"):
        process.run(["touch", str(tmp_path / "started")], cancellations=(cancellation,))
    assert not (tmp_path / "started").exists()


def test_a_cancellation_knows_when_nothing_runs_under_it_any_more() -> None:
    cancellation, started = Cancellation(), threading.Event()

    def work() -> None:
        with pytest.raises(ProgramCancelledError):
            process.run(
                ["sh", "-c", "echo >&2; sleep 600"], on_stderr=lambda _: started.set(), cancellations=(cancellation,)
            )

    thread = threading.Thread(target=work)
    thread.start()
    assert started.wait(30)
    assert not cancellation.drained(0)
    cancellation.cancel()
    assert cancellation.drained(30)
    thread.join()


def test_children_of_a_program_that_is_ended_go_with_it(tmp_path: Path) -> None:
    script = f"sleep 600 & echo $! > {tmp_path}/child; echo ready >&2; wait"
    cancellation = Cancellation()
    with pytest.raises(ProgramCancelledError):
        process.run(["sh", "-c", script], on_stderr=lambda _: cancellation.cancel(), cancellations=(cancellation,))
    assert is_gone(int((tmp_path / "child").read_text()))


def test_what_is_raised_while_waiting_ends_it_first() -> None:
    class Stopped(BaseException):
        pass

    def interrupt(*_: object) -> None:
        raise Stopped

    pids: list[int] = []

    def tell(line: str) -> None:
        pids.append(int(line))
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        with pytest.raises(Stopped):
            process.run(["sh", "-c", "echo $$ >&2; exec sleep 600"], on_stderr=tell)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert is_gone(pids[0])
