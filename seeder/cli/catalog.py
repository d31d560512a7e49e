"""`seeder catalog`: start, check and describe catalogs."""

from __future__ import annotations

import typer

app = typer.Typer(
    help="Start, check and describe catalogs.", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)


@app.callback()
def catalog() -> None:
    """Start, check and describe catalogs."""
