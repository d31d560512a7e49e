from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pytest
from rich.pretty import pretty_repr

from seeder.errors import DeniedError, DocumentError
from seeder.registry.auth_files import AuthFile, parse
from seeder.registry.credential import Credential
from seeder.registry.credentials import Credentials, load


def auth(text: str) -> dict[str, str]:
    return {"auth": base64.b64encode(text.encode()).decode()}


def credentials(document: dict[str, object]) -> Credentials:
    return Credentials([parse(document, Path("auth.json"))])


def name(found: Credential | None) -> str | None:
    return None if found is None else found.username


@pytest.mark.parametrize(
    ("host", "repository", "expected"),
    [
        ("r.test", "team/app/web", "app"),
        ("r.test", "team/app", "app"),
        ("r.test", "team/apple", "team"),
        ("r.test", "team", "team"),
        ("r.test", "other", "host"),
        ("r.test:5000", "team", None),
    ],
)
def test_the_longest_path_counts_then_the_host(host: str, repository: str, expected: str | None) -> None:
    found = credentials(
        {"auths": {"r.test": auth("host:1"), "r.test/team": auth("team:2"), "r.test/team/app": auth("app:3")}}
    )
    assert name(found.lookup(host, repository)) == expected


@pytest.mark.parametrize(
    "key", ["https://index.docker.io/v1/", "docker.io", "index.docker.io", "registry-1.docker.io", "docker.io/library"]
)
@pytest.mark.parametrize("host", ["docker.io", "registry-1.docker.io"])
def test_docker_hub_has_many_names(key: str, host: str) -> None:
    assert name(credentials({"auths": {key: auth("me:pw")}}).lookup(host, "library/nginx")) == "me"


@pytest.mark.parametrize("key", ["https://r.test", "http://r.test/v2/", "r.test/v1/", "https://r.test/some/page"])
def test_keys_with_a_scheme_name_a_host(key: str) -> None:
    assert name(credentials({"auths": {key: auth("me:pw")}}).lookup("r.test", "any")) == "me"


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (auth("me:p:w"), Credential(username="me", secret="p:w")),
        ({"username": "me", "password": "pw"}, Credential(username="me", secret="pw")),
        (
            {**auth("<token>:"), "identitytoken": "t"},
            Credential(username="<token>", secret="t", is_identity_token=True),
        ),
        ({}, None),
    ],
)
def test_the_forms_of_an_entry(item: dict[str, str], expected: Credential | None) -> None:
    assert credentials({"auths": {"r.test": item}}).lookup("r.test", "x") == expected


def test_secrets_do_not_show() -> None:
    credential = Credential(username="me", secret="hunter2")
    assert repr(credential) == pretty_repr(credential) == "Credential(username='me')"


@pytest.mark.parametrize(
    "data", ["{", "[]", '{"auths": ["x"]}', '{"auths": {"r": {"auth": "hunter2"}}}', '{"auths": {"r": 5}}']
)
def test_a_broken_file_is_named_and_not_quoted(tmp_path: Path, data: str) -> None:
    file = tmp_path / "auth.json"
    file.write_text(data)
    with pytest.raises(DocumentError) as caught:
        load({"REGISTRY_AUTH_FILE": str(file)})
    assert caught.value.where == str(file)
    assert ("`auth` of r is not" in str(caught.value)) == ("hunter2" in data)
    assert "hunter2" not in f"{caught.value}{caught.value.__cause__}"


def test_the_named_file_is_the_only_one(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"auths": {"r.test": auth("docker:1")}}))
    named = tmp_path / ".dockerconfigjson"
    named.write_text(json.dumps({"auths": {"other.test": auth("named:1")}}))
    found = load({"REGISTRY_AUTH_FILE": str(named), "DOCKER_CONFIG": str(tmp_path)})
    assert found.authfile == named
    assert found.lookup("r.test", "x") is None
    assert found.nobody == f"{named} has no login for it"
    assert name(found.lookup("other.test", "x")) == "named"


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"absent\.json: cannot read: No such file") as caught:
        load({"REGISTRY_AUTH_FILE": str(tmp_path / "absent.json")})
    assert caught.value.hint == "REGISTRY_AUTH_FILE names it; check the path for typing errors"


