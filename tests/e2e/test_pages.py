"""The commands of README and of the page on seeding an event, run one after another as they stand there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.docs.pages import blocks, commands
from tests.e2e.event import Event, Target, prepare
from tests.fixtures.building import ROOT
from tests.fixtures.distribution import StartRegistry
from tests.fixtures.sandboxes import StartSandbox

_FOLDERS: Mapping[str, str] = {
    "path/to/workshop": "workshops/docker-fundamentals",
    "workshops/docker-101": "workshops/docker-fundamentals",
    "workshops/k8s-intro": "workshops/kubernetes-intro",
}
# What a command ends with where that is not 0: the samples hold what lint warns of.
_ENDS = {"lint": 1}


@pytest.fixture
def event(tmp_path: Path, start_sandbox: StartSandbox, start_registry: StartRegistry) -> Event:
    event = prepare(tmp_path, start_sandbox(quota=100), Target(address=start_registry().address))
    event.catalog.rename(event.folder / "prepared.json")
    return event


def _name_a_target(event: Event) -> None:
    """What the pages ask the reader to do once `catalog init` has written the catalog."""
    targets = json.loads((event.folder / "prepared.json").read_text())["targets"]
    with event.catalog.open("a") as catalog:
        catalog.write(f"targets: {json.dumps(targets)}\n")


@pytest.mark.parametrize("page", ["README.md", "docs/seeding-an-event.md"])
def test_commands_do_what_the_page_says(event: Event, page: str) -> None:
    before = event.bytes_of_workshops()
    ran = []
    for block in blocks("sh"):
        if block.page != ROOT / page:
            continue
        for words in commands(block):
            arguments = [_FOLDERS.get(word, word) for word in words]
            event.seeder(*arguments, expect=_ENDS.get(arguments[0], 0))
            ran.append(arguments[0])
            if arguments[:2] == ["catalog", "init"]:
                _name_a_target(event)
    assert {"scan", "pin", "plan", "sync", "rewrite"} <= set(ran)
    assert ran[-1] == "restore"
    assert event.bytes_of_workshops() == before
