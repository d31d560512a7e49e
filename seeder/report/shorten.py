"""JSON texts, and a report cut to a size, still valid JSON: what failed stays longest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

_STEPS = (50, 20, 10, 5, 3, 1, 0)
_TEXT = 160


def shorten(result: Mapping[str, Any], limit: int) -> str:
    """Compact JSON of at most `limit` bytes.

    Long lists lose items that are well before those with an error; `shortened` says how long each list was.
    """
    text = to_json(result)
    if _fits(text, limit):
        return text
    lengths = {key: len(value) for key, value in result.items() if isinstance(value, list)}
    for keep in _STEPS:
        cut = {key: _cut(value, keep) for key, value in result.items()}
        text = to_json({**cut, "shortened": lengths})
        if _fits(text, limit):
            return text
    return to_json({key: result[key] for key in ("schema", "exit") if key in result} | {"shortened": lengths})


def _cut(value: Any, keep: int) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        return [_cut(item, keep) for item in sorted(value, key=_is_well)[:keep]]
    if isinstance(value, dict):
        return {key: _cut(item, keep) for key, item in value.items()}
    if isinstance(value, str) and len(value) > _TEXT:
        return f"{value[: _TEXT - 1]}…"
    return value


def _is_well(item: Any) -> bool:  # noqa: ANN401 - any JSON
    return not (isinstance(item, dict) and item.get("error"))


def to_json(result: Mapping[str, Any], *, encoding: str = "utf-8", indent: int | None = None) -> str:
    """JSON that the encoding can hold; names of files may hold bytes that are no text, which only escapes can."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(result, ensure_ascii=False, separators=separators)
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return json.dumps(result, indent=indent, separators=separators)
    # Of json's two encoders the one that indents is not the one in C.
    return text if indent is None else msgspec.json.format(text, indent=indent)


def _fits(text: str, limit: int) -> bool:
    return len(text.encode()) <= limit
