"""Names that usage texts and examples write for one of the reader's own."""

from __future__ import annotations

import re

# Registries that all the world shares: an owner there who is called "user" is nobody.
_SHARED = r"(?:(?:docker|ghcr|quay|gcr)\.io/)?"
_ANY = r"(?:[\w.-]+(?::\d+)?/)?"
_STAND_IN = re.compile(
    r"(?:image(?:[-_]?name)?|name|repo(?:sitory)?)\Z"
    r"|(?:[\w.-]+(?::\d+)?/)*[\w.-]+:(?:tag|version)\Z"
    rf"|{_ANY}your[-_][\w.-]*(?::[\w.-]*)?\Z"
    rf"|{_ANY}(?:your(?:[-_][\w.-]*|user|name|username|org|repo|registry|account|company|id|docker\w*|hub\w*)?"
    r"|my-?user(?:name)?|account-?name|docker-?id|docker-?hub-?(?:id|user|username|account|name|org))/"
    rf"|{_SHARED}(?:user(?:name)?|owner|(?:my-?)?org(?:ani[sz]ation)?)/"
)


def is_stand_in(text: str) -> bool:
    """Whether a name is none that anybody has."""
    return bool(_STAND_IN.match(text))
