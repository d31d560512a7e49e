from __future__ import annotations

import socket

import pytest
import urllib3
import urllib3.exceptions as http

from seeder.registry.failures import no_answer


def refused() -> Exception:
    """What urllib3 raises where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound and not listening: no other process gets the port meanwhile
        with pytest.raises(http.HTTPError) as caught:
            urllib3.PoolManager(retries=False).request("GET", f"http://127.0.0.1:{held.getsockname()[1]}/")
    return caught.value


def test_a_refused_connection_is_not_a_slow_one() -> None:
    told = no_answer(refused(), "registry.test:5000", "asking")
    assert str(told) == "registry.test:5000: no connection: Connection refused"
    assert told.hint == "is it running, and is the port right?"


def test_a_slow_one_is() -> None:
    told = no_answer(http.ConnectTimeoutError(None, "timed out"), "registry.test:5000", "asking")
    assert str(told) == "registry.test:5000: no connection in time"
