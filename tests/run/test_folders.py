"""`sync` into a folder, on to a registry with no source in reach, and what it refuses."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from seeder.cli.app import main
from seeder.layout import open_layout, readable
from seeder.model.descriptor import Descriptor
from seeder.sandbox import Sandbox

CATALOG = """\
apiVersion: seeder/v1alpha1
kind: Catalog
workshops: [lab]
images: ["ghcr.io/acme/tool:2.4"]
registries: ["*"]
platforms: [{platforms}]
targets:
  air: {{kind: oci-layout, path: "{air}"}}
  event: {{registry: registry.example.com, push: "{event}", insecure: true, reached_by: [dockerd]}}
"""


@pytest.fixture
def hub(home: Path) -> Iterator[Sandbox]:
    """Stands in for both sources; the environment's registries.conf says so."""
    with Sandbox(quota=100) as sandbox:
        conf = sandbox.registries_conf() + sandbox.registries_conf("ghcr.io")
        (home / "registries.conf").write_text(conf)
        sandbox.put_index("nginx:1.27.3", attestations=True)
        sandbox.put_index("acme/tool:2.4", docker=True)
        yield sandbox


@pytest.fixture
def event() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(params=["air", "air.tar"])
def air(request: pytest.FixtureRequest) -> str:
    """The target of kind oci-layout, a folder or a tar."""
    return str(request.param)


def catalog(tmp_path: Path, event: Sandbox, platforms: str = "linux/amd64, linux/arm64", air: str = "air") -> Path:
    lab = tmp_path / "lab"
    lab.mkdir()
    (lab / "compose.yaml").write_text("services:\n  web:\n    image: nginx:1.27.3\n")
    path = tmp_path / "catalog.yaml"
    path.write_text(CATALOG.format(event=event.address, platforms=platforms, air=air))
    return path


@pytest.mark.parametrize("platforms", ["linux/amd64", "linux/amd64, linux/arm64"])
def test_through_the_air_gap(
    tmp_path: Path, home: Path, hub: Sandbox, event: Sandbox, platforms: str, air: str
) -> None:
    path = catalog(tmp_path, event, platforms, air)
    assert main(["sync", str(path), "--target", "air"]) == 0
    assert main(["verify", str(path), "--target", "air", "--deep"]) == 0
    assert {"library/nginx:1.27.3", "ghcr.io/acme/tool:2.4"} <= names(tmp_path / air).keys()

    hub.stop()
    shutil.rmtree(home / ".cache")
    source = f"oci:{tmp_path / air}"
    command = ["sync", str(path), "--target", "event", "--from", source, "--frozen", "--rewrite", "in-place"]
    assert main([*command, "--report", str(tmp_path / "told.json")]) == 0
    told = json.loads((tmp_path / "told.json").read_text())
    assert [one["outcome"] for one in told["outcomes"]] == ["copied", "copied"]
    assert told["pulls"] == 0
    assert "1.27.3" in event.tags("nginx")
    assert "registry.example.com/library/nginx:1.27.3@sha256:" in (tmp_path / "lab" / "compose.yaml").read_text()


def names(path: Path) -> dict[str, Descriptor]:
    with closing(readable(path)) as found:
        return found.names()


def test_a_second_run_has_nothing_to_do(tmp_path: Path, hub: Sandbox, event: Sandbox, air: str) -> None:
    path = catalog(tmp_path, event, air=air)
    assert main(["sync", str(path)]) == 0
    hub.reset()
    file = tmp_path / air / "index.json" if air == "air" else tmp_path / air
    before = file.read_bytes(), file.stat()
    assert main(["sync", str(path)]) == 0
    assert hub.counters.total == 0
    assert (file.read_bytes(), file.stat()) == before


