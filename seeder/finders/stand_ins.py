"""Names that usage texts and examples write for one of the reader's own."""

from __future__ import annotations

import re

# Registries that all the world shares: an owner there who is called "user" is nobody.
_SHARED = r"(?:(?:docker|ghcr|quay|gcr)\.io/)?"
_ANY = r"(?:[\w.-]+(?::\d+)?/)?"
_THING = r"(?:own|docker|container|app|application|repo|repository|project|service|web|image|name|tag)"
_STAND_IN = re.compile(
    r"(?:image(?:[-_]?name)?|name|repo(?:sitory)?)\Z"
    r"|(?:[\w.-]+(?::\d+)?/)*[\w.-]+:(?:tag|version)\Z"
    r"|your[-_][\w.-]*(?::[\w.-]*)?\Z"
    rf"|{_ANY}your(?:[-_]{_THING})+(?::[\w.-]*)?\Z"
    rf"|{_ANY}(?:my-?user(?:name)?|account-?name|docker-?id|docker-?hub-?(?:id|user|username|account|name|org))/"
    rf"|{_SHARED}(?:user(?:name)?|owner|(?:my-?)?org(?:ani[sz]ation)?)/"
)
# A host or an owner that is called after the reader: `your-registry.io`, `registry.yourcompany.com`, `yourname`.
_YOURS = re.compile(
    r"(?:^|\.)your(?:[-_.]|(?:user|name|username|org(?:ani[sz]ation)?|repo|registry|account|company|domain|id|docker\w*"
    r"|hub\w*)?(?:[.:]|\Z))"
)


def is_stand_in(text: str) -> bool:
    """Whether a name is none that anybody has."""
    return bool(_STAND_IN.match(text)) or any(
        _YOURS.search(owner) for owner in text.split("/", 2)[:2][: text.count("/")]
    )
