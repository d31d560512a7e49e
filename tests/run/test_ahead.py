"""What is copied before the plan is made, and what must not be."""

from __future__ import annotations

import threading
import time

import pytest

from seeder.errors import FileError
from seeder.registry.retry import Policy
from seeder.run.project import Project
from seeder.sandbox import Action, Sandbox
from tests.fixtures.faults import Fault, Kind
from tests.run.desk import Desk

LATE = Fault(kind=Kind.RESET, action=Action.MANIFEST_HEAD, path="a/late", times=None)


def test_blobs_come_while_another_image_is_being_pinned(
    desk: Desk, target: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.hub.put_image("a/app:1")
    desk.hub.put_image("a/late:1")
    app = desk.hub.manifest("a/app:1")
    assert app is not None
    desk.catalog("a/app:1", "a/late:1")
    desk.hub.inject(LATE)
    arrived, named = threading.Event(), []

    def watch() -> None:
        until = time.monotonic() + 20
        while not all(target.has_blob("a/app", blob.digest) for blob in app.blobs()) and time.monotonic() < until:
            time.sleep(0.01)
        named.extend(target.tags("a/app"))
        desk.hub.heal()
        arrived.set()

    # The other image's HEAD is sent again once all blobs of the first are there.
    monkeypatch.setattr(Policy, "pause", lambda *_: 0.0 if arrived.wait(30) else 60.0)
    watcher = threading.Thread(target=watch)
    watcher.start()
    assert {each["outcome"] for each in desk.outcomes("sync").values()} == {"copied"}
    watcher.join()
    assert named == []
    assert "1" in target.tags("a/app")
    assert desk.hub.pulls == 2


def test_where_a_quota_counts_nothing_is_fetched_before_the_plan(desk: Desk) -> None:
    names = [f"a/app{n}:1" for n in range(12)]
    for name in names:
        desk.hub.put_image(name)
    desk.catalog(*names)
    desk.hub.set_quota(100)
    desk.run("sync")
    asked = [each.action for each in desk.hub.counters.requests]
    gets = {Action.MANIFEST_GET, Action.BLOB_GET, Action.CDN_GET}
    assert Action.MANIFEST_HEAD not in asked[next(n for n, action in enumerate(asked) if action in gets) :]


def test_what_the_plan_refuses_is_named_by_nothing_and_its_pulls_are_told(desk: Desk, target: Sandbox) -> None:
    for name in ("a:1", "b:1", "c:1"):
        desk.hub.put_image(name)
    desk.catalog({"reference": "a:1", "as": "library/b:1"}, "b:1", "c:1")
    document = desk.document("sync", code=1)
    assert [each["outcome"] for each in document["outcomes"]] == ["failed", "failed", "copied"]
    assert document["pulls"] == desk.hub.pulls
    assert target.tags("b") == []


def test_a_look_that_outlasts_its_run_begins_nothing(
    desk: Desk, target: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.hub.put_image("a/app:1")
    desk.catalog("a/app:1")
    target.inject(Fault(kind=Kind.DELAY, amount=0.5, action=Action.MANIFEST_HEAD, times=None))

    def save(*_: object) -> bool:
        until = time.monotonic() + 20
        while not target.connections and time.monotonic() < until:
            time.sleep(0.01)
        raise FileError("is full")

    monkeypatch.setattr(Project, "save", save)
    desk.run("sync", code=1)
    time.sleep(1.5)
    assert desk.hub.pulls == 0


def test_what_a_source_refuses_twice_is_no_pull(desk: Desk) -> None:
    for name in ("a/one:1", "a/two:1"):
        desk.hub.put_image(name)
    desk.hub.inject(Fault(kind=Kind.STATUS, status=403, action=Action.MANIFEST_GET, path="a/two", times=None))
    desk.catalog("a/one:1", "a/two:1")
    assert desk.document("sync", code=1)["pulls"] == desk.hub.pulls == 1
