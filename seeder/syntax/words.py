"""Patterns for one of many words."""

from __future__ import annotations

import re
from collections.abc import Collection


def any_of(words: Collection[str]) -> str:
    """A pattern for any of some words, by what they have in common at the front: `a|b|c` tries each at each place.

    Of words that begin alike the shorter one is found. It recurses as deep as the longest word has letters.
    """
    if not words:
        return "(?!)"
    if "" in words:
        return ""
    following: dict[str, list[str]] = {}
    for word in words:
        following.setdefault(word[0], []).append(word[1:])
    ways = [re.escape(first) + any_of(rest) for first, rest in following.items()]
    return ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})"
