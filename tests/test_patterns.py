from __future__ import annotations

import re
import tokenize
from pathlib import Path

import pytest

import seeder

_ROOT = Path(seeder.__file__).parent
_POSSESSIVE_GROUP = re.compile(r"(?<!\\)\)(?:[*+?]|\{[\d,]+\})\+")


@pytest.mark.parametrize("path", sorted(_ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(_ROOT)))
def test_no_pattern_repeats_a_group_possessively(path: Path) -> None:
    """Python 3.11.2, Debian 12's own, matches these wrongly; single characters it repeats rightly."""
    with tokenize.open(path) as file:
        strings = [token.string for token in tokenize.generate_tokens(file.readline) if token.type == tokenize.STRING]
    assert not [string for string in strings if _POSSESSIVE_GROUP.search(string)]
