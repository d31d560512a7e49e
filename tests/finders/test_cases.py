"""Runs every labelled case through discovery, and checks what must hold for all finders."""

from __future__ import annotations

from pathlib import Path

import pytest

from seeder.discover import Discovery, discover
from seeder.model.occurrence import Occurrence
from tests.finders.cases import Case, Label, load

CASES = load()
FLOOR = 0.98


def plant(root: Path, case: Case, *, crlf: bool = False, bom: bool = False) -> dict[str, bytes]:
    written = {}
    for name, content in case.files.items():
        data = (b"\xef\xbb\xbf" if bom else b"") + (content.replace("\n", "\r\n") if crlf else content).encode()
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        written[name] = data
    return written


def look(root: Path) -> Discovery:
    return discover(root, root_name="case", variables={}, include_all=True)


def labelled(one: Occurrence) -> Label:
    stays = one.pulled and not one.rewritable
    return Label(one.file, one.line, one.raw, one.canonical, one.context.value, one.pulled_by.value, stays)


def found_in(root: Path) -> set[Label]:
    return {labelled(one) for one in look(root).occurrences if one.pulled}


def shown(labels: set[Label]) -> list[str]:
    return sorted(map(str, labels))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_labelled_is_found_and_nothing_else(case: Case, tmp_path: Path) -> None:
    plant(tmp_path, case)
    found = look(tmp_path)
    assert shown({labelled(one) for one in found.occurrences if one.pulled} - case.missed) == shown(case.labels)
    not_pulled = {labelled(one) for one in found.occurrences if not one.pulled}
    assert shown(case.hidden - not_pulled) == []
    assert "all-read" not in case.options or not found.unread
    for file, reason in case.unread:
        assert any(one.file == file and reason in one.reason for one in found.unread), found.unread


@pytest.mark.parametrize("case", CASES, ids=str)
def test_spans_hold_their_text_and_know_their_line(case: Case, tmp_path: Path) -> None:
    written = plant(tmp_path, case, crlf="no-crlf" not in case.options, bom="no-bom" not in case.options)
    for one in look(tmp_path).occurrences:
        data = written[one.file]
        for part in one.parts:
            start, end = part.span.start, part.span.end
            assert data[start:end] == part.text.encode()
            before = data[:start].removeprefix(b"\xef\xbb\xbf").decode()
            assert (part.line, part.column) == (before.count("\n") + 1, len(before) - before.rfind("\n"))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_line_ends_and_byte_order_marks_make_no_difference(case: Case, tmp_path: Path) -> None:
    plant(tmp_path / "plain", case)
    expected = found_in(tmp_path / "plain")
    for crlf in {False, "no-crlf" not in case.options}:
        for bom in {False, "no-bom" not in case.options}:
            root = tmp_path / f"crlf-{crlf}-bom-{bom}"
            plant(root, case, crlf=crlf, bom=bom)
            assert shown(found_in(root)) == shown(expected)


def test_known_misses_are_few() -> None:
    """All else that is labelled is found, and nothing more: each case demands it."""
    missed, labelled = (
        sum(map(len, found)) for found in zip(*((c.missed, c.labels | c.missed) for c in CASES), strict=True)
    )
    assert missed <= (1 - FLOOR) * labelled
