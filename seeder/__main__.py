"""`python -m seeder` and the console script."""

from __future__ import annotations

import sys


def entry() -> None:
    """The console script: exits with the command's code (design §2)."""
    from seeder.cli.app import main  # noqa: PLC0415 - imported late so that a signal during start-up finds a handler

    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    entry()
