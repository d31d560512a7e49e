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
from seeder.model.outcome import Result
from seeder.model.reference import ImageReference
from seeder.registry import registries_conf
from seeder.registry.auth_files import AuthFile
from seeder.registry.client import Client
from seeder.registry.credential import Credential
from seeder.registry.credentials import Credentials
from seeder.registry.sources import Sources
from tests.engines.bench import benches

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
        assert around.stdin is not None
        said = process.run(["cat", str(around.authfile), str(around.authfile)], stdin=around.stdin).stdout
        half = said[: len(said) // 2]
        assert said == half * 2  # it can be read more than once
    told: dict[str, dict[str, str]] = json.loads(half)["auths"]
    return told


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


def test_a_policy_is_left_to_skopeo_where_there_is_one(
    environment: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surroundings, "_SYSTEM_POLICY", home / "no-policy.json")
    assert "--insecure-policy" in options(environment)
    (home / ".config/containers").mkdir(parents=True)
    (home / ".config/containers/policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
    assert "--insecure-policy" not in options(environment)


@pytest.fixture
def login(home: Path) -> Credentials:
    return Credentials([AuthFile(path=home / "x", entries={"docker.io": Credential(username="me", secret="pull")})])


def refused(_name: str) -> int:
    raise PermissionError(1, "Operation not permitted")


def test_where_no_file_in_memory_is_allowed_it_has_no_name_either(
    environment: dict[str, str], login: Credentials, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surroundings.os, "memfd_create", refused)
    environment["TMPDIR"] = str(tmp_path)
    assert set(entries(sources(environment, login), NGINX)) == {"docker.io/library/nginx"}
    found = sources(environment, login)
    with surroundings.made(found, Client(found), [NGINX]):
        assert list(tmp_path.iterdir()) == []


def test_without_proc_only_the_user_can_read_the_file(
    environment: dict[str, str], login: Credentials, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surroundings, "_OWN_STDIN", tmp_path / "no-proc" / "0")
    environment["TMPDIR"] = str(tmp_path)
    found = sources(environment, login)
    with surroundings.made(found, Client(found), [NGINX]) as around:
        assert around.stdin is None
        assert stat.S_IMODE(around.authfile.stat().st_mode) == 0o600
        assert list(tmp_path.iterdir()) == [around.authfile]
        assert "docker.io/library/nginx" in around.authfile.read_text()
    assert list(tmp_path.iterdir()) == []


def test_nowhere_for_the_credentials_is_said(
    environment: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surroundings.os, "memfd_create", refused)
    environment["TMPDIR"] = str(home / "nowhere")
    with pytest.raises(FileError, match="nowhere: cannot write down the credentials") as caught:
        options(environment)
    assert "TMPDIR" in caught.value.hint


def test_skopeo_itself_needs_no_folder(skopeo: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pod with a read-only root: none for temporary files, none for its cache."""
    for variable in ("TMPDIR", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, "/proc/self/nowhere")
    with benches("skopeo", home) as bench:
        assert bench.one(bench.index("nginx:1.27")).result is Result.COPIED
