"""Secrets of every kind, the noisiest log, failures of every kind: none is printed, kept, or put on a command line."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from seeder.sandbox import Action, Sandbox
from seeder.sandbox.cdn import Cdn
from seeder.sandbox.tokens import Tokens
from tests.fixtures.commands import command, environment
from tests.fixtures.faults import Fault, Kind
from tests.fixtures.logins import encoded

PULLS, PUSHES, REFRESH = "pu11-pa55word-of-hub", "pu5h-pa55word-of-target", "refre5h-identity-token"
PROXY, IN_URL = "pr0xy-pa55word", "pa55word-in-an-address"
CATALOG = """\
apiVersion: seeder/v1alpha1
kind: Catalog
registries: ["*"]
platforms: [linux/amd64]
images:
  - nginx:1.27
  - redis:7
targets:
  event: {{registry: "{target}", insecure: true, reached_by: [kubelet, dockerd, vendir, cli]}}
"""
SPY = """\
#!/bin/sh
printf '%s\\n' "$0 $*" >> {calls}
exec {real} "$@"
"""
HELPER = """\
#!/bin/sh
printf '{{"ServerURL": "x", "Username": "pusher", "Secret": "%s"}}' "$(cat {secret})"
"""


@dataclass
class Scene:
    """A hub that wants a login, a target whose login a helper knows; `given` are tokens and signatures given out."""

    folder: Path
    home: Path
    hub: Sandbox
    target: Sandbox
    given: set[str] = field(default_factory=set)

    def run(self, *words: str) -> str:
        """What a command said, after the sweep."""
        ended = subprocess.run(
            command("--no-progress", *words),
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode in {0, 1, 2, 4}, ended.stderr
        self.sweep("stdout", ended.stdout)
        self.sweep("stderr", ended.stderr)
        for path in [*self.folder.rglob("*"), *(self.home / ".cache").rglob("*")]:
            if path.is_file() and path.name != "secret":
                self.sweep(str(path), path.read_text("utf-8", "replace"))
        return ended.stdout + ended.stderr

    def sweep(self, what: str, text: str) -> None:
        for user, secret in (("puller", PULLS), ("pusher", PUSHES), ("me", PROXY), ("me", IN_URL), ("", REFRESH)):
            assert secret not in text, what
            assert encoded(user, secret) not in text, what
        for secret in self.given:
            assert secret not in text, what


def executable(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def logins(hub: Sandbox, target: Sandbox) -> str:
    basic = encoded("puller", PULLS)
    refresh = {"auth": encoded("<token>", ""), "identitytoken": REFRESH}
    return json.dumps(
        {"auths": {hub.address: {"auth": basic}, "docker.io": {"auth": basic}, "token.test:5000": refresh},
         "credHelpers": {target.address: "spied"}}
    )  # fmt: skip


def recorded(monkeypatch: pytest.MonkeyPatch, given: set[str]) -> None:
    """Keeps each token and each signature that the sandboxes give out."""
    give, sign = Tokens.give, Cdn._signature

    def giving(tokens: Tokens, grants: object) -> str:
        token = give(tokens, grants)
        given.add(token)
        return token

    def signing(cdn: Cdn, digest: str, expires: int) -> str:
        signature = sign(cdn, digest, expires)
        given.add(signature)
        return signature

    monkeypatch.setattr(Tokens, "give", giving)
    monkeypatch.setattr(Cdn, "_signature", signing)


@pytest.fixture
def scene(home: Path, tmp_path: Path, skopeo: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    tools = home / "tools"
    tools.mkdir()
    (home / "secret").write_text(PUSHES)
    executable(tools / "docker-credential-spied", HELPER.format(secret=home / "secret"))
    executable(tools / "skopeo", SPY.format(real=skopeo, calls=tmp_path / "calls"))
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    given: set[str] = set()
    recorded(monkeypatch, given)
    with Sandbox(basic=("puller", PULLS)) as hub, Sandbox(token_auth=False, basic=("pusher", PUSHES)) as target:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:{PROXY}@127.0.0.1:9")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
        (home / "registries.conf").write_text(hub.registries_conf())
        (home / ".docker").mkdir()
        (home / ".docker/config.json").write_text(logins(hub, target))
        for name in ("nginx:1.27", "redis:7"):
            hub.put_index(name)
        (tmp_path / "c.yaml").write_text(CATALOG.format(target=target.address))
        yield Scene(tmp_path, home, hub, target, given)


LOGS = (("--log-level", "debug", "--log-format", "json"), ("--log-level", "debug"))


@pytest.mark.parametrize(("engine", "log"), [("direct", LOGS[1]), ("skopeo", LOGS[0])])
def test_what_works_tells_no_secret(scene: Scene, engine: str, log: tuple[str, ...]) -> None:
    scene.run(*log, "pin", "c.yaml", "--report", "pin.json")
    scene.run(*log, "plan", "c.yaml", "--report", "plan.json")
    said = scene.run(*log, "sync", "c.yaml", "--engine", engine, "--report", "sync.json")
    scene.run(*log, "verify", "c.yaml", "--deep", "--report", "verify.json")
    assert json.loads((scene.folder / "sync.json").read_text())["outcomes"][0]["outcome"] == "copied", said
    assert scene.given
    if engine == "skopeo":
        calls = (scene.folder / "calls").read_text()  # the spy in skopeo's stead was run, with no secret in its words
        assert "--authfile /proc/self/fd/0" in calls
        assert "copy" in calls


def test_a_registry_that_cannot_be_reached_tells_no_secret(scene: Scene) -> None:
    """Of its own, a refresh token, and of the proxy on the way."""
    catalog = (scene.folder / "c.yaml").read_text()
    (scene.folder / "c.yaml").write_text(catalog.replace("nginx:1.27", "token.test:5000/a/b:1"))
    said = scene.run(*LOGS[0], "pin", "c.yaml", "--report", "pin.json")
    assert "the proxy" in said
    (failure,) = json.loads((scene.folder / "pin.json").read_text())["failures"]
    assert failure["reference"].startswith("token.test")


FAULTS = [
    ("hub", Fault(kind=Kind.STATUS, action=Action.CDN_GET, status=403, times=None)),
    ("hub", Fault(kind=Kind.REDIRECT_LOOP, action=Action.BLOB_GET, times=None)),
    ("hub", Fault(kind=Kind.UNAUTHORIZED, action=Action.MANIFEST_GET, times=None)),
    ("hub", Fault(kind=Kind.STATUS, action=Action.TOKEN, status=401, times=None)),
    ("hub", Fault(kind=Kind.LOGIN, action=Action.TOKEN, times=None)),
    ("target", Fault(kind=Kind.STATUS, action=Action.MANIFEST_PUT, status=403, times=None)),
]


@pytest.mark.parametrize("engine", ["direct", "skopeo"])
@pytest.mark.parametrize(("side", "fault"), FAULTS, ids=lambda value: getattr(value, "kind", value))
def test_what_fails_tells_no_secret(scene: Scene, engine: str, side: str, fault: Fault) -> None:
    scene.run("pin", "c.yaml")
    getattr(scene, side).inject(fault)
    scene.run(*LOGS[0], "sync", "c.yaml", "--engine", engine, "--report", "sync.json")
    outcomes = json.loads((scene.folder / "sync.json").read_text())["outcomes"]
    assert "copied" not in {outcome["outcome"] for outcome in outcomes}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("redis:7", f"me:{IN_URL}@reg.test/redis:7"),
        ("redis:7", f"https://me:{IN_URL}@reg.test/redis:7"),
        ("redis:7", f'{{reference: "me:{IN_URL}@reg.test/redis:7"}}'),
        ("registry: ", f'push: "me:{IN_URL}@reg.test", registry: '),
        ("registry: ", f'push: "https://me:{IN_URL}@reg.test", registry: '),
    ],
)
@pytest.mark.parametrize("log", LOGS, ids=["json", "text"])
def test_a_password_in_an_address_is_not_repeated(scene: Scene, log: tuple[str, ...], old: str, new: str) -> None:
    path = scene.home / "c.yaml"
    path.write_text((scene.folder / "c.yaml").read_text().replace(old, new))
    for words in (("catalog", "check"), ("sync", "--lock", "l.yaml")):
        assert "Traceback" not in scene.run(*log, *words, str(path))
