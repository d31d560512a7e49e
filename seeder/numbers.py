"""Numbers for people."""

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


def counted(number: int, noun: str) -> str:
    """`1 image`, `2 images`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
