"""Kubernetes quantities, as sizes of volumes and memory are written."""

from __future__ import annotations

import pytest

from seeder.rules.docker import quantity


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("5Gi", 5 * 1024**3),
        ("1.5Mi", 1572864),
        ("5Ki", 5120),
        ("5k", 5000),
        ("5G", 5 * 10**9),
        ("5", 5),
        ("5ki", None),
        ("5K", None),
        ("100m", None),
        ("lots", None),
    ],
)
def test_a_quantity_is_bytes_or_nothing(text: str, size: int | None) -> None:
    assert quantity(text) == size
