"""The commands: name and one line of help; `seeder.cli.<name>` is imported only when the command runs.

The module of a command has a function of its name; the module of a group has a Typer `app`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "scan": "List every image that workshops pull, and where they name it.",
        "why": "Show where one reference comes from.",
        "lint": "Check workshops against the guideline for hosting images.",
        "pin": "Ask for the digest behind each tag and write the lock.",
        "plan": "Show what would be copied, and what it costs in pulls.",
        "sync": "Pin what is not pinned, copy, verify and, if asked to, rewrite.",
        "rewrite": "Point workshop files at the target.",
        "restore": "Undo what rewrite did.",
        "verify": "Check that the target serves every pin whole.",
        "catalog": "Start, check and describe catalogs.",
        "demo": "Show the whole story on this machine alone.",
        "export": "Write the lock in the formats of other tools.",
    }
)
