"""Manifests larger than seeder reads."""

from __future__ import annotations

import json

from seeder.model.media_type import OCI_INDEX
from tests.run.desk import Desk


def test_a_manifest_that_is_too_large_costs_no_pull(desk: Desk) -> None:
    index = {"schemaVersion": 2, "manifests": [], "annotations": {"note": "x" * (5 << 20)}}
    desk.hub.put_manifest("nginx:1.27", OCI_INDEX, json.dumps(index).encode())
    desk.catalog("nginx:1.27")
    for _ in range(2):
        error = desk.outcomes("sync", code=1)["nginx:1.27"]["error"]
        assert error["code"] == "too-large"
        assert "are the most" in error["message"]
    assert desk.hub.pulls == 0
