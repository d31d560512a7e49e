"""Whatever stands in a file: the finders end, without an exception, and what they name stands where they say."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seeder.discover.examine import examine

NAMES = [
    "resources/workshop.yaml", "compose.yaml", "kustomization.yaml", "values.yaml", "Chart.yaml", "vendir.yml",
    "pod.yaml.in", "list.json", ".env", "Dockerfile", "workshop/setup.d/01.sh", "workshop/content/page.md",
    "workshop/content/page.adoc", "main.tf", "workshop/examiner/tests/check",
]  # fmt: skip
PIECES = [
    "apiVersion: ", "kind: ", "v1\n", "training.educates.dev/v1beta1\n", "Workshop\n", "Pod\n", "ConfigMap\n", "List\n",
    "Secret\n", "spec:", "data:", "items:", "image: ", "containers:", "services:", "build: ", "repository: ", "tag: ",
    "images:", "\n", "\n  ", "\n    ", "- ", "---\n", "{", "}", "[", "]", "'", '"', "\\", "|\n", ">-\n", "&a ", "*a",
    "<<: ", "{{ .x }}", "{{", "${A:-", "$(b)", "nginx:1.27", "acme/app", "@sha256:", "é", "\t", "\r\n", "#", "FROM ",
    "COPY --from=", "docker run ", "kubectl ", "```\n", "```terminal:execute\n", "command: ", "oci://", "\ufeff",
    "urls: ", "https://docker.io", "<<EOF\n", "EOF\n", "for i in ", "; do ", "done", "$", "!!binary ", "? ", ": ",
]  # fmt: skip


def check(name: str, data: bytes) -> None:
    for mention in examine(name, data).mentions:
        for part in mention.parts:
            written = data[part.span.start : part.span.end]
            assert part.text in {written.decode("utf-8", "replace"), written.decode("latin-1")}


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40)
@given(data=st.binary(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=40).map(lambda x: "".join(x).encode()))
def test_any_bytes_end(name: str, data: bytes) -> None:
    check(name, data)
    check(name, b"image: x\n" + data)


@pytest.mark.parametrize("name", NAMES)
def test_much_of_anything_ends(name: str) -> None:
    for piece in PIECES:
        check(name, b"image: docker " + piece.encode() * 3000)


def test_a_file_that_names_more_than_anybody_reads_is_cut_off_and_says_so() -> None:
    found = examine("Dockerfile", b"FROM a:1\n" * 60_000)
    assert len(found.mentions) == 50_000
    assert found.unread == ["it names 50,000 images and more; what follows is not looked at"]
