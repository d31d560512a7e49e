"""`python -m seeder` and the console script."""

from __future__ import annotations

import gc
import sys


def entry() -> None:
    """The console script: exits with the command's code (design §2)."""
    gc.set_threshold(20_000, 50, 50)  # a tree or a plan is one large graph that lives to the end: looked at less often
    try:
        from seeder.cli.app import main  # noqa: PLC0415 - so that Ctrl-C while Python imports is told by its code too

        code = main(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    entry()
