"""The last line of defence: secrets that slipped into a text for people or machines."""

from __future__ import annotations

import re

# Patterns as text are compiled by the first text that needs them: most runs have none.
# In a JSON document a line ends with `\n`, and `\"` is a quote: no pattern takes a backslash without what it escapes.
_BEGIN = r"(?i)(?:\b|(?<=\\[nrt]))"
_USERINFO = r"(?<=://)[^/?#\s@\"'<>]+(?:@[^/?#\s@\"'<>]*)*@(?=[^\s@])"
# `user:password@host` without a scheme, as some write a registry; `repository:tag@sha256:…` is none.
_BARE = (
    r"(?<![^\s\"'`=(,])[^\s\"'`/:@<>=(,]+:[^\s\"'`/@<>]+@"
    r"(?!sha(?:256|512):)(?=[A-Za-z0-9.-]+(?::[0-9]+)?(?:[/\"'`\s]|\Z))"
)
_AT = re.compile(r"@(?!sha(?:256|512):)")
_AUTHORIZATION = (
    _BEGIN + r"((?:proxy-)?authorization(?:\\?[\"'])?\s*[:=]\s*(?:\\?[\"'])?)(?:(?:basic|bearer)\s+)?[^\s\"',;\\]+"
)
# What lets its holder in for a while: signed addresses of blob stores (S3, R2, CloudFront, Azure, Google), tokens, and
# distribution's upload sessions.
_SIGNED = (
    r"(?i)([?&](?:x-(?:amz|goog)-(?:signature|credential|security-token)|sig|signature|verify|policy|token|access_token"
    r"|refresh_token|password|_state)=)[^&#\s\"'<>\\]+"
)
_SCHEME = _BEGIN + r"(basic|bearer)(\s+)[a-z0-9+/_.~-]{16,}=*"


def redact(text: str) -> str:
    """The text with user and password of URLs, signatures and tokens in their queries, and what follows
    `Authorization`, put out of sight.

    >>> redact("imgpkg+http://me:secret@host/repo")
    'imgpkg+http://***@host/repo'
    """
    if "://" in text and "@" in text:
        text = re.sub(_USERINFO, "***@", text)
    if "=" in text and ("?" in text or "&" in text):
        text = re.sub(_SIGNED, r"\1***", text)
    if _AT.search(text):
        text = re.sub(_BARE, "***@", text)
    folded = text.casefold()  # a search for words is a hundred times as fast as one that does not mind their case
    if "authorization" in folded:
        text = re.sub(_AUTHORIZATION, r"\1***", text)
    if "basic" in folded or "bearer" in folded:
        text = re.sub(_SCHEME, r"\1\2***", text)
    return text
