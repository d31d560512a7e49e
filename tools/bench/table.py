"""The figures as Markdown: medians, a table for each set and phase, the quickest first."""

from __future__ import annotations

import argparse
import os
import platform
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from statistics import median

from measure import Figures

_HEAD = """\
| peer | seconds | slowest | CPU s | MB | pulls | blobs twice | requests | right tags |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
"""


def markdown(results: Sequence[Figures], options: argparse.Namespace) -> str:
    grouped: defaultdict[tuple[str, str], defaultdict[str, list[Figures]]] = defaultdict(lambda: defaultdict(list))
    for figures in results:
        grouped[figures.images, figures.phase][figures.peer].append(figures)
    parts = [_preface(options)]
    for (images, phase), by_peer in grouped.items():
        rows = sorted(by_peer.values(), key=lambda runs: median(run.seconds for run in runs))
        parts.append(f"## {images}, {phase}\n\n{_HEAD}{''.join(map(_row, rows))}")
    return "\n".join(parts)


def _preface(options: argparse.Namespace) -> str:
    link = f"{options.latency * 1000:.0f} ms before each answer of the hub, {options.bandwidth / 1e6:.0f} MB/s in all"
    limits = link if options.latency or options.bandwidth else "no limits"
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"# Bench of {datetime.now(UTC):%Y-%m-%d}\n\nMedians of {options.runs}; {limits}; {machine}.\n"


def _row(runs: Sequence[Figures]) -> str:
    seconds = [run.seconds for run in runs]
    counted = [median(values) for values in zip(*((run.pulls, run.twice, run.requests) for run in runs), strict=True)]
    cpu, memory = median(run.cpu for run in runs), max(run.memory for run in runs) / 1e6
    right = min(run.right for run in runs)
    cells = [runs[0].peer, f"{median(seconds):.2f}", f"{max(seconds):.2f}", f"{cpu:.2f}", f"{memory:.0f}"]
    cells += [*(f"{value:.0f}" for value in counted), f"{right} of {runs[0].tags}"]
    return f"| {' | '.join(cells)} |\n"
