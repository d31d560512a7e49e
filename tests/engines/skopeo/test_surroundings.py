"""What skopeo gets around it."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from seeder import process
from seeder.engines.skopeo import surroundings
from seeder.errors import DeniedError, FileError
from seeder.model.reference import ImageReference
from seeder.registry import registries_conf
from seeder.registry.auth_files import AuthFile
from seeder.registry.client import Client
from seeder.registry.credential import Credential
from seeder.registry.credentials import Credentials
from seeder.registry.sources import Sources

NGINX = ImageReference.parse("nginx:1")
OURS = ImageReference.parse("reg.example.com/team/nginx:1")


def sources(environment: dict[str, str], credentials: Credentials | None = None) -> Sources:
    return Sources(
        environment=environment, conf=registries_conf.load(environment), credentials=credentials or Credentials([])
    )


def entries(found: Sources, *references: ImageReference) -> dict[str, dict[str, str]]:
    """What skopeo is told; nothing of it ever stands on the disk."""
    client = Client(found)
    with surroundings.made(found, client, references) as around:
        folder = folder_of(around)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert list(folder.iterdir()) == []
        assert around.stdin is not None
        said = process.run(["cat", str(around.authfile), str(around.authfile)], stdin=around.stdin).stdout
        half = said[: len(said) // 2]
        assert said == half * 2  # it can be read more than once
    assert not folder.exists()
    told: dict[str, dict[str, str]] = json.loads(half)["auths"]
    return told


def folder_of(around: surroundings.Surroundings) -> Path:
    return Path(around.options[around.options.index("--tmpdir") + 1])


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    return dict(os.environ)


def test_credentials_are_those_of_the_places_that_skopeo_asks(environment: dict[str, str], home: Path) -> None:
    file = AuthFile(
        path=home / "x",
        entries={
            "docker.io": Credential(username="me", secret="pull"),
            "reg.example.com/team": Credential(username="", secret="refresh", is_identity_token=True),
            "other.example.com": Credential(username="no", secret="body"),
        },
    )
    told = entries(sources(environment, Credentials([file])), NGINX, OURS)
    assert told == {
        "docker.io/library/nginx": {"auth": "bWU6cHVsbA=="},
        "reg.example.com/team/nginx": {"auth": "Og==", "identitytoken": "refresh"},
    }


def test_a_helper_that_fails_leaves_the_others_be(environment: dict[str, str], home: Path) -> None:
    def ask(helper: str, host: str) -> Credential:
        raise DeniedError(f"{helper} fails for {host}")

    entry = {"docker.io": Credential(username="me", secret="pull")}
    file = AuthFile(path=home / "x", entries=entry, helpers={"reg.example.com": "broken"})
    assert set(entries(sources(environment, Credentials([file], ask=ask)), OURS, NGINX)) == {"docker.io/library/nginx"}


def test_mirrors_are_places_too(environment: dict[str, str], home: Path) -> None:
    (home / "registries.conf").write_text(
        '[[registry]]\nlocation = "docker.io"\n[[registry.mirror]]\nlocation = "mirror.example.com/hub"\n'
    )
    file = AuthFile(path=home / "x", entries={"mirror.example.com": Credential(username="me", secret="s")})
    assert set(entries(sources(environment, Credentials([file])), NGINX)) == {"mirror.example.com/hub/library/nginx"}


def test_what_registry_auth_file_names_is_handed_over_as_it_is(environment: dict[str, str], home: Path) -> None:
    environment["REGISTRY_AUTH_FILE"] = str(home / "auth.json")
    found = sources(environment)
    with surroundings.made(found, Client(found), [NGINX]) as around:
        assert around.authfile == home / "auth.json"


Options = Callable[[dict[str, str]], tuple[str, ...]]


def options(environment: dict[str, str]) -> tuple[str, ...]:
    found = sources(environment)
    with surroundings.made(found, Client(found), []) as around:
        return around.options


def test_the_registries_conf_that_counts_is_named(environment: dict[str, str], home: Path) -> None:
    told = options(environment)
    assert told[told.index("--registries-conf") + 1] == str(home / "registries.conf")
    assert str(told[told.index("--tmpdir") + 1]).startswith("/")


def test_a_policy_is_left_to_skopeo_where_there_is_one(
    environment: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surroundings, "_SYSTEM_POLICY", home / "no-policy.json")
    assert "--insecure-policy" in options(environment)
    (home / ".config/containers").mkdir(parents=True)
    (home / ".config/containers/policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
    assert "--insecure-policy" not in options(environment)


def test_a_home_that_cannot_be_written_gets_a_folder_for_the_cache_of_blobs(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = sources(environment)
    client = Client(found)
    with surroundings.made(found, client, []) as around:
        assert around.environment["XDG_DATA_HOME"] == environment["XDG_DATA_HOME"]
    monkeypatch.setattr(surroundings.os, "access", lambda *_: False)
    with surroundings.made(found, client, []) as around:
        assert around.environment["XDG_DATA_HOME"] == str(folder_of(around))


def test_where_there_is_no_file_in_memory_only_the_user_can_read_it(
    environment: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_name: str) -> int:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(surroundings.os, "memfd_create", refused)
    file = AuthFile(path=home / "x", entries={"docker.io": Credential(username="me", secret="pull")})
    found = sources(environment, Credentials([file]))
    client = Client(found)
    with surroundings.made(found, client, [NGINX]) as around:
        assert around.stdin is None
        assert stat.S_IMODE(around.authfile.stat().st_mode) == 0o600
        assert around.authfile.parent == folder_of(around)
        assert "docker.io/library/nginx" in around.authfile.read_text()
    assert not around.authfile.exists()


def test_nowhere_for_a_folder_is_said(environment: dict[str, str], home: Path) -> None:
    environment["TMPDIR"] = str(home / "nowhere")
    with pytest.raises(FileError, match="nowhere: cannot make a folder") as caught:
        options(environment)
    assert "TMPDIR" in caught.value.hint
