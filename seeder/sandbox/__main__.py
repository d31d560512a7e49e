"""`python -m seeder.sandbox`: one sandbox, by hand."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence

from seeder.sandbox.sandbox import Sandbox


def main(argv: Sequence[str]) -> int:
    """Serves until Ctrl-C or SIGTERM; the first line on stdout is the address."""
    options = _parser().parse_args(argv)
    sandbox = Sandbox(
        port=options.port,
        quota=options.quota,
        token_auth=not options.no_tokens,
        cdn=not options.no_cdn,
        read_only=options.read_only,
        referrers=options.referrers,
        latency=options.latency,
        bandwidth=options.bandwidth,
        abuse_limit=options.abuse_limit,
    )
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        sandbox.start()
    except OSError as error:
        raise SystemExit(f"cannot listen on port {options.port}: {error.strerror}") from error
    with sandbox:
        for reference in options.image:
            sandbox.put_index(reference)
        sys.stdout.write(f"{sandbox.address}\n")
        sys.stdout.flush()
        stop.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m seeder.sandbox",
        description="A registry for trying things out; it forgets everything when it stops.",
    )
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--quota", type=int, metavar="PULLS", help="grant so many pulls, as Docker Hub does")
    parser.add_argument("--image", action="append", default=[], metavar="REFERENCE", help="make up this image")
    parser.add_argument("--latency", type=float, default=0, metavar="SECONDS", help="before each answer")
    parser.add_argument(
        "--bandwidth", type=float, default=0, metavar="BYTES", help="a second, for all answers together"
    )
    parser.add_argument(
        "--abuse-limit", type=float, default=0, metavar="REQUESTS", help="a second; then 429 in bare text"
    )
    parser.add_argument("--no-tokens", action="store_true", help="demand no bearer token")
    parser.add_argument("--no-cdn", action="store_true", help="serve blobs without a redirect")
    parser.add_argument("--read-only", action="store_true", help="refuse pushes")
    parser.add_argument("--referrers", action="store_true", help="serve the referrers API")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
