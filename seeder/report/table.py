"""Tables for people: through Rich on a terminal, plain columns elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

_GAP = "  "


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, terminal: bool | None = None) -> str:
    """The table as text, a row a line where it is not for a terminal; empty without rows.

    `terminal` is found out where it is not given.
    """
    cells = [[cell.replace("\n", " ") for cell in row] for row in rows]
    if not cells:
        return ""
    on_terminal = sys.stdout.isatty() if terminal is None else terminal
    return _rich(columns, cells) if on_terminal else _plain([list(columns), *cells])


def _plain(lines: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join(
        _GAP.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n" for line in lines
    )


def _rich(columns: Sequence[str], rows: list[list[str]]) -> str:
    from rich.console import Console  # noqa: PLC0415 - heavy, and only for terminals
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*map(Text, row))
    console = Console()
    with console.capture() as captured:
        console.print(drawn)
    return captured.get()
