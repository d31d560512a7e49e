"""JSON that others wrote (RFC 8259), of whatever quality."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn


def parse(data: bytes | str) -> Any:  # noqa: ANN401 - any JSON
    """The value; raises ValueError alone, also for what only Python takes, and for what is nested too deeply for it."""
    try:
        return json.loads(data, parse_float=_finite, parse_constant=_refused)
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:40]} is too large a number")
    return number


def _refused(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")
