"""Words of others (names of files, what images call themselves, answers of registries), as a terminal may get them."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def plain(text: str) -> str:
    r"""The text with what a terminal would act upon written out; line ends and tabs stay.

    >>> plain("a\x1b[2Jb")
    'a\\x1b[2Jb'
    """
    return text if text.isprintable() else _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
