"""The lock in other tools' formats."""

from __future__ import annotations

import json
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from seeder import targets
from seeder.documents.exports import EXPORTS
from seeder.documents.exports.rehosted import Rehosted
from seeder.model.catalog import ImageEntry, TargetSettings
from seeder.model.digest import Digest
from seeder.model.reference import ImageReference
from seeder.sandbox import Sandbox

TARGET = TargetSettings(name="event", registry="registry.example.com", prefix="seeded")
INSECURE = TargetSettings(name="event", registry="registry.example.com:5000", insecure=True)
ROOT = Digest.of(b"root")


def rehosted(text: str, target: TargetSettings = TARGET, called: str | None = None) -> Rehosted:
    reference = ImageReference.parse(text)
    entry = ImageEntry(reference=reference, destination=called) if called else None
    destination = targets.destination(reference, ROOT, target, entry)
    return Rehosted(reference=reference, destination=destination, root=ROOT)


def test_imageslock() -> None:
    images = [rehosted("nginx:1.27"), rehosted("ghcr.io/acme/tool:2.4")]
    (text,) = EXPORTS["imageslock"](images, TARGET).values()
    assert yaml.safe_load(text) == {
        "apiVersion": "imgpkg.carvel.dev/v1alpha1",
        "kind": "ImagesLock",
        "images": [
            {
                "image": f"registry.example.com/seeded/library/nginx@{ROOT}",
                "annotations": {"kbld.carvel.dev/id": "nginx:1.27"},
            },
            {
                "image": f"registry.example.com/seeded/ghcr.io/acme/tool@{ROOT}",
                "annotations": {"kbld.carvel.dev/id": "ghcr.io/acme/tool:2.4"},
            },
        ],
    }


def test_registries_conf() -> None:
    images = [rehosted("nginx:1.27"), rehosted("redis:7"), rehosted("ghcr.io/acme/tool:2.4")]
    (text,) = EXPORTS["registries.conf"](images, TARGET).values()
    assert tomllib.loads(text) == {
        "registry": [
            {
                "prefix": "docker.io",
                "location": "docker.io",
                "mirror": [{"location": "registry.example.com/seeded"}],
            },
            {
                "prefix": "ghcr.io",
                "location": "ghcr.io",
                "mirror": [{"location": "registry.example.com/seeded/ghcr.io"}],
            },
        ]
    }


@pytest.mark.parametrize(
    ("called", "prefix", "mirror"),
    [
        ("tools/web", "docker.io/library/nginx", "registry.example.com/seeded/tools/web"),
        ("mirror/library/nginx", "docker.io/library/nginx", "registry.example.com/seeded/mirror/library/nginx"),
    ],
)
def test_an_image_with_a_path_of_its_own_gets_a_table_of_its_own(called: str, prefix: str, mirror: str) -> None:
    images = [rehosted("nginx:1.27", called=called), rehosted("redis:7"), rehosted("busybox:1")]
    (text,) = EXPORTS["registries.conf"](images, TARGET).values()
    mirrors = {table["prefix"]: table["mirror"][0]["location"] for table in tomllib.loads(text)["registry"]}
    assert mirrors == {"docker.io": "registry.example.com/seeded", prefix: mirror}


def test_an_image_with_a_path_of_its_own_needs_no_other_of_its_registry() -> None:
    images = [rehosted("nginx:1.27", called="tools/web")]
    (text,) = EXPORTS["registries.conf"](images, TARGET).values()
    (table,) = tomllib.loads(text)["registry"]
    assert table["prefix"] == "docker.io/library/nginx"
    assert table["mirror"] == [{"location": "registry.example.com/seeded/tools/web"}]


def test_versions_of_a_name_in_two_places_are_looked_for_in_both() -> None:
    images = [rehosted("nginx:1.27", called="tools/web"), rehosted("nginx:1.28"), rehosted("redis:7")]
    (text,) = EXPORTS["registries.conf"](images, TARGET).values()
    _, table = tomllib.loads(text)["registry"]
    mirrors = ["registry.example.com/seeded/tools/web", "registry.example.com/seeded/library/nginx"]
    assert [mirror["location"] for mirror in table["mirror"]] == mirrors
    (text,) = EXPORTS["hosts.toml"](images, TARGET).values()
    assert "nginx:1.27 is called" in text
    assert "nginx:1.28 is called" not in text


