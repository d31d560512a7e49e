from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from seeder import __version__
from seeder.cli import app as cli
from seeder.cli import lazy, options
from seeder.cli.commands import COMMANDS
from seeder.cli.lazy import load
from seeder.errors import DeferredError, FileError, PinMissingError, StoppedError, UsageError
from tests.fixtures.commands import command, environment

HEAVY = {"urllib3", "yaml", "rich", "oras", "tenacity", "requests", "asyncio"}


def fail_with(monkeypatch: pytest.MonkeyPatch, error: BaseException, *argv: str) -> int:
    """Runs `seeder ARGV catalog` with a command that raises."""

    def get_command(*_):
        raise error

    monkeypatch.setattr(cli.LazyGroup, "get_command", get_command)
    monkeypatch.setattr(cli.LazyGroup, "list_commands", lambda *_: ["catalog"])
    return cli.main([*argv, "catalog"])


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (FileError("cannot read: gone", where="a.yaml"), 1, "error: a.yaml: cannot read: gone\n"),
        (UsageError("no", hint="say yes"), 2, "error: no\nhint: say yes\n"),
        (PinMissingError("no pin"), 2, "error: no pin\n"),
        (DeferredError("later"), 4, "error: later\n"),
        (PermissionError(13, "Permission denied", "/root/x"), 1, "error: /root/x: cannot be used: Permission denied\n"),
        (StoppedError(130), 130, "error: interrupted\n"),
        (StoppedError(143), 143, "error: terminated\n"),
    ],
)
def test_each_kind_of_end_has_its_text_and_code(monkeypatch, capsys, error, code, said) -> None:
    assert fail_with(monkeypatch, error) == code
    assert capsys.readouterr().err.startswith(said)


def test_a_bug_is_told_with_its_traceback_and_what_to_report(monkeypatch, capsys) -> None:
    assert fail_with(monkeypatch, ZeroDivisionError("x https://me:secret@host/")) == 3
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert f"this is a bug in seeder {__version__}" in told
    assert "secret" not in told


def test_errors_are_json_lines_where_the_log_is(monkeypatch, capsys) -> None:
    assert fail_with(monkeypatch, UsageError("no", hint="say yes"), "--log-format", "json") == 2
    told = json.loads(capsys.readouterr().err)
    assert told.pop("time").endswith("+00:00")
    assert told == {
        "level": "error",
        "message": "no",
        "hint": "say yes",
        "code": "usage",
    }


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--nonsense"], "error: no such option: --nonsense"),
        (["catalogue"], "error: no such command: catalogue"),
        (["--log-level", "loud", "scan"], "error: invalid value for '--log-level'"),
        ([], "Usage: seeder"),
    ],
)
def test_wrong_usage_is_2(capsys, argv, said) -> None:
    assert cli.main(argv) == 2
    assert capsys.readouterr().err.startswith(said)


@pytest.mark.parametrize(
    ("argv", "hint"),
    [
        (["sync", "c.yaml", "--log-level", "debug"], "it stands before the command: seeder --log-level … sync"),
        (
            ["catalog", "check", "--no-progress", "c.yaml"],
            "it stands before the command: seeder --no-progress … catalog",
        ),
        (["--frozen", "sync", "c.yaml"], "it stands behind its command: seeder pin --frozen"),
        (["--nonsense", "sync", "c.yaml"], "seeder --help"),
        (["sync", "--nonsense", "c.yaml"], "seeder sync --help"),
        (["scan", "labs", "--set"], "seeder scan --help"),
        (["catalog", "chekc"], "seeder catalog --help"),
        (["init", "labs"], "`seeder catalog init PATH…`"),
        (["sync", "--dry-run", "c.yaml"], "`seeder plan` shows"),
        (["sync", "--platform=linux/arm64", "c.yaml"], "the catalog says it"),
        (["--verbose", "sync", "c.yaml"], "before the command: `seeder --log-level debug"),
    ],
)
def test_a_hint_says_where_an_option_belongs(capsys, argv, hint) -> None:
    assert cli.main(argv) == 2
    assert f"\nhint: {hint}" in capsys.readouterr().err


def test_the_command_that_was_meant_is_named(capsys) -> None:
    assert cli.main(["catalog", "chekc"]) == 2
    assert "no such command: chekc; did you mean check?" in capsys.readouterr().err


def test_where_other_tools_word_is_known_nothing_else_is_offered(capsys) -> None:
    assert cli.main(["login"]) == cli.main(["sync", "--to", "x", "c.yaml"]) == 2
    assert not re.search("did you mean|possible options", capsys.readouterr().err, re.IGNORECASE)


def test_version(capsys) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"seeder {__version__}\n"


