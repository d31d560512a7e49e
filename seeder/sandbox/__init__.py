"""A small OCI registry in this process, over real sockets of 127.0.0.1, for `seeder demo` and for tests.

It stands in for Docker Hub (quota, tokens, redirects to a CDN) or for a target. **It is no product registry**: it
forgets everything when it stops, collects no garbage by itself, and is made to misbehave on demand.

    with Sandbox(quota=100) as hub:
        pinned = hub.put_index("nginx:1.27")
        ...  # a client talks to hub.address
        assert hub.counters.manifest_gets["library/nginx"] == 1

`python -m seeder.sandbox` runs one by hand.
"""

from seeder.sandbox.contents import AMD64, ARM64
from seeder.sandbox.counters import Action, Asked, Counters
from seeder.sandbox.images import Layer
from seeder.sandbox.sandbox import Sandbox

__all__ = ["AMD64", "ARM64", "Action", "Asked", "Counters", "Layer", "Sandbox"]
