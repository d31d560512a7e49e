"""`seeder demo`."""

from __future__ import annotations

from typing import Annotated

import typer


def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the folder with the workshops for you to look at.")
    ] = False,
) -> int:
    """Show the whole story on this machine alone: no account, no cluster, no registry, and nothing of yours is touched.

    A stand-in for Docker Hub refuses a class; seeder copies what the class needs once, points two sample workshops at
    the copies, and the class pulls all of it with no request to the stand-in. Ends with 0 only if all of that held.
    """
    from seeder.demo.play import play

    return play(keep=keep)