def test_an_image_more_is_all_that_is_copied_into_a_tar(tmp_path: Path, hub: Sandbox, event: Sandbox) -> None:
    path = catalog(tmp_path, event, air="air.tar")
    assert main(["sync", str(path)]) == 0
    before = names(tmp_path / "air.tar")
    path.write_text(path.read_text().replace('images: ["', 'images: ["redis:7", "'))
    hub.put_image("redis:7")
    hub.reset()
    assert main(["sync", str(path)]) == 0
    assert dict(hub.counters.manifest_gets) == {"library/redis": 1}
    after = names(tmp_path / "air.tar")
    assert {name: found for name, found in after.items() if "redis" not in name} == before
    assert "library/redis:7" in after
    assert main(["verify", str(path), "--deep"]) == 0


def test_a_failed_image_does_not_keep_the_others_out_of_the_tar(tmp_path: Path, hub: Sandbox, event: Sandbox) -> None:
    path = catalog(tmp_path, event, air="air.tar")
    path.write_text(path.read_text().replace('images: ["', 'images: ["gone:1", "'))
    assert main(["sync", str(path)]) == 1
    assert "library/nginx:1.27.3" in names(tmp_path / "air.tar")


def test_a_damaged_tar_is_found_and_named(
    tmp_path: Path, hub: Sandbox, event: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    path = catalog(tmp_path, event, air="air.tar")
    assert main(["sync", str(path)]) == 0
    file = tmp_path / "air.tar"
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])
    capsys.readouterr()
    assert main(["verify", str(path)]) == 1
    assert "is no whole tar" in capsys.readouterr().err
    assert main(["sync", str(path), "--target", "event", "--from", f"oci-archive:{file}"]) == 1
    assert "is no whole tar" in capsys.readouterr().err
    hub.reset()
    assert main(["sync", str(path)]) == 0
    assert "is damaged" in capsys.readouterr().err
    assert main(["verify", str(path), "--deep"]) == 0
    assert file.read_bytes() == data
    assert hub.pulls == 0


