"""What the files of jobs/ tell seeder to do, as the application reads it."""

from __future__ import annotations

import shlex
from pathlib import Path

import yaml

from seeder.documents import catalog, lockfile
from seeder.model.pin import Lock
from tests.fixtures.parsing import parsed
from tests.jobs import manifests


def test_cron_job() -> None:
    name, parameters = parsed(manifests.container()["args"])
    assert name == "sync"
    assert parameters["frozen"] is True
    mount = next(mount for mount in manifests.container()["volumeMounts"] if mount["name"] == "catalog")
    assert Path("/dev/termination-log") in parameters.values()
    (file,) = [str(value) for value in parameters.values() if str(value).startswith(f"{mount['mountPath']}/")]
    assert str(Path(file).relative_to(mount["mountPath"])) in manifests.resources()["ConfigMap"]["data"]


def test_github_step() -> None:
    (step,) = yaml.safe_load((manifests.JOBS / "ci" / "github.yaml").read_text())
    words = shlex.split(step["run"])
    name, parameters = parsed(words[words.index("$SEEDER") + 1 :])
    assert (name, parameters["frozen"]) == ("sync", True)
    assert words[words.index("--user") + 1] == "$(id -u):$(id -g)"  # else files would not keep their group


def test_gitlab_job() -> None:
    job = yaml.safe_load((manifests.JOBS / "ci" / "gitlab.yaml").read_text())["seed"]
    (line,) = job["script"]
    words = shlex.split(line)
    name, parameters = parsed(words[1:])
    assert (words[0], name, parameters["frozen"]) == ("seeder", "sync", True)
    (report,) = job["artifacts"]["paths"]
    assert Path(report) in parameters.values()
    assert job["allow_failure"] == {"exit_codes": 4}


def test_steps_have_ten_lines() -> None:
    for name in ("github", "gitlab"):
        assert len((manifests.JOBS / "ci" / f"{name}.yaml").read_text().splitlines()) <= 10


def test_catalog_is_one() -> None:
    data = manifests.resources()["ConfigMap"]["data"]
    read = catalog.parse(data["catalog.yaml"].encode(), "catalog.yaml")
    assert [str(entry.reference) for entry in read.images] == [
        "docker.io/library/nginx:1.27.3",
        "docker.io/library/redis:7.4.1",
    ]
    assert [target.name for target in read.targets] == ["event"]


def test_lock_is_an_empty_one_as_seeder_writes_it() -> None:
    data = manifests.resources()["ConfigMap"]["data"]["catalog.lock.yaml"].encode()
    assert lockfile.parse(data, "catalog.lock.yaml") == Lock()
    assert lockfile.render(Lock()) == data
