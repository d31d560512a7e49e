"""The grammar of references: tables from distribution/reference's rules, and laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeder.errors import InvalidReferenceError
from seeder.model.digest import Digest
from seeder.model.reference import ImageReference, has_selector
from tests.strategies import references

HEX = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("nginx", "docker.io/library/nginx"),
        ("nginx:1.27", "docker.io/library/nginx:1.27"),
        ("grafana/grafana", "docker.io/grafana/grafana"),
        ("docker.io/nginx", "docker.io/library/nginx"),
        ("index.docker.io/library/nginx:1", "docker.io/library/nginx:1"),
        ("registry-1.docker.io/nginx", "docker.io/library/nginx"),
        ("registry.hub.docker.com/library/nginx:1", "docker.io/library/nginx:1"),
        ("localhost/x", "localhost/x"),
        ("localhost:5000/x/y:1", "localhost:5000/x/y:1"),
        ("FOO/bar", "FOO/bar"),
        ("foo/bar", "docker.io/foo/bar"),
        ("[2001:db8::1]:5000/x:1", "[2001:db8::1]:5000/x:1"),
        ("[fd00::1]/a/b", "[fd00::1]/a/b"),
        (f"ghcr.io/a/b:1@sha256:{HEX}", f"ghcr.io/a/b:1@sha256:{HEX}"),
        (f"nginx@sha256:{HEX}", f"docker.io/library/nginx@sha256:{HEX}"),
        ("a--b/c__d/e.f", "docker.io/a--b/c__d/e.f"),
        ("mirror.gcr.io/library/alpine:3.20", "mirror.gcr.io/library/alpine:3.20"),
        ("x:5000", "docker.io/library/x:5000"),
        ("x:" + "t" * 128, "docker.io/library/x:" + "t" * 128),
        ("a" * 255, None),
        ("docker.io/" + "a/" * 123 + "a", "docker.io/" + "a/" * 123 + "a"),
        ("a" * 256 + "/b", None),
        ("", None),
        (":1", None),
        ("nginx:", None),
        ("nginx@", None),
        ("nginx@sha256:abc", None),
        (f"nginx@md5:{HEX}", None),
        (f"nginx@sha256:{HEX.upper()}", None),
        ("Nginx", None),
        ("docker.io/Library/nginx", None),
        ("a___b", None),
        ("a..b/c/d", None),
        ("-a", None),
        ("a-", None),
        ("ghcr.io/a//b", None),
        ("ghcr.io/a/", None),
        ("/a", None),
        ("https://ghcr.io/a/b", None),
        ("x:" + "t" * 129, None),
        ("x:-t", None),
        ("a b", None),
        ("nginx\n", None),
        (HEX, None),
        ("docker.io/" + HEX, "docker.io/library/" + HEX),
        ("[2001:db8::1/x", None),
    ],
)
def test_parsing_follows_the_grammar(text: str, canonical: str | None) -> None:
    if canonical is None:
        with pytest.raises(InvalidReferenceError):
            ImageReference.parse(text)
    else:
        assert str(ImageReference.parse(text)) == canonical


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty"),
        ("ghcr.io/", "it is empty"),
        ("Nginx:1", "the repository must be lower case"),
        ("docker.io/a..b", r"'a\.\.b' is no repository"),
        ("a..b/c", "the host or the tag is malformed"),
        ("nginx:-1", "'-1' is no tag"),
        ("nginx@sha256:abc", "'sha256:abc' is no digest"),
    ],
)
def test_a_refusal_says_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(InvalidReferenceError, match=said):
        ImageReference.parse(text)


@given(references())
def test_what_is_written_is_read_back(reference: ImageReference) -> None:
    assert ImageReference.parse(str(reference)) == reference


@given(references())
def test_the_familiar_form_names_the_same_thing(reference: ImageReference) -> None:
    assert ImageReference.parse(reference.familiar()) == reference


@given(st.text())
def test_parsing_is_total(text: str) -> None:
    try:
        parsed = ImageReference.parse(text)
    except InvalidReferenceError as error:
        assert error.message  # noqa: PT017 - either way is fine, and the error has to say something
    else:
        assert ImageReference.parse(str(parsed)) == parsed


def test_selector_prefers_the_digest() -> None:
    reference = ImageReference.parse("nginx:1")
    digest = Digest.of(b"x")
    assert reference.selector == "1"
    assert reference.at(digest).selector == str(digest)
    assert ImageReference.parse("nginx").or_latest().tag == "latest"


@pytest.mark.parametrize(
    ("name", "has"),
    [
        ("nginx", False),
        ("nginx:1", True),
        ("nginx@sha256:" + "a" * 64, True),
        ("registry.example.com:5000/nginx", False),
        ("registry.example.com:5000/nginx:1", True),
        ("nginx@$(digest)", True),
    ],
)
def test_a_port_is_no_tag(name: str, has: bool) -> None:
    assert has_selector(name) is has