def test_a_tar_with_a_damaged_blob_is_mended(
    tmp_path: Path, hub: Sandbox, event: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    path = catalog(tmp_path, event, air="air.tar")
    assert main(["sync", str(path)]) == 0
    file = tmp_path / "air.tar"
    data = file.read_bytes()
    child = hub.manifest("nginx:1.27.3").children()[0]
    blob = hub.manifest(f"nginx@{child.digest}").layers()[0].digest
    with closing(readable(file)) as tar, tar.open(blob) as found:
        at = data.index(found.read())
    file.write_bytes(data[:at] + b"?" + data[at + 1 :])
    assert main(["verify", str(path), "--deep"]) == 1
    path.write_text(path.read_text().replace('images: ["', 'images: ["redis:7", "'))
    hub.put_image("redis:7")
    capsys.readouterr()
    assert main(["sync", str(path)]) == 1
    assert f"{file}: blob {blob} has other bytes" in capsys.readouterr().err
    assert main(["sync", str(path)]) == 0
    assert main(["verify", str(path), "--deep"]) == 0
    assert "library/redis:7" in names(file)


def test_a_lost_blob_is_copied_once_more(tmp_path: Path, hub: Sandbox, event: Sandbox) -> None:
    path = catalog(tmp_path, event)
    assert main(["sync", str(path)]) == 0
    kept = open_layout(tmp_path / "air")
    root = kept.manifest(kept.names()["library/nginx:1.27.3"].digest)
    blob = kept.manifest(root.children()[0].digest).blobs()[0]
    lost = tmp_path / "air" / "blobs" / "sha256" / blob.digest.hex
    lost.unlink()
    assert main(["verify", str(path)]) == 1
    assert main(["sync", str(path)]) == 0
    assert lost.exists()


def test_a_plan_makes_no_folder(tmp_path: Path, hub: Sandbox, event: Sandbox, air: str) -> None:
    path = catalog(tmp_path, event, air=air)
    assert main(["plan", str(path)]) == 0
    assert not [file for file in tmp_path.iterdir() if "air" in file.name]


def test_tags_that_are_not_pinned_are_looked_up_in_the_folder(
    tmp_path: Path, hub: Sandbox, event: Sandbox, air: str
) -> None:
    path = catalog(tmp_path, event, air=air)
    assert main(["sync", str(path)]) == 0
    (tmp_path / "catalog.lock.yaml").unlink()
    hub.stop()
    assert main(["sync", str(path), "--target", "event", "--from", f"oci:{tmp_path / air}"]) == 0
    assert event.manifest("nginx:1.27.3") is not None


def test_names_that_the_catalog_gives_are_looked_up_in_the_folder_too(
    tmp_path: Path, hub: Sandbox, event: Sandbox, air: str
) -> None:
    path = catalog(tmp_path, event, air=air)
    text = path.read_text().replace(
        '["ghcr.io/acme/tool:2.4"]', "[{reference: 'ghcr.io/acme/tool:2.4', as: 'tools/t:2'}]"
    )
    path.write_text(text.replace("kind: oci-layout,", "kind: oci-layout, prefix: event/one,"))
    assert main(["sync", str(path)]) == 0
    assert {"event/one/library/nginx:1.27.3", "event/one/tools/t:2"} <= names(tmp_path / air).keys()
    (tmp_path / "catalog.lock.yaml").unlink()
    hub.stop()
    assert main(["sync", str(path), "--target", "event", "--from", f"oci:{tmp_path / air}"]) == 0
    assert event.manifest("nginx:1.27.3") is not None
    assert event.manifest("tools/t:2") is not None


def test_what_the_catalog_calls_one_image_is_no_other(
    tmp_path: Path, hub: Sandbox, event: Sandbox, air: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = catalog(tmp_path, event, air=air)
    renamed = (
        "[{reference: 'ghcr.io/acme/tool:2.4', as: 'library/nginx:1.27.3'}, {reference: 'nginx:1.27.3', as: 'n:1'}]"
    )
    path.write_text(path.read_text().replace('["ghcr.io/acme/tool:2.4"]', renamed))
    assert main(["sync", str(path), "ghcr.io/acme/tool:2.4"]) == 0
    (tmp_path / "catalog.lock.yaml").unlink()
    hub.stop()
    assert main(["sync", str(path), "--target", "event", "--from", f"oci:{tmp_path / air}"]) == 1
    assert "nginx:1.27.3 is not in the layout" in capsys.readouterr().err
    assert event.manifest("nginx:1.27.3") is not None
    assert event.manifest("n:1") is None


def test_nothing_is_rewritten_to_a_folder(
    tmp_path: Path, hub: Sandbox, event: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    path = catalog(tmp_path, event)
    assert main(["sync", str(path), "--rewrite", "in-place"]) == 2
    assert "kind oci-layout, which nothing pulls from" in capsys.readouterr().err
    assert "nginx:1.27.3\n" in (tmp_path / "lab" / "compose.yaml").read_text()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--from", "air"], (2, "write oci: and the folder")),
        (["--from", "oci:nowhere", "--target", "event"], (1, "nowhere: does not exist")),
        (["--engine", "skopeo"], (2, "from registry to registry only")),
    ],
)
def test_what_is_refused(tmp_path: Path, hub: Sandbox, event: Sandbox, capsys, options, says) -> None:
    assert main(["sync", str(catalog(tmp_path, event)), *options]) == says[0]
    assert says[1] in capsys.readouterr().err


def test_a_folder_with_other_things_is_left_alone(
    tmp_path: Path, hub: Sandbox, event: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    path = catalog(tmp_path, event)
    (tmp_path / "air").mkdir()
    (tmp_path / "air" / "theirs").write_text("")
    assert main(["sync", str(path)]) == 1
    assert "not empty and no OCI layout" in capsys.readouterr().err
    assert hub.pulls == 0