def test_files_are_asked_in_turn(tmp_path: Path) -> None:
    runtime = tmp_path / "run/containers"
    runtime.mkdir(parents=True)
    (runtime / "auth.json").write_text(json.dumps({"auths": {"r.test": auth("containers:1")}}))
    (tmp_path / ".docker").mkdir()
    docker = {"auths": {"r.test": auth("docker:1"), "d.test": auth("docker:1")}}
    (tmp_path / ".docker/config.json").write_text(json.dumps(docker))
    found = load({"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path / "run")})
    assert [name(found.lookup(host, "x")) for host in ("r.test", "d.test", "n.test")] == ["containers", "docker", None]
    assert found.nobody == f"{runtime}/auth.json and {tmp_path}/.docker/config.json have no login for it"


def test_without_files_there_are_none(tmp_path: Path) -> None:
    found = load({"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)})
    assert (found.lookup("r.test", "x"), found.nobody) == (None, "no auth file is there")


class Helper:
    """Answers for a credential helper, and remembers what it was asked."""

    def __init__(self, *known: str) -> None:
        self.known = known
        self.asked: list[tuple[str, str]] = []

    def __call__(self, helper: str, server: str) -> Credential | None:
        self.asked.append((helper, server))
        return Credential(username=f"{helper}-user", secret="s") if server in self.known else None


def test_a_helper_for_a_host_comes_before_entries_and_the_store_after() -> None:
    helper = Helper("own.test", "stored.test", "https://index.docker.io/v1/")
    file = AuthFile(
        path=Path("config.json"),
        entries={"own.test": Credential(username="entry"), "plain.test": Credential(username="entry")},
        helpers={"own.test": "special"},
        store="desktop",
    )
    found = Credentials([file], ask=helper)
    hosts = ["own.test", "plain.test", "stored.test", "docker.io", "unknown.test", "stored.test"]
    assert [name(found.lookup(host, "x")) for host in hosts] == [
        "special-user", "entry", "desktop-user", "desktop-user", None, "desktop-user",
    ]  # fmt: skip
    assert helper.asked == [
        ("special", "own.test"),
        ("desktop", "stored.test"),
        ("desktop", "https://index.docker.io/v1/"),
        ("desktop", "unknown.test"),
    ]


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> Credentials:
    """A real helper program on PATH, and the credentials of a config.json that names it."""
    program = folder / "docker-credential-fake"
    program.write_text(f"#!/bin/sh\nread server\n{body}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    (folder / "config.json").write_text(json.dumps({"credHelpers": {"r.test": "fake"}}))
    return load({"DOCKER_CONFIG": str(folder), "HOME": str(folder)})


def test_a_real_helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = 'echo "{\\"ServerURL\\": \\"$server\\", \\"Username\\": \\"me@$server\\", \\"Secret\\": \\"s\\"}"'
    found = install(tmp_path, monkeypatch, body).lookup("r.test", "x")
    assert found == Credential(username="me@r.test", secret="s")


def test_a_helper_that_gives_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = install(tmp_path, monkeypatch, """echo '{"Username": "<token>", "Secret": "t"}'""").lookup("r.test", "x")
    assert found == Credential(secret="t", is_identity_token=True)


def test_a_helper_without_an_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "echo 'credentials not found in native keychain'; exit 1"
    assert install(tmp_path, monkeypatch, body).lookup("r.test", "x") is None


@pytest.mark.parametrize("body", ["echo 'the keychain is locked' >&2; exit 1", "echo no JSON"])
def test_a_helper_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    with pytest.raises(DeniedError, match="docker-credential-fake") as caught:
        install(tmp_path, monkeypatch, body).lookup("r.test", "x")
    assert caught.value.code == "credential-helper"


def test_a_helper_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"credsStore": "absent"}))
    with pytest.raises(DeniedError, match="docker-credential-absent"):
        load({"DOCKER_CONFIG": str(tmp_path), "HOME": str(tmp_path)}).lookup("r.test", "x")
