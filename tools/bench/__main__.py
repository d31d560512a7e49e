"""`make bench`: seeder beside the copiers that are on PATH, on images made up here, over the loopback interface.

    python tools/bench --sets small multi --runs 3 --latency 0.04 --bandwidth 30e6

A sandbox stands in for Docker Hub; the target is Debian's docker-registry where it is installed, else a sandbox.
Phases: `cold` into an empty target, `warm` again with nothing changed, `delta` after 5 % of the tags moved.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from measure import PHASES, Figures, run_phases
from peers import Peer, found
from rig import Rig
from sets import SETS
from table import markdown


def main(argv: Sequence[str]) -> int:
    options = _parser().parse_args(argv)
    peers = [peer for peer in found() if not options.peers or peer.name in options.peers]
    results = [figures for name in options.sets for figures in _measured(name, peers, options)]
    sys.stdout.write(markdown(results, options))
    return 0 if all(figures.right == figures.tags for figures in results if figures.peer == "seeder") else 1


def _measured(name: str, peers: Sequence[Peer], options: argparse.Namespace) -> Iterator[Figures]:
    for run in range(options.runs):
        # Each run begins with another peer, so that none always has the warmest machine.
        for peer in [*peers[run % len(peers) :], *peers[: run % len(peers)]]:
            sys.stderr.write(f"{name}, run {run + 1} of {options.runs}: {peer.name}\n")
            with tempfile.TemporaryDirectory(prefix="seeder-bench-", dir=options.scratch) as folder:
                rig = Rig(Path(folder), latency=options.latency, bandwidth=options.bandwidth)
                with rig.running(SETS[name]):
                    yield from run_phases(rig, peer, name, options.phases)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tools/bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sets", nargs="+", choices=SETS, default=["small", "multi"])
    parser.add_argument("--phases", nargs="+", choices=PHASES, default=PHASES)
    parser.add_argument("--peers", nargs="+", metavar="NAME", help=f"of {', '.join(peer.name for peer in found())}")
    parser.add_argument("--runs", type=int, default=3, help="medians are of so many")
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS", help="before each answer of the hub")
    parser.add_argument("--bandwidth", type=float, default=0.0, metavar="BYTES", help="a second, from the hub in all")
    parser.add_argument("--scratch", type=Path, help="where the target keeps its files; a memory file system is best")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