def test_help_lists_every_command_and_imports_no_heavy_library() -> None:
    code = (
        "import sys; from seeder.cli.app import main; main(['--help']); "
        "print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for name in cli.LazyGroup().list_commands(None):
        assert f"  {name} " in ran.stdout
        assert COMMANDS[name] in ran.stdout
    assert HEAVY & set(ran.stderr.split()) == set()


@pytest.mark.parametrize("name", cli.LazyGroup().list_commands(None))
def test_each_command_loads_and_explains_itself(name: str, capsys) -> None:
    assert load(name).help
    assert cli.main([name, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: seeder {name}")


_WAITS = """
import sys, time
from seeder.cli import app
def linger():
    for _ in range(6000):
        time.sleep(0.01)  # a signal that comes right before a long sleep is heard at its end
class Group(app.LazyGroup):
    def get_command(self, ctx, name):
        try:
            print("ready", flush=True)
            linger()
        finally:
            {cleanup}
app.app.info.cls = Group
sys.exit(app.main(["scan"]))
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_in_order(number: signal.Signals, code: int) -> None:
    script = _WAITS.format(cleanup="print('cleaned', flush=True)")
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as ran:
        assert ran.stdout is not None
        assert ran.stdout.readline() == "ready\n"
        ran.send_signal(number)
        out, err = ran.communicate(timeout=30)
    assert (ran.returncode, out) == (code, "cleaned\n")
    assert "Traceback" not in err


def test_a_second_ctrl_c_ends_at_once() -> None:
    script = _WAITS.format(cleanup="print('cleaning', flush=True); linger()")
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as ran:
        assert ran.stdout is not None
        assert ran.stdout.readline() == "ready\n"
        ran.send_signal(signal.SIGINT)
        assert ran.stdout.readline() == "cleaning\n"
        ran.send_signal(signal.SIGINT)
        assert ran.wait(timeout=30) == 130


_TWICE = """
import signal, sys
from seeder.cli import app, failures
told = failures.stopped
def interrupted(*stopped):
    signal.raise_signal(signal.SIGTERM)
    return told(*stopped)
failures.stopped = interrupted
class Group(app.LazyGroup):
    def get_command(self, ctx, name):
        signal.raise_signal(signal.SIGTERM)
app.app.info.cls = Group
sys.exit(app.main(["scan"]))
"""


def test_a_second_sigterm_is_not_heard_while_the_end_is_told() -> None:
    ended = subprocess.run([sys.executable, "-c", _TWICE], capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 143
    assert ended.stderr.startswith("error: terminated\n")


@pytest.fixture
def failing_command(monkeypatch: pytest.MonkeyPatch):
    """A command `catalog` with the usual options that raises what it is given."""

    def make(error: BaseException) -> None:
        module = typer.Typer(rich_markup_mode=None)

        @module.command("catalog")
        def command(fmt: options.FormatOption = options.Format.TABLE, report: options.ReportOption = None) -> None:
            raise error

        monkeypatch.setattr(lazy, "load", lambda _: typer.main.get_command(module))

    return make


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (UsageError("no", hint="yes"), 2, {"code": "usage", "message": "no", "hint": "yes"}),
        (StoppedError(143), 143, {"code": "terminated", "message": "the run was terminated", "hint": ""}),
        (ZeroDivisionError("x"), 3, {"code": "bug", "message": "ZeroDivisionError('x')", "hint": ""}),
    ],
)
def test_a_run_that_fails_early_leaves_its_document_all_the_same(
    failing_command, tmp_path, capsys, error, code, told
) -> None:
    failing_command(error)
    assert cli.main(["catalog", "--format", "json", "--report", str(tmp_path / "r.json")]) == code
    document = {"schema": "seeder.catalog/1", "error": told, "exit": code}
    assert json.loads(capsys.readouterr().out) == document
    assert json.loads((tmp_path / "r.json").read_text()) == document


def test_a_report_that_cannot_be_written_does_not_hide_the_error(failing_command, tmp_path, capsys) -> None:
    failing_command(UsageError("the real one"))
    assert cli.main(["catalog", "--report", str(tmp_path / "missing/r.json")]) == 2
    told = capsys.readouterr().err
    assert "cannot write" in told
    assert "error: the real one" in told


@pytest.mark.parametrize("given", ["a", "=b", ""])
def test_set_wants_a_name_and_a_value(given: str) -> None:
    with pytest.raises(typer.BadParameter, match="NAME=VALUE"):
        options.variables_of([given])


def test_set_takes_the_last_of_a_name_and_any_value() -> None:
    assert options.variables_of(["a=1", "b=x=y", "a="]) == {"a": "", "b": "x=y"}


@pytest.mark.parametrize("argv", [["--help"], ["--version"], ["catalog", "schema"]])
def test_a_full_disk_behind_stdout_is_an_error_told_once(argv: list[str]) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        ran = subprocess.run(
            command(*argv), env=environment(), stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (ran.returncode, ran.stderr) == (1, "error: cannot write: No space left on device\nhint: free some space\n")


@pytest.mark.parametrize("argv", [["--help"], ["catalog", "schema"], ["scan", "."], ["lint", "--format", "sarif", "."]])
def test_a_reader_that_goes_away_leaves_the_command_its_code(argv: list[str], tmp_path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM ghcr.io/acme/app:1.0.0\n")
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run(
        command(*argv), stdout=write, stderr=subprocess.PIPE, check=False, cwd=tmp_path, env=environment()
    )
    os.close(write)
    assert (ran.returncode, ran.stderr) == (0, b"")


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["scan", "nowhere"], 2),
        (["scan", "--nothing"], 2),
        (["--log-format", "json", "scan", "nowhere"], 2),
        (["lint", "."], 0),
        (["--log-level", "debug", "lint", "."], 0),
    ],
)
def test_what_nobody_takes_from_stderr_leaves_the_command_its_code(
    argv: list[str], code: int, full: bool, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM ghcr.io/acme/app:1.0.0\n")
    read, write = os.pipe()
    os.close(read)
    with open("/dev/full" if full else write, "wb") as lost:  # noqa: PTH123
        ran = subprocess.run(
            command(*argv), stdout=subprocess.PIPE, stderr=lost, check=False, cwd=tmp_path, env=environment()
        )
    assert ran.returncode == code


def test_an_argument_that_a_terminal_would_act_upon_is_written_out(capsys) -> None:
    assert cli.main(["scan", "no\x1b[2J"]) == 2
    assert "error: no\\x1b[2J does not exist" in capsys.readouterr().err
