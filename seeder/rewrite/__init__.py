"""Which occurrences get which new text, what stays and why, and whether the result still says the same (pure).

Stages in here: `choose` → `share` → `follow` → `couple` → edits per file → `search` → `check` → `record`.
"""

from __future__ import annotations

from seeder.model.edit import Edit, splice
from seeder.rewrite.change import Change, Left, edits_of
from seeder.rewrite.check import changed_otherwise, yaml_changed_otherwise
from seeder.rewrite.choose import Rules, choose
from seeder.rewrite.couple import BY_HAND, couple, tied
from seeder.rewrite.follow import follow
from seeder.rewrite.record import recorded
from seeder.rewrite.search import Looked, misled
from seeder.rewrite.share import share

__all__ = [
    "BY_HAND",
    "Change",
    "Edit",
    "Left",
    "Looked",
    "Rules",
    "changed_otherwise",
    "choose",
    "couple",
    "edits_of",
    "follow",
    "misled",
    "recorded",
    "share",
    "splice",
    "tied",
    "yaml_changed_otherwise",
]
