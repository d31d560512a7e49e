"""What verifying found, kept for the runs to come."""

from __future__ import annotations

from seeder.checked import CheckedRoots
from seeder.verify import Faults


def remember(checked: CheckedRoots, faults: Faults) -> None:
    """Adds what is whole and drops what is not."""
    for want, fault in faults.items():
        if fault is None:
            checked.add(want.destination.repository, want.root)
        else:
            checked.forget(want.destination.repository, want.root)
    checked.save()
