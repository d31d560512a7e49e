from __future__ import annotations

import io
import json
import logging
import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from seeder.errors import FileError
from seeder.report.note import Note
from seeder.report.output import document, emit

RESULT = document("sync", 1, outcomes=[{"reference": "a", "error": {"message": "at https://me:pw@host/"}}])


def no_table() -> str:
    raise AssertionError("nobody asked for a table")


def test_the_envelope() -> None:
    assert document("scan", 0, occurrences=[]) == {"schema": "seeder.scan/1", "occurrences": [], "exit": 0}


def test_json_goes_to_stdout_alone_and_holds_no_secret(capsys) -> None:
    emit(RESULT, fmt="json", table=no_table)
    out, err = capsys.readouterr()
    assert json.loads(out)["outcomes"][0]["error"]["message"] == "at https://***@host/"
    assert err == ""


def test_a_table_goes_to_stdout_and_the_json_to_the_report(tmp_path: Path, capsys) -> None:
    emit(RESULT, report_file=tmp_path / "r.json", table=lambda: "a table\n")
    assert capsys.readouterr().out == "a table\n"
    assert json.loads((tmp_path / "r.json").read_text())["exit"] == 1


def test_names_that_are_no_text_are_written_as_escapes(monkeypatch) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    emit({"file": "caf\udce9 é"}, fmt="json", table=no_table)
    emit({}, table=lambda: "caf\udce9 é")
    out.flush()
    assert out.buffer.getvalue() == b'{\n  "file": "caf\\udce9 \\u00e9"\n}\ncaf\\udce9 \\xe9'


def test_parts_of_files_are_written_as_they_are(monkeypatch) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    out.write("before ")
    emit({}, table=lambda: b"caf\xe9 \xc3\xa9 https://me:pw@host/")
    out.flush()
    assert out.buffer.getvalue() == b"before caf\xe9 \xc3\xa9 https://***@host/"


def test_a_termination_log_is_written_in_place_and_fits(tmp_path: Path, capsys) -> None:
    log = tmp_path / "termination-log"
    log.write_text("old " * 5000)
    inode = log.stat().st_ino
    long = document("sync", 0, outcomes=[{"reference": f"image-{n}"} for n in range(1000)])
    emit(long, report_file=log, table=str)
    assert log.stat().st_ino == inode
    assert log.stat().st_size <= 4096
    assert json.loads(log.read_text())["shortened"] == {"outcomes": 1000}


def test_a_pipe_gets_the_report_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    emit(RESULT, report_file=pipe, table=str)
    reader.join()
    assert json.loads(read[0])["schema"] == "seeder.sync/1"
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("name", ["missing/r.json", "."])
def test_a_report_that_cannot_be_written_says_so(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileError, match=r"cannot write|is a folder"):
        emit(RESULT, report_file=tmp_path / name, table=str)


def test_a_report_that_cannot_be_written_does_not_keep_the_result_from_stdout(tmp_path: Path, capsys) -> None:
    with pytest.raises(FileError) as caught:
        emit(document("sync", 2), fmt="json", report_file=tmp_path / "missing/r.json", table=no_table)
    assert (caught.value.code, caught.value.exit_code) == ("report", 2)
    assert json.loads(capsys.readouterr().out)["exit"] == 2


def test_a_report_that_cannot_be_written_does_not_hide_the_notes(tmp_path: Path, capsys, caplog) -> None:
    missing, notes = tmp_path / "missing/r.json", [Note(message="gone:1", level=logging.ERROR)]
    with pytest.raises(FileError):
        emit(RESULT, report_file=missing, table=lambda: "a table\n", notes=notes)
    assert (capsys.readouterr().out, caplog.messages) == ("a table\n", ["gone:1"])


def test_a_full_stdout_does_not_hide_the_notes(caplog, monkeypatch) -> None:
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(FileError):
            emit(RESULT, table=lambda: "x" * 1_000_000, notes=[Note(message="gone:1", level=logging.ERROR)])
    assert caplog.messages == ["gone:1"]
