"""Digests (image-spec descriptor.md, "Digests")."""

from __future__ import annotations

import hashlib
import re
from sys import intern

from msgspec import Struct

from seeder.errors import InvalidReferenceError

_HEX_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}
_HEX = re.compile(r"[0-9a-f]+\Z")


class Digest(Struct, frozen=True, order=True):
    """`algorithm:hex`; checked when made.

    >>> str(Digest.of(b""))[:19]
    'sha256:e3b0c44298fc'
    """

    algorithm: str
    hex: str

    def __post_init__(self) -> None:
        length = _HEX_LENGTHS.get(self.algorithm)
        if length is None:
            raise InvalidReferenceError(f"digest algorithm {self.algorithm!r} is not one of {', '.join(_HEX_LENGTHS)}")
        if len(self.hex) != length or not _HEX.match(self.hex):
            raise InvalidReferenceError(
                f"a {self.algorithm} digest has {length} lower-case hex digits, not {self.hex!r}"
            )

    @classmethod
    def parse(cls, text: str) -> Digest:
        """Reads `sha256:…`; raises InvalidReferenceError."""
        algorithm, colon, hex_ = text.partition(":")
        if not colon:
            raise InvalidReferenceError(f"{text!r} is no digest: it has no colon")
        return cls(intern(algorithm), hex_)

    @classmethod
    def of(cls, data: bytes) -> Digest:
        return cls("sha256", hashlib.sha256(data).hexdigest())

    def matches(self, data: bytes) -> bool:
        return hashlib.new(self.algorithm, data).hexdigest() == self.hex

    @property
    def short(self) -> str:
        """Twelve digits, as in the tags that seeder adds."""
        return self.hex[:12]

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.hex}"
