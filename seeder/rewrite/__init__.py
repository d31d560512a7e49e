"""Which occurrences get which new text, what stays and why, and whether the result still says the same (pure).

Stages in here: `choose` → `share` → `follow` → `couple` → edits per file → `search` → `check` → `record`.
"""
