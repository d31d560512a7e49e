from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from seeder.discover.examine import Examined, examine

POD = "{apiVersion: v1, kind: Pod, spec: {containers: [{image: nginx}]}}"
WORKSHOP = "{apiVersion: training.educates.dev/v1beta1, kind: Workshop, spec: {session: {objects: [INNER]}}}"


def look(content: str) -> Examined:
    return examine(PurePosixPath("deep.yaml"), content.encode())


def nested(outer: str, levels: int) -> str:
    content = POD
    for _ in range(levels):
        content = outer.replace("INNER", content)
    return content


@pytest.mark.parametrize("outer", ["{apiVersion: v1, kind: List, items: [INNER]}", WORKSHOP])
def test_objects_in_objects(outer: str) -> None:
    assert [one.text for one in look(nested(outer, 5)).mentions] == ["nginx"]
    deep = look(nested(outer, 50))
    assert deep.mentions == []
    assert "objects inside objects" in deep.unread[0]


def in_map(content: str) -> str:
    body = "".join(f"    {line}\n" for line in content.splitlines())
    return f"apiVersion: v1\nkind: ConfigMap\ndata:\n  inner.yaml: |\n{body}"


def test_texts_in_texts() -> None:
    content = POD + "\n"
    for _ in range(8):
        content = in_map(content)
    assert [one.text for one in look(content).mentions] == ["nginx"]
    deep = look(in_map(in_map(content)))
    assert deep.mentions == []
    assert "texts inside texts" in deep.unread[0]
