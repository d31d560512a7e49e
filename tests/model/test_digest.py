from __future__ import annotations

import hashlib

import pytest

from seeder.errors import InvalidReferenceError
from seeder.model.digest import Digest


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_a_digest_is_read_back_and_knows_its_bytes(algorithm: str) -> None:
    text = f"{algorithm}:{hashlib.new(algorithm, b'data').hexdigest()}"
    digest = Digest.parse(text)
    assert str(digest) == text
    assert digest.short == text.partition(":")[2][:12]
    assert digest.matches(b"data")
    assert not digest.matches(b"other")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0" * 64, "has no colon"),
        (f"md5:{'0' * 32}", "'md5' is not one of sha256, sha384, sha512"),
        (f"sha256:{'0' * 63}", "has 64 lower-case hex digits"),
        (f"sha256:{'0' * 65}", "has 64 lower-case hex digits"),
        (f"sha256:{'A' * 64}", "has 64 lower-case hex digits"),
        (f"sha256:{'0' * 63}\n", "has 64 lower-case hex digits"),
        (f"sha512:{'0' * 64}", "has 128 lower-case hex digits"),
    ],
)
def test_what_is_no_digest_is_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidReferenceError, match=said):
        Digest.parse(text)
