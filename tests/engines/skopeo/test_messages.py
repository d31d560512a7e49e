"""What skopeo says, in the words of several versions, becomes the error that a caller can act on."""

from __future__ import annotations

import pytest

from seeder.engines.skopeo import messages
from seeder.engines.skopeo.messages import Sides
from seeder.errors import (
    DeniedError,
    DigestMismatchError,
    EngineError,
    MissingError,
    RegistryError,
    SeederError,
    ThrottledError,
    UnreachableError,
)

SIDES = Sides(
    source="docker.io/library/nginx@sha256:aa",
    source_host="hub.test:1",
    destination="reg.test:2/library/nginx:1",
    target_host="reg.test:2",
    target="event",
)


def fatal(message: str) -> str:
    escaped = message.replace("\\", "\\\\").replace('"', '\\"')
    return f'time="2026-11-24T12:53:25Z" level=debug msg="GET x"\ntime="…" level=fatal msg="{escaped}"\n'


@pytest.mark.parametrize(
    ("message", "kind", "where", "hint"),
    [
        (
            'trying to reuse blob sha256:3c at destination: pinging container registry reg.test:2: Get "https://'
            'reg.test:2/v2/": http: server gave HTTP response to HTTPS client',
            UnreachableError,
            "reg.test:2",
            "`insecure: true` for targets.event",
        ),
        (
            'initializing source docker://nginx@sha256:aa: pinging container registry hub.test:1: Get "https://'
            'hub.test:1/v2/": http: server gave HTTP response to HTTPS client',
            UnreachableError,
            "hub.test:1",
            "registries.conf",
        ),
        (
            'pinging container registry reg.test:2: Get "https://reg.test:2/v2/": x509: certificate signed by unknown '
            "authority",
            UnreachableError,
            "reg.test:2",
            "certs.d/reg.test:2/ca.crt",
        ),
        (
            "initializing source docker://nginx@sha256:aa: reading manifest sha256:aa in hub.test:1/library/nginx: "
            "manifest unknown: manifest unknown",
            MissingError,
            "hub.test:1",
            "--update",
        ),
        (
            "initializing source docker://x@sha256:aa: reading manifest sha256:aa in hub.test:1/library/x: requested "
            "access to the resource is denied",
            DeniedError,
            "hub.test:1",
            "missing or private",
        ),
        (
            "trying to reuse blob sha256:3c at destination: checking whether a blob sha256:3c exists in "
            "reg.test:2/library/nginx: unauthorized: authentication required",
            DeniedError,
            "reg.test:2",
            "credentials for reg.test:2",
        ),
        (
            "writing blob: initiating layer upload to /v2/library/nginx/blobs/uploads/ in reg.test:2: denied",
            DeniedError,
            "reg.test:2",
            "may push",
        ),
        (
            "initializing source docker://nginx@sha256:aa: reading manifest sha256:aa in hub.test:1/library/nginx: "
            "toomanyrequests: You have reached your pull rate limit.",
            ThrottledError,
            "hub.test:1",
            "",
        ),
        (
            "writing blob: uploading layer chunked: received unexpected HTTP status: 413 Request Entity Too Large",
            EngineError,
            "reg.test:2",
            "proxy-body-size",
        ),
        (
            "Uploading manifest failed, attempted the following formats: application/vnd.docker.distribution.manifest."
            "v2+json(writing manifest: uploading manifest 1 to reg.test:2/library/nginx: unsupported media type)",
            EngineError,
            "reg.test:2",
            "docker2s2",
        ),
        (
            'pinging container registry reg.test:2: Get "http://reg.test:2/v2/": dial tcp 127.0.0.1:2: connect: '
            "connection refused",
            UnreachableError,
            "reg.test:2",
            "running",
        ),
        (
            "initializing source docker://nginx@sha256:aa: pinging container registry hub.test:1: received unexpected "
            "HTTP status: 503 Service Unavailable",
            UnreachableError,
            "hub.test:1",
            "again",
        ),
        ("writing blob: no space left on device", EngineError, "reg.test:2", "space"),
        (
            "reading blob sha256:3c: Digest did not match, expected sha256:3c, got sha256:4d",
            DigestMismatchError,
            "hub.test:1",
            "proxy",
        ),
        (
            "writing blob: happened during read: Digest did not match, expected sha256:401 got sha256:413",
            DigestMismatchError,
            "hub.test:1",
            "proxy",
        ),
        (
            'writing blob: Patch "http://reg.test:2/v2/x/blobs/uploads/4137aa-401-403-404-500": readfrom tcp: '
            "happened during read: unexpected EOF",
            UnreachableError,
            "hub.test:1",
            "running",
        ),
        # What follows was said by 1.9.3, 1.18.0 and 1.22.0 between two sandboxes.
        (
            "determining manifest MIME type for docker://nginx@sha256:aa: Manifest does not match provided manifest "
            "digest sha256:aa",
            DigestMismatchError,
            "hub.test:1",
            "proxy",
        ),
        (
            "reading blob sha256:3c: Error fetching blob: invalid status code from registry 500 (Internal Server "
            "Error)",
            UnreachableError,
            "hub.test:1",
            "again",
        ),
        (
            "reading blob sha256:3c: fetching blob: received unexpected HTTP status: 500 Internal Server Error",
            UnreachableError,
            "hub.test:1",
            "again",
        ),
        (
            "trying to reuse blob sha256:3c at destination: failed to read from destination repository library/nginx: "
            "429 (Too Many Requests)",
            ThrottledError,
            "reg.test:2",
            "",
        ),
        (
            "trying to reuse blob sha256:3c at destination: checking whether a blob sha256:3c exists in "
            'reg.test:2/library/nginx: StatusCode: 429, ""',
            ThrottledError,
            "reg.test:2",
            "",
        ),
        (
            'writing blob: uploading layer chunked: StatusCode: 429, "<html><head><title>429 Too Many Requests</ti..."',
            ThrottledError,
            "reg.test:2",
            "",
        ),
        (
            'copying image 1/2 from manifest list: writing blob: uploading layer chunked: StatusCode: 413, "<html>..."',
            EngineError,
            "reg.test:2",
            "proxy-body-size",
        ),
        (
            "copying image 2/2 from manifest list: reading blob sha256:3c: fetching blob: StatusCode: 403, "
            '"<html><head><title>403 Error</title></head><body><..."',
            DeniedError,
            "hub.test:1",
            "missing or private",
        ),
        (
            'writing blob: Patch "http://reg.test:2/v2/x/blobs/uploads/u?…": readfrom tcp 127.0.0.1:5->127.0.0.1:2: '
            "happened during read: (heuristic tuning data: total 15210 @1015.697 ms, last retry 10140 @0.268 ms, last "
            "progress @ 0.187 ms): unexpected EOF",
            UnreachableError,
            "hub.test:1",
            "running",
        ),
        ("writing blob: uploading layer chunked: blob upload unknown", UnreachableError, "reg.test:2", "forgot"),
        (
            "writing manifest: uploading manifest 1 to reg.test:2/library/nginx: blob unknown to registry",
            UnreachableError,
            "reg.test:2",
            "forgot",
        ),
        (
            "writing blob: uploading layer chunked: received unexpected HTTP status: 507 Insufficient Storage",
            EngineError,
            "reg.test:2",
            "space",
        ),
        (
            'reading config blob sha256:3c: Get "/library/forbidden/blobs/sha256:3c": stopped after 10 redirects',
            RegistryError,
            "hub.test:1",
            "proxy",
        ),
        (
            'writing manifest: Put "/v2/library/nginx/manifests/1": stopped after 10 redirects',
            RegistryError,
            "reg.test:2",
            "proxy",
        ),
        ("Source image rejected: Running image docker://x is rejected by policy.", DeniedError, "reg.test:2", "policy"),
        ("something that no version has said so far", EngineError, "reg.test:2", ""),
    ],
)
def test_meanings(message: str, kind: type[SeederError], where: str, hint: str) -> None:
    error = messages.error(messages.fault(fatal(message)), SIDES)
    assert type(error) is kind
    assert error.where == where
    assert hint in error.hint
    assert message in error.message


