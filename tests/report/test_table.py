from __future__ import annotations

import pytest

from seeder.report.table import abbreviated, table

ROWS = [["nginx:1.27.3", "copied"], ["a", "left\nout"]]
LONG = "its registry is known at run time only, and so it stays as it is"


def test_elsewhere_columns_are_aligned_a_row_a_line() -> None:
    assert table(["IMAGE", "OUTCOME"], ROWS) == "IMAGE         OUTCOME\nnginx:1.27.3  copied\na             left out\n"


def test_what_a_terminal_would_act_upon_is_written_out() -> None:
    assert table(["FILE"], [["\x1b[2Ja\x9bb"], ["\N{FIRE}\xa0é"]]).splitlines()[1:] == [
        r"\x1b[2Ja\x9bb",
        "\N{FIRE}\xa0é",
    ]


def test_no_rows_no_table() -> None:
    assert table(["IMAGE"], []) == ""


def test_wide_letters_count_as_two_columns() -> None:
    assert table(["FILE", "LINE"], [["練習.md", "1"], ["ab", "2"]]).splitlines()[1:] == ["練習.md  1", "ab       2"]


def test_where_it_fits_a_terminal_shows_the_same() -> None:
    assert table(["IMAGE", "OUTCOME"], ROWS, width=80) == table(["IMAGE", "OUTCOME"], ROWS, width=0)


def test_the_last_column_goes_on_below_itself() -> None:
    lines = table(["IMAGE", "WHY"], [["nginx:1.27.3", LONG]], width=60).splitlines()
    assert lines[1:] == [
        "nginx:1.27.3  its registry is known at run time only, and so",
        "              it stays as it is",
    ]


def test_where_columns_have_no_room_cells_follow_each_other() -> None:
    rows = [["registry.example.com/library/nginx:1.27.3", "dockerd", LONG]]
    assert table(["IMAGE", "PULLED BY", "NOTES"], rows, width=50).splitlines()[1:] == [
        "registry.example.com/library/nginx:1.27.3  dockerd",
        "    its registry is known at run time only, and so",
        "    it stays as it is",
    ]


def test_one_long_row_takes_the_columns_from_no_other() -> None:
    rows = [["x" * 70, "copied"], *([[f"image-{n}", "copied"] for n in range(9)])]
    lines = table(["IMAGE", "OUTCOME"], rows, width=72).splitlines()
    assert lines[1:4] == ["x" * 70, "    copied", "image-0  copied"]


def test_a_row_of_which_one_cell_is_too_long_is_set_apart_whole() -> None:
    rows = [["x" * 60, "copied", LONG], *([[f"image-{n}", "copied", "fine"] for n in range(9)])]
    lines = table(["IMAGE", "OUTCOME", "WHY"], rows, width=72).splitlines()
    assert lines[1:4] == ["x" * 60 + "  copied", f"    {LONG}", "image-0  copied   fine"]


@pytest.mark.parametrize("width", [1, 20, 40, 79, 200])
def test_no_name_is_ever_cut(width: int) -> None:
    shown = table(["IMAGE", "PLACE", "NOTES"], [["y" * 60, "[red]a[/red]", "z" * 50]], width=width)
    assert {"y" * 60, "[red]a[/red]", "z" * 50} <= set(shown.split())


def test_colours_where_the_terminal_wants_them(monkeypatch) -> None:
    monkeypatch.setattr("seeder.report.table.is_coloured", lambda: True)
    shown = table(["IMAGE", "OUTCOME", "WHY"], [["error", "failed", "no failed pull"]], width=0)
    assert shown == ("\x1b[1mIMAGE  OUTCOME  WHY\x1b[0m\nerror  \x1b[31mfailed\x1b[0m   no failed pull\n")


def test_a_digest_is_abbreviated_behind_a_name_alone() -> None:
    digest = "sha256:" + "0123456789ab" + "c" * 52
    assert abbreviated(f"nginx:1@{digest}") == "nginx:1@sha256:0123456789ab…"
    assert abbreviated(digest) == digest
