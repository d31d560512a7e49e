"""What is wrong with a document, collected so that one run tells all of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from msgspec import Struct

from seeder.errors import DocumentError

_SIMPLE_KEY = re.compile(r"[\w$-]+\Z")
_SHOWN = 20


class Fault(Struct, frozen=True):
    """What is wrong with one value: its line, the path of its key, why, and what to try."""

    line: int
    path: str
    message: str
    hint: str = ""


class FaultsError(Exception):
    """The faults of a value and of what it holds."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults)
        self.faults = faults


def document_error(faults: Iterable[Fault], name: str) -> DocumentError:
    """All faults in one error, at the place of the first; each further one is a line with its own place.

    A hint stands below all of them where there is one only, else each behind its fault.
    """
    found = sorted(faults, key=lambda fault: fault.line)
    hints = {fault.hint for fault in found[:_SHOWN]} - {""}
    hint = hints.pop() if len(hints) == 1 else ""
    texts = [_text(fault, hint) for fault in found[:_SHOWN]]
    more = [f"{name}:{fault.line}: {text}" for fault, text in zip(found[1:_SHOWN], texts[1:], strict=True)]
    if len(found) > _SHOWN:
        more.append(f"… and {len(found) - _SHOWN} more")
    return DocumentError("\n".join([texts[0], *more]), where=f"{name}:{found[0].line}", hint=hint)


def _text(fault: Fault, told: str) -> str:
    path = f"{fault.path}: " if fault.path else ""
    hint = f"; {fault.hint}" if fault.hint not in {"", told} else ""
    return f"{path}{fault.message}{hint}"


def at(path: str, key: str | int) -> str:
    """The path of what stands under a key or at an index: `targets.event.reached_by[1]`."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    name = key if _SIMPLE_KEY.match(key) else f'"{key}"'
    return f"{path}.{name}" if path else name


def near(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?`, or the known ones where none is close."""
    names = list(known)
    found = get_close_matches(word, names, 1, 0.6)
    return f"; did you mean {found[0]}?" if found else f"; known here: {', '.join(names)}"