@pytest.mark.parametrize("called", ["tools/web", "library/nginx:stable"])
def test_kustomize_leaves_out_a_name_whose_versions_have_no_name_and_tags_in_common(called: str) -> None:
    second = rehosted("nginx:1.28")
    second = Rehosted(reference=second.reference, destination=second.destination, root=Digest.of(b"other"))
    (text,) = EXPORTS["kustomize"]([rehosted("nginx:1.27", called=called), second], TARGET).values()
    assert yaml.safe_load(text)["images"] == []
    assert "# docker.io/library/nginx:1.28 is called registry.example.com/seeded/library/nginx:1.28 at" in text


def test_hosts_toml_says_what_it_cannot_move_also_where_it_moves_nothing() -> None:
    files = EXPORTS["hosts.toml"]([rehosted("nginx:1.27", called="tools/web")], TARGET)
    text = files["docker.io/hosts.toml"]
    assert "# docker.io/library/nginx:1.27 is called registry.example.com/seeded/tools/web:1.27 at the target" in text
    assert tomllib.loads(text) == {"server": "https://registry-1.docker.io"}


@pytest.mark.parametrize("form", ["registries.conf", "hosts.toml"])
def test_a_changed_tag_is_said_and_left_out(form: str) -> None:
    images = [rehosted("nginx:1.27", called="web:stable"), rehosted("redis:7")]
    (text,) = EXPORTS[form](images, TARGET).values()
    assert "# docker.io/library/nginx:1.27 is called registry.example.com/seeded/web:stable at the target" in text
    assert "nginx" not in json.dumps(tomllib.loads(text))


def test_hosts_toml() -> None:
    files = EXPORTS["hosts.toml"]([rehosted("nginx:1.27"), rehosted("quay.io/a/b:1")], TARGET)
    assert {name: tomllib.loads(text) for name, text in files.items()} == {
        "docker.io/hosts.toml": {
            "server": "https://registry-1.docker.io",
            "host": {
                "https://registry.example.com/v2/seeded": {"capabilities": ["pull", "resolve"], "override_path": True}
            },
        },
        "quay.io/hosts.toml": {
            "server": "https://quay.io",
            "host": {
                "https://registry.example.com/v2/seeded/quay.io": {
                    "capabilities": ["pull", "resolve"],
                    "override_path": True,
                }
            },
        },
    }


def test_hosts_toml_of_an_insecure_target_takes_any_certificate_and_plain_http() -> None:
    (text,) = EXPORTS["hosts.toml"]([rehosted("nginx:1.27", INSECURE)], INSECURE).values()
    assert list(tomllib.loads(text)["host"].items()) == [
        ("https://registry.example.com:5000", {"capabilities": ["pull", "resolve"], "skip_verify": True}),
        ("http://registry.example.com:5000", {"capabilities": ["pull", "resolve"]}),
    ]


def test_kustomize_knows_each_spelling_of_a_name() -> None:
    (text,) = EXPORTS["kustomize"]([rehosted("nginx:1.27"), rehosted("quay.io/a/b:1")], TARGET).values()
    component = yaml.safe_load(text)
    assert component["kind"] == "Component"
    assert [image["name"] for image in component["images"]] == [
        "docker.io/library/nginx",
        "library/nginx",
        "nginx",
        "quay.io/a/b",
    ]
    assert component["images"][2] == {
        "name": "nginx",
        "newName": "registry.example.com/seeded/library/nginx",
        "digest": str(ROOT),
    }


def test_kustomize_leaves_the_tags_of_a_name_in_two_versions() -> None:
    second = rehosted("nginx:1.28")
    second = Rehosted(reference=second.reference, destination=second.destination, root=Digest.of(b"other"))
    (text,) = EXPORTS["kustomize"]([rehosted("nginx:1.27"), second], TARGET).values()
    images = [image for image in yaml.safe_load(text)["images"] if image["name"] == "nginx"]
    assert images == [{"name": "nginx", "newName": "registry.example.com/seeded/library/nginx"}]


def test_skopeo_reads_our_registries_conf(skopeo: str, tmp_path: Path) -> None:
    with Sandbox() as event:
        pinned = event.put_index("nginx:1.27")
        target = TargetSettings(name="event", registry=event.address, insecure=True)
        (text,) = EXPORTS["registries.conf"]([rehosted("nginx:1.27", target)], target).values()
        conf = tmp_path / "registries.conf"
        conf.write_text(text)
        command = [skopeo, "--registries-conf", str(conf), "inspect", "--raw", "docker://nginx:1.27"]
        raw = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
        assert pinned.digest.matches(raw)
        assert event.counters.manifest_gets["library/nginx"] == 1
