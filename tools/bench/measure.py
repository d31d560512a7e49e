"""One peer on one rig, phase after phase."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from peers import Peer
from rig import Rig

from seeder.sandbox import Action

PHASES = ("cold", "warm", "delta")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one phase took: seconds, CPU seconds of the peer's processes, and what was asked of the hub.

    `memory` is the most bytes that one of them had.
    `pulls` are manifest GETs, `twice` blob GETs beyond the first of each blob; `right` of `tags` stand at the target.
    """

    images: str
    peer: str
    phase: str
    seconds: float
    cpu: float
    memory: int
    pulls: int
    twice: int
    requests: int
    right: int
    tags: int


def run_phases(rig: Rig, peer: Peer, images: str, phases: Sequence[str]) -> Iterator[Figures]:
    """In order; `warm` and `delta` need the cold one before them, which is run and told only if it was asked for."""
    for phase in PHASES:
        if phase == "delta":
            rig.move_some()
        figures = _phase(rig, peer, images, phase)
        if phase in phases:
            yield figures


def _phase(rig: Rig, peer: Peer, images: str, phase: str) -> Figures:
    rig.hub.reset()
    before, begun = os.times(), time.perf_counter()
    memory = peer.run(rig)
    seconds, after, counters = time.perf_counter() - begun, os.times(), rig.hub.counters
    blobs = counters.by_selector(Action.BLOB_GET)
    return Figures(
        images=images,
        peer=peer.name,
        phase=phase,
        seconds=seconds,
        cpu=(after.children_user - before.children_user) + (after.children_system - before.children_system),
        memory=memory,
        pulls=counters.manifest_gets.total(),
        twice=blobs.total() - len(blobs),
        requests=counters.total,
        right=rig.right(),
        tags=len(rig.names),
    )