def test_the_last_complaint_counts_and_debug_lines_do_not() -> None:
    stderr = 'level=error msg="first"\nlevel=fatal msg="second \\"quoted\\""\nlevel=debug msg="too many requests"\n'
    assert messages.fault(stderr) == 'second "quoted"'


def test_words_without_a_level_are_kept() -> None:
    assert messages.fault('level=debug msg="x"\npanic: runtime error\n') == "panic: runtime error"


@pytest.mark.parametrize("address", ["https://cdn.test/blob", "/blob"])
def test_signatures_of_addresses_stay_out(address: str) -> None:
    stderr = fatal(f'reading blob sha256:3c: Get "{address}?Signature=secret&Expires=1": EOF')
    assert messages.fault(stderr) == f'reading blob sha256:3c: Get "{address}?…": EOF'


def test_silence_is_said() -> None:
    assert "said nothing" in messages.error(messages.fault(""), SIDES).message


@pytest.mark.parametrize(
    ("line", "host"),
    [
        (
            'level=debug msg="Too many requests to http://hub.test:1/v2/x/manifests/y: sleeping for 2 seconds"',
            "hub.test:1",
        ),
        ('level=fatal msg="reading manifest: toomanyrequests: You have reached your pull rate limit."', None),
        ('level=debug msg="Error uploading layer, response http.Response{Status:\\"429 Too Many Requests\\"}"', None),
        ('level=debug msg="GET http://hub.test:1/v2/"', None),
    ],
)
def test_the_first_sign_of_a_429(line: str, host: str | None) -> None:
    assert messages.throttled_host(line) == host
