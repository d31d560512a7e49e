"""Names that tests and commands compare with what is there: after rewriting they still hold, or all is as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from seeder.run.project import open_project
from seeder.run.restore import restore
from seeder.run.rewrite import Mode
from tests.run.rewriting import HOST, NEW, POD, Ground, ground, run

TAGGED = f"{HOST}/library/nginx:1.27.3"
TYPED = "```terminal:execute\ncommand: docker run -d nginx:1.27.3\n```\n"


def workshop(folder: Path, test: str, **files: str) -> Ground:
    made = ground(folder)
    made.write("labs/a/workshop/examiner/tests/has-image", f"#!/bin/bash\n{test}\n")
    for name, text in files.items():
        made.write({"page": "labs/a/workshop/content/01.md", "pod": "labs/a/exercises/pod.yaml"}[name], text)
    made.pin("nginx:1.27.3")
    return made


def script(made: Ground) -> str:
    return made.files()["a/workshop/examiner/tests/has-image"].decode().split("\n", 1)[1].rstrip("\n")


COMPARED = [
    '[ "$(kubectl get pod web -o jsonpath={..image})" = "{}" ]',
    "image=$(kubectl get pod web -o jsonpath={..image}); if [[ $image != {} ]]; then exit 1; fi",
    'test "$image" == {}',
    "case $(kubectl get pod web -o jsonpath={..image}) in {}) exit 0;; esac",
    "grep -q '^ *image: {}' ~/exercises/pod.yaml",
    'kubectl get pod web -o yaml | grep -qE "image: [\'\\"]?{}"',
    "kubectl get pods -o json | jq -e '.items[] | select(.spec.containers[0].image == \"{}\")'",
    'want={}; kubectl get pod web -o yaml | grep -q "image: $want"',
    'EXPECTED="{}"; ACTUAL=$(kubectl get pod web -o jsonpath={..image}); [ "$ACTUAL" != "$EXPECTED" ] && exit 1',
    "kubectl wait pod/web --for=jsonpath='{{.spec.containers[0].image}}'={}",
]


@pytest.mark.parametrize("test", COMPARED)
@pytest.mark.parametrize("name", ["nginx:1.27.3", "docker.io/library/nginx:1.27.3"])
def test_what_is_compared_with_a_field_becomes_what_the_field_says(test: str, name: str, tmp_path: Path) -> None:
    written = test.replace("{}", name).replace("{{", "{").replace("}}", "}")
    made = workshop(tmp_path, written, pod=POD.replace("docker.io/library/nginx:1.27.3", name))
    before = made.files()
    assert run(made).exit_code == 0
    assert script(made) == written.replace(name, NEW)
    assert not run(made, mode=Mode.LOOK).files
    assert restore(open_project(made.catalog)).exit_code == 0
    assert made.files() == before


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("docker images --format '{{.Repository}}:{{.Tag}}' | grep -q '^nginx:1.27.3$'", f"'^{TAGGED}$'"),
        (
            "docker images --format '{{.Repository}}:{{.Tag}}' | grep -q '^nginx:1\\.27\\.3$'",
            TAGGED.replace(".", "\\."),
        ),
        ("docker ps --format '{{.Image}}' | grep -Fxq docker.io/nginx:1.27.3", f"-Fxq {TAGGED}"),
        ("case $(docker ps) in nginx:1.27*) exit 0;; esac", f"in {HOST}/library/nginx:1.27*)"),
        ("[[ $(docker ps) == nginx:* ]]", f"== {HOST}/library/nginx:* ]]"),
        (r"[[ $(docker ps) =~ ^nginx:1\.27 ]]", f"=~ ^{HOST}/library/nginx:1\\.27 ]]"),
        ("[[ $(docker ps) == *nginx:1.27* ]]", "== *nginx:1.27* ]]"),
        ("docker images | grep ^nginx", f"grep ^{HOST}/library/nginx"),
        ("docker images --format '{{.Repository}}' | grep -x nginx", f"-x {HOST}/library/nginx"),
        ("docker ps | awk '$2 == \"nginx:1.27.3\" {print $1}'", f'== "{TAGGED}"'),
        # What a rehosted name holds as well, and what names no image.
        ("docker images | grep nginx", "grep nginx"),
        ("docker ps | grep nginx:1.27.3", "grep nginx:1.27.3"),
        ("docker ps --format '{{.Names}}' | grep -x web", "-x web"),
        ("grep -q 'server: localhost:5000' ~/conf; [ $MODE = all ]", "localhost:5000"),
    ],
)
def test_what_is_compared_with_a_command_becomes_what_is_typed(test: str, expected: str, tmp_path: Path) -> None:
    made = workshop(tmp_path, test, page=TYPED)
    assert run(made).exit_code == 0
    assert expected in script(made)
    assert not run(made, mode=Mode.LOOK).files


def test_what_is_compared_with_two_spellings_holds_both(tmp_path: Path) -> None:
    made = workshop(tmp_path, '[ "$image" = nginx:1.27.3 ]', page=TYPED, pod=POD)
    before = made.files()
    done = run(made)
    assert (made.files(), done.exit_code) == (before, 1)
    assert all(
        "has-image:2 must stay equal to it, and it would be written in several ways" in x.reason for x in done.left
    )


def test_a_version_that_nothing_pulls_stays(tmp_path: Path) -> None:
    made = workshop(tmp_path, '[ "$image" = nginx:1.28.0 ]', page=TYPED)
    assert run(made).exit_code == 0
    assert script(made) == '[ "$image" = nginx:1.28.0 ]'


def test_another_workshop_of_the_tree_is_not_compared(tmp_path: Path) -> None:
    made = ground(tmp_path)
    made.write("labs/all/a/workshop/examiner/tests/has-image", '#!/bin/bash\n[ "$(kubectl get x)" = nginx:1.27.3 ]\n')
    made.write("labs/all/b/exercises/pod.yaml", POD)
    made.pin("nginx:1.27.3")
    assert run(made).exit_code == 0
    assert NEW in made.files()["all/b/exercises/pod.yaml"].decode()
    assert "= nginx:1.27.3 ]" in made.files()["all/a/workshop/examiner/tests/has-image"].decode()


def test_what_a_script_writes_and_sed_then_looks_for_stays_with_it(tmp_path: Path) -> None:
    made = ground(tmp_path)
    text = f"cat > ~/pod.yaml <<END\n{POD}END\nsed -i 's/image: docker.io.library.nginx:1.27.3/x/' ~/pod.yaml\n"
    text += "sed -i 's/docker.io\\/library\\/nginx:1.27.3/docker.io\\/library\\/nginx:1.28.0/' ~/pod.yaml\n"
    made.write("labs/a/workshop/setup.d/10.sh", f"#!/bin/bash\n{text}")
    made.pin("nginx:1.27.3", "nginx:1.28.0")
    before = made.files()
    assert run(made).exit_code == 1
    assert made.files() == before


def test_a_list_of_what_is_here_shows_every_version_of_it(tmp_path: Path) -> None:
    made = workshop(tmp_path, "docker images -q nginx; docker images --filter reference=redis", page=TYPED)
    assert run(made).exit_code == 0
    assert script(made) == f"docker images -q {HOST}/library/nginx; docker images --filter reference=redis"
    assert not run(made, mode=Mode.LOOK).files


def test_a_pod_finds_what_was_loaded_onto_its_node_by_the_tag_alone(tmp_path: Path) -> None:
    pulls = "docker pull nginx:1.27.3; kind load docker-image nginx:1.27.3; crictl pull redis:7.2.4"
    made = workshop(tmp_path, pulls, pod=POD)
    never = POD.replace("nginx:1.27.3", "redis:7.2.4\n    imagePullPolicy: Never")
    made.write("labs/a/exercises/never.yaml", never)
    made.write("labs/a/exercises/local.yaml", never.replace("redis", "memcached"))
    made.pin("nginx:1.27.3", "redis:7.2.4")
    assert run(made).exit_code == 0
    files = {name: data.decode() for name, data in made.files().items()}
    loaded = f"docker pull {TAGGED}; kind load docker-image {TAGGED}; crictl pull {HOST}/library/redis:7.2.4"
    assert script(made) == loaded
    assert "image: docker.io/library/memcached:7.2.4\n" in files["a/exercises/local.yaml"]
    assert f"image: {TAGGED}\n" in files["a/exercises/pod.yaml"]
    assert f"image: {HOST}/library/redis:7.2.4\n" in files["a/exercises/never.yaml"]


def test_what_a_file_that_stays_compares_stays_everywhere(tmp_path: Path) -> None:
    made = ground(tmp_path)
    made.write("labs/a/pod.yaml", POD)
    made.write("labs/a/\udcff.sh", '[ "$(kubectl get pod)" = nginx:1.27.3 ]\n')
    made.pin("nginx:1.27.3")
    before = made.files()
    done = run(made)
    assert ([each.occurrence.file for each in done.left], made.files()) == (["pod.yaml"], before)
