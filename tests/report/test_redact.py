from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeder.report.redact import redact


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("imgpkg+http://me:secret@host:5000/repo:1", "imgpkg+http://***@host:5000/repo:1"),
        ("https://token@ghcr.io/v2/", "https://***@ghcr.io/v2/"),
        ("https://me:p@ss@ghcr.io/v2/", "https://***@ghcr.io/v2/"),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ('{"authorization": "Basic bWU6c2VjcmV0"}', '{"authorization": "***"}'),
        ("Proxy-Authorization=Basic bWU6c2VjcmV0", "Proxy-Authorization=***"),
        ("sent Basic bWU6c2VjcmV0bWU6c2VjcmV0 to it", "sent Basic *** to it"),
        ("nginx:1.27@sha256:0123 of https://ghcr.io/v2/", "nginx:1.27@sha256:0123 of https://ghcr.io/v2/"),
        ("see https://example.com/a, mail me@example.com", "see https://example.com/a, mail me@example.com"),
        ("'me:secret@reg.test/redis:7' is no image reference", "'***@reg.test/redis:7' is no image reference"),
        ("push: me:secret@localhost:5000", "push: ***@localhost:5000"),
        (f"nginx:1.27@sha256:{'1' * 64}", f"nginx:1.27@sha256:{'1' * 64}"),
        ("git@github.com:acme/lab, a:b@ c", "git@github.com:acme/lab, a:b@ c"),
        ("GET https://cdn.test/b?X-Amz-Signature=0a1b&x=1: cut", "GET https://cdn.test/b?X-Amz-Signature=***&x=1: cut"),
        ("/v2/a/blobs/uploads/1?_state=s3cr3t", "/v2/a/blobs/uploads/1?_state=***"),
        ('<a href="https://h/x?sv=1&sig=ab%3D">', '<a href="https://h/x?sv=1&sig=***">'),
        ("what? signature=plain & sig=x", "what? signature=plain & sig=x"),
        ("imgpkg://ghcr.io/a/b:1?path=/x&n=1", "imgpkg://ghcr.io/a/b:1?path=/x&n=1"),
        ("basic knowledge of registries", "basic knowledge of registries"),
    ],
)
def test_secrets_are_put_out_of_sight_and_nothing_else(text: str, said: str) -> None:
    assert redact(text) == said


@given(st.text(alphabet="abcXYZ019:@._-%", min_size=1), st.sampled_from(["https", "imgpkg", "docker"]))
def test_no_userinfo_survives(userinfo: str, scheme: str) -> None:
    assert redact(f"at {scheme}://user:S3CR3T{userinfo}@host/x") == f"at {scheme}://***@host/x"


SECRETS = ["Authorization: Basic ", "https://h/x?sig=", "bearer ", "https://u:", "me:"]
ENDS = st.text(alphabet="abc019\\\"'\n\t@/:&=…", max_size=24)


@given(ENDS, st.sampled_from(SECRETS), ENDS)
def test_a_document_stays_one(before: str, secret: str, after: str) -> None:
    text = json.dumps([f"{before}{secret}0123456789abcdef{after}", "next"], ensure_ascii=False)
    (said, following) = json.loads(redact(text))
    assert following == "next"
    assert said.count('"') <= text.count('"')


@pytest.mark.parametrize(
    "text",
    [
        "it said:\nAuthorization: Basic bWU6c2VjcmV0",
        "it said:\n\tBearer bWU6c2VjcmV0bWU6c2VjcmV0",
        'it said: {"authorization": "Basic bWU6c2VjcmV0"}',
    ],
)
def test_secrets_behind_what_a_document_escapes(text: str) -> None:
    assert "bWU6" not in redact(json.dumps(text))
