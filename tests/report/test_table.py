from __future__ import annotations

from seeder.report.table import table

ROWS = [["nginx:1.27.3", "copied"], ["a", "left\nout"]]


def test_elsewhere_columns_are_aligned_a_row_a_line() -> None:
    assert table(["IMAGE", "OUTCOME"], ROWS, terminal=False) == (
        "IMAGE         OUTCOME\nnginx:1.27.3  copied\na             left out\n"
    )


def test_no_rows_no_table() -> None:
    assert table(["IMAGE"], [], terminal=False) == ""


def test_on_a_terminal_every_cell_is_shown_and_nothing_is_markup(monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    shown = table(["IMAGE", "OUTCOME"], [["[red]nginx[/red]", "y" * 60]], terminal=True)
    assert "[red]nginx[/red]" in shown
    assert shown.count("y") == 60
