"""What stands where a secret would, and is none."""

from __future__ import annotations

import re

# Variables of shells, pages, Educates, charts, ytt and Concourse; what a command prints; marks of what was left out;
# YAML's own signs.
_OPEN = re.compile(r"[$<{…]|\(\(|\.\.\.|%\w+%|%[sdv]\b|\A[*\[#@%`]|\A[|>~-]?\Z")
# The words of examples, alone or with a word of whose they are before them and a number behind.
_WORD = re.compile(
    r"x+|\*+|(?:your|my|the|a|some|insert|replace|enter|put|add)\b.*|your\w*|my\w*|.*[-_]here"
    r"|(?:(?:your|my|the|test|demo|sample|example|dummy|fake|user|docker|registry|access|api)[-_.]?)*"
    r"(?:password|passwd|passwort|pass|pwd|pw|secret|token|pat|key)[-_]?\d{0,4}"
    r"|change[-_]?(?:me|it|this)\d?|change(?:d|meplease)|(?:dummy|fake|foo|bar|baz|foobar|example|sample|placeholder)\d?"
    r"|redacted|removed|hidden|masked|to-?do|tbd|none|null|nil|true|false|undefined|yes|no",
    re.IGNORECASE,
)
_MADE_UP = re.compile(r"example|redacted|placeholder|12345678|abcdefgh", re.IGNORECASE)
_FEW = 8  # a generated secret of that kind has more different characters


def is_secret(text: str) -> bool:
    """Whether a text in the place of a password is one, and no stand-in for it."""
    bare = text.strip().strip("\"'").strip()
    return bool(bare) and not _OPEN.search(bare) and not _WORD.fullmatch(bare)


def is_generated(text: str) -> bool:
    """Whether a text in the form of a generated secret looks as if it had been generated."""
    return len(set(text)) >= _FEW and not _MADE_UP.search(text)
