"""Pull quotas as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seeder.model.quota import Quota
from seeder.model.reference import HUB


def quota_document(quota: Quota | None) -> dict[str, Any] | None:
    """The quota as last seen; whose it is (`address` or `account`), but not which."""
    if quota is None:
        return None
    return {
        "limit": quota.limit,
        "remaining": quota.remaining,
        "window_seconds": quota.window,
        "reserve": quota.reserve,
        "counted_by": "account" if quota.is_account else "address",
    }


def quota_fields(quotas: Mapping[str, Quota]) -> dict[str, Any]:
    """`quota` is Docker Hub's, else the first source's that has one; `quotas` those of all sources."""
    return {
        "quota": quota_document(first(quotas)),
        "quotas": {source: quota_document(quota) for source, quota in sorted(quotas.items())},
    }


def first(quotas: Mapping[str, Quota]) -> Quota | None:
    """Docker Hub's quota, else the first that there is."""
    return quotas.get(HUB) or next((quotas[source] for source in sorted(quotas)), None)
