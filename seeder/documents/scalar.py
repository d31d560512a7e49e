"""Texts as YAML scalars that every parser reads back as the same text."""

from __future__ import annotations

import json
import re

# Plain text inside and outside of braces, for parsers of YAML 1.1 and 1.2.
_PLAIN = re.compile(r"(?:[A-Za-z]|\.{0,2}/)[A-Za-z0-9._+/-]*(?:[:@][A-Za-z0-9._+/-]+)*\Z")
_NOT_TEXT = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf"})
# Line ends of YAML 1.1 beside those that JSON escapes, the byte order mark, and halves of surrogate pairs.
_ESCAPED = "[\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]"  # compiled when it is first needed


def scalar(text: str) -> str:
    """The text plain where that is safe, else in double quotes."""
    if _PLAIN.match(text) and text.lower() not in _NOT_TEXT:
        return text
    return quoted(text)


def quoted(text: str) -> str:
    """The text in double quotes."""
    return re.sub(_ESCAPED, lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))
