"""An index whose child for a platform is an index itself."""

from __future__ import annotations

import json

import pytest

from seeder.model.media_type import OCI_INDEX
from tests.run.desk import Desk


@pytest.mark.parametrize("engine", ["direct", pytest.param("skopeo", marks=pytest.mark.skopeo)])
@pytest.mark.parametrize("is_known", [False, True])
def test_a_child_that_is_an_index_itself_is_what_stands_there_at_every_run(
    desk: Desk, request: pytest.FixtureRequest, engine: str, is_known: bool
) -> None:
    desk.engine = engine
    if engine == "skopeo":
        request.getfixturevalue("skopeo")
    inner = desk.hub.put_index("nginx:inner")
    entry = {"mediaType": inner.media_type, "digest": str(inner.digest), "size": inner.size}
    platform = {"os": "linux", "architecture": "amd64"}
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [{**entry, "platform": platform}]}
    desk.hub.put_manifest("nginx:1.27", OCI_INDEX, json.dumps(index).encode())
    desk.catalog("nginx:1.27")
    if is_known:
        desk.run("pin", "--read-manifests")
    first = desk.outcomes("sync")["nginx:1.27"]
    assert (first["outcome"], first["digest"]) == ("copied", str(inner.digest))
    before = desk.lock_path.read_bytes()
    for forgets in (False, True):
        if forgets:
            desk.lock_path.unlink()
        again = desk.outcomes("sync")["nginx:1.27"]
        assert (again["outcome"], again["digest"]) == ("present", str(inner.digest))
        assert desk.lock_path.read_bytes() == before
    desk.run("pin", "--check")
