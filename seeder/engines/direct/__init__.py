"""Copies images by our own client: each manifest pulled once, each blob fetched once, over all images of a run.

`engine` drives. `job` is one image from its manifest to its tags, and a `scout` may go ahead of it; `shelf` knows which
blob stands where at the target and has what is missing moved or mounted, as the `host` takes it; `relay` moves the
bytes of one; `ledger` keeps the quota; `crew` are the threads, and `work` is all that a run's images share.
"""

from seeder.engines.direct.engine import DirectEngine

__all__ = ["DirectEngine"]
