"""What is kept for the nodes, and how that is told."""

from __future__ import annotations

import pytest

from seeder.model.quota import Quota


@pytest.mark.parametrize(
    ("quota", "available", "figures"),
    [
        (Quota(limit=100, remaining=60, source="10.0.0.1"), 40, "60 of 100, 20 of them kept for the nodes"),
        (Quota(limit=10, remaining=1), 0, "1 of 10, 2 of them kept for the nodes"),
        (Quota(limit=200, remaining=60, source="2f0c-an-account"), 60, "60 of 200"),
    ],
)
def test_a_reserve_is_kept_where_nodes_share_the_limit(quota: Quota, available: int, figures: str) -> None:
    assert (quota.available, quota.figures) == (available, figures)
