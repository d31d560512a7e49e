from __future__ import annotations

from pathlib import Path

import pytest

from seeder import json_text
from seeder.errors import DocumentError, RegistryError
from seeder.manifests import platform_of
from seeder.model.descriptor import Manifest
from seeder.model.media_type import OCI_INDEX
from seeder.registry import credentials
from seeder.registry.answers import Said

DEEP = b"[" * 100_000


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xff", b"NaN", b"-Infinity", b"[1e400]", b"9" * 5000, DEEP])
def test_what_is_no_json_is_a_value_error(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        json_text.parse(text)


def test_what_is_json_is_its_value() -> None:
    assert json_text.parse(b'\xef\xbb\xbf{"a": [1, 2.5, null]}') == {"a": [1, 2.5, None]}


@pytest.mark.parametrize(
    "raw", [DEEP, b'{"manifests": [{"mediaType": "a", "digest": "sha256:%s", "size": 1e400}]}' % (b"0" * 64)]
)
def test_a_manifest_that_cannot_be_read_is_the_registry_s_fault(raw: bytes) -> None:
    manifest = Manifest.of(OCI_INDEX, raw)
    with pytest.raises(RegistryError, match="is malformed"):
        manifest.children()


def test_what_is_nested_deeply_is_no_config_and_no_error_of_the_spec() -> None:
    assert platform_of(DEEP) is None
    assert not Said.read(DEEP).is_json


def test_an_auth_file_that_is_nested_deeply_is_none(tmp_path: Path) -> None:
    (tmp_path / "auth.json").write_bytes(DEEP)
    with pytest.raises(DocumentError, match="is no auth file"):
        credentials.load({"REGISTRY_AUTH_FILE": str(tmp_path / "auth.json")})
