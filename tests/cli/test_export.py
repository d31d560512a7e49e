"""`seeder export`."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from seeder.cli.app import main
from seeder.cli.export import Form
from seeder.documents import lockfile
from seeder.documents.exports import EXPORTS
from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_INDEX
from seeder.model.pin import Lock, Pin, PlatformPin
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference

CATALOG = """\
apiVersion: seeder/v1alpha1
kind: Catalog
images: [nginx:1.27, "ghcr.io/acme/tool:2.4"]
platforms: [linux/amd64]
targets:
  event: {registry: registry.example.com}
"""
INDEX, CHILD = Digest.of(b"index"), Digest.of(b"child")


def pin(text: str, *, read: bool = True) -> Pin:
    platforms = {Platform("linux", "amd64"): PlatformPin(digest=CHILD, size=1)} if read else {}
    descriptor = Descriptor(media_type=OCI_INDEX, digest=INDEX, size=10)
    return Pin(reference=ImageReference.parse(text), descriptor=descriptor, platforms=platforms)


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    path = tmp_path / "event.yaml"
    path.write_text(CATALOG)
    return path


def lock(catalog: Path, *pins: Pin) -> None:
    catalog.with_suffix(".lock.yaml").write_bytes(lockfile.render(Lock.of({pin.reference: pin for pin in pins})))


def test_the_formats_of_the_command_line_are_those_that_there_are() -> None:
    assert [form.value for form in Form] == list(EXPORTS)


def test_what_stands_at_the_target_is_exported(catalog: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock(catalog, pin("nginx:1.27"))
    assert main(["export", str(catalog), "--as", "imageslock"]) == 0
    images = yaml.safe_load(capsys.readouterr().out)["images"]
    assert [image["image"] for image in images] == [f"registry.example.com/library/nginx@{CHILD}"]


@pytest.mark.parametrize("form", Form)
def test_no_tool_is_pointed_at_a_folder(catalog: Path, capsys: pytest.CaptureFixture[str], form: Form) -> None:
    lock(catalog, pin("nginx:1.27"))
    with catalog.open("a") as file:
        file.write("  air: {kind: oci-layout, path: air}\n")
    assert main(["export", str(catalog), "--as", form.value, "--target", "air"]) == 2
    told = capsys.readouterr()
    assert (told.out, "targets.air: no tool can be pointed at" in told.err) == ("", True)


def test_several_files_go_to_a_folder(catalog: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock(catalog, pin("nginx:1.27"), pin("ghcr.io/acme/tool:2.4"))
    assert main(["export", str(catalog), "--as", "hosts.toml"]) == 2
    assert "add --output-dir DIR" in capsys.readouterr().err
    folder = tmp_path / "certs.d"
    assert main(["export", str(catalog), "--as", "hosts.toml", "--output-dir", str(folder)]) == 0
    assert sorted(path.name for path in folder.iterdir()) == ["docker.io", "ghcr.io"]
    assert 'server = "https://registry-1.docker.io"' in (folder / "docker.io" / "hosts.toml").read_text()


def test_a_folder_that_cannot_be_made_is_an_error(catalog: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock(catalog, pin("nginx:1.27"))
    assert main(["export", str(catalog), "--as", "kustomize", "--output-dir", str(catalog / "sub")]) == 1
    assert "cannot make the folder" in capsys.readouterr().err


def test_a_lock_that_does_not_know_the_platform_says_what_to_run(
    catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock(catalog, pin("nginx:1.27", read=False))
    assert main(["export", str(catalog), "--as", "kustomize"]) == 2
    assert "pin --read-manifests" in capsys.readouterr().err


def test_without_pins_there_is_nothing_to_export(catalog: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(catalog), "--as", "kustomize"]) == 2
    assert "run `seeder pin`" in capsys.readouterr().err
