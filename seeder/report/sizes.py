"""Numbers of bytes for people."""

from __future__ import annotations


def human(count: int) -> str:
    """`1.3 GB`, in powers of ten as registries show them.

    >>> human(72950530)
    '73.0 MB'
    """
    size = float(count)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
