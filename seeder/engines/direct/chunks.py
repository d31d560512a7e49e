"""How large a body a target takes: a proxy before it may refuse the whole of a blob (413) and take it in pieces.

nginx takes 1 MiB where nobody said more (`client_max_body_size`), Cloudflare 100 MB.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

from seeder.registry.heads import Block

MIB = 1 << 20
# Sizes to try, the largest first; what is refused at one mebibyte is refused.
SIZES = (64 * MIB, 8 * MIB, MIB)


class Chunks:
    """The largest chunk for each target that refused a larger body in this run. Thread-safe."""

    def __init__(self) -> None:
        self._sizes: dict[str, int] = {}
        self._lock = threading.Lock()

    def of(self, host: str, size: int, least: int) -> int:
        """The bytes of each chunk for a blob of this size: all of them where it goes in one piece.

        `least` is what the registry asks of all chunks but the last (`OCI-Chunk-Min-Length`).
        """
        return min(size, max(self._sizes.get(host, size), least))

    def refused(self, host: str, size: int) -> bool:
        """Learns that a body of so many bytes was refused; False where nothing smaller is left to try."""
        smaller = next((each for each in SIZES if each < size), None)
        with self._lock:
            known = self._sizes.get(host)
            if smaller is not None and (known is None or smaller < known):
                self._sizes[host] = smaller
                return True
        # Another blob may have learnt it meanwhile; a registry that wants larger chunks gets none that fit.
        return known is not None and known < size and smaller is not None


def cut(blocks: Iterator[Block], size: int) -> Iterator[Iterator[Block]]:
    """The same bytes as chunks of `size` bytes, the last one as it comes; each has to be read before the next."""
    rest: list[Block] = [b""]

    def chunk(first: Block) -> Iterator[Block]:
        left = size
        block: Block | None = first
        while block is not None:
            yield block[:left]
            rest[0], left = block[left:], left - len(block[:left])
            if left == 0:
                return
            block = next(blocks, None)

    while (first := rest[0] or next(blocks, None)) is not None:
        rest[0] = b""
        yield chunk(first)
