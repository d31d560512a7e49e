"""Names that hold what the platform or a tool fills in, once the catalog says what that is."""

from __future__ import annotations

from pathlib import Path

import pytest

from seeder.run.project import open_project
from seeder.run.restore import restore
from tests.run.rewriting import CATALOG, HOST, digest, ground, run

WORKSHOP = """\
apiVersion: training.educates.dev/v1beta1
kind: Workshop
spec:
  workshop:
    packages:
    - name: tools
      files:
      - image:
          url: acme/tools
          tagSelection: {semver: {constraints: ">=1.0.0 <2.0.0"}}
    files:
    - image: {url: "acme/cache-$(platform_arch)-files:0.25.1"}
"""


def test_the_one_platform_of_a_catalog_says_what_the_architecture_is(tmp_path: Path) -> None:
    made = ground(tmp_path, f"{CATALOG}platforms: [linux/amd64]\n")
    made.write("labs/a/resources/workshop.yaml", WORKSHOP)
    made.pin("acme/cache-amd64-files:0.25.1")
    done = run(made)
    written = made.files()["a/resources/workshop.yaml"].decode()
    assert f"{HOST}/acme/cache-amd64-files:0.25.1@{digest('acme/cache-amd64-files:0.25.1')}" in written
    assert [left.occurrence.raw for left in done.left] == ["acme/tools"]
    assert not run(made).files


def test_the_tag_that_a_selection_chooses_is_copied_and_not_written(tmp_path: Path) -> None:
    made = ground(tmp_path, f"{CATALOG}platforms: [linux/arm64]\nvariables: {{tagSelection: 1.4.2}}\n")
    made.write("labs/a/resources/workshop.yaml", WORKSHOP)
    before = made.files()
    made.pin("acme/cache-arm64-files:0.25.1", "acme/tools:1.4.2")
    assert run(made).exit_code == 0
    assert f"url: {HOST}/acme/tools\n" in made.files()["a/resources/workshop.yaml"].decode()
    assert not run(made).files
    restore(open_project(made.catalog))
    assert made.files() == before


@pytest.mark.parametrize("platforms", ["", "platforms: [linux/amd64, linux/arm64]\n"])
def test_where_no_platform_or_several_are_named_the_name_stays(tmp_path: Path, platforms: str) -> None:
    made = ground(tmp_path, CATALOG + platforms)
    made.write("labs/a/resources/workshop.yaml", WORKSHOP)
    made.pin()
    assert {left.hint.partition(",")[0] for left in run(made).left} == {
        "write one tag in its stead",
        "give it one under `variables`",
    }


SESSION = """\
apiVersion: training.educates.dev/v1beta1
kind: Workshop
spec:
  session:
    env: [{name: WEB, value: "nginx:1.27.0"}, {name: TITLE, value: "a:b"}]
"""
PAGE = "```terminal:execute\ncommand: docker run $WEB && docker rmi $WEB\n```\n"


def test_a_variable_of_the_session_takes_the_tag_alone_as_commands_do(tmp_path: Path) -> None:
    made = ground(tmp_path)
    made.write("labs/a/resources/workshop.yaml", SESSION)
    made.write("labs/a/workshop/content/a.md", PAGE)
    made.pin("nginx:1.27.0")
    assert run(made).exit_code == 0
    files = made.files()
    assert files["a/resources/workshop.yaml"].decode() == SESSION.replace("nginx:", f"{HOST}/library/nginx:")
    assert files["a/workshop/content/a.md"].decode() == PAGE


@pytest.mark.parametrize("more", ["", "docker pull golang:latest\n"], ids=["alone", "another tag is pulled"])
def test_an_exported_value_that_is_a_part_of_a_name_is_rewritten_as_that(more: str, tmp_path: Path) -> None:
    made = ground(tmp_path)
    script = f'export BASE=golang VERSION="1.22.1"\ndocker build --build-arg BASE=$BASE:$VERSION .\n{more}'
    made.write("labs/a/run.sh", script)
    made.pin("golang:1.22.1", "golang:latest")
    before = made.files()
    assert run(made).exit_code == 0
    written = made.files()["a/run.sh"].decode()
    assert written == script.replace("golang", f"{HOST}/library/golang")
    assert not run(made).files
    restore(open_project(made.catalog))
    assert made.files() == before


def test_an_exported_value_is_spelled_as_its_use_wants_it_each_time(tmp_path: Path) -> None:
    made = ground(tmp_path)
    made.write("labs/a/run.sh", "export IMAGE=redis:7.4\nskopeo copy docker://$IMAGE oci:redis\n")
    made.pin("redis:7.4")
    run(made)
    once = made.files()
    assert once["a/run.sh"].decode().startswith(f"export IMAGE={HOST}/library/redis@{digest('redis:7.4')}\n")
    assert not run(made).files
    assert made.files() == once
