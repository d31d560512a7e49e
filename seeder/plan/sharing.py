"""Bytes that do not have to move: the target has them already, or another copy of the plan brings them."""

from __future__ import annotations

from msgspec.structs import replace

from seeder.homes import Homes
from seeder.model.copy import Copy, Plan
from seeder.model.digest import Digest


def shared(plan: Plan, homes: Homes) -> Plan:
    """The plan with what sharing saves of its copies, as far as their manifests can be read without a request."""
    brought: set[Digest] = set()
    copies = tuple(_shared(copy, homes, brought) for copy in plan.copies)
    return replace(plan, copies=copies, late=tuple(_shared(copy, homes, brought) for copy in plan.late))


def _shared(copy: Copy, homes: Homes, brought: set[Digest]) -> Copy:
    if copy.present or copy.root is None or not copy.size:
        return copy
    saved = 0
    for blob in homes.blobs(copy.root):
        if blob.digest in brought or homes.of(blob.digest, copy.destination.place) is not None:
            saved += blob.size
        brought.add(blob.digest)
    return replace(copy, saved=saved)
