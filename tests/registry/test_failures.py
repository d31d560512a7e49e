from __future__ import annotations

import socket
import ssl
from unittest.mock import MagicMock

import pytest
import urllib3
import urllib3.exceptions as http

from seeder.registry.failures import no_answer


def test_a_refused_connection_is_told_as_such(closed_port: str) -> None:
    with pytest.raises(http.HTTPError) as caught:
        urllib3.PoolManager(retries=False).request("GET", f"http://{closed_port}/")
    told = no_answer(caught.value, "registry.test:5000", "asking")
    assert str(told) == "registry.test:5000: no connection: Connection refused"
    assert told.hint == "is it running, and is the port right?"


def test_the_host_is_told_once() -> None:
    tls = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")
    tls.reason = "WRONG_VERSION_NUMBER"
    lines = [
        str(no_answer(http.SSLError(tls), "registry.test:5000", "HEAD")),
        str(
            no_answer(
                http.NameResolutionError("registry.test", MagicMock(), socket.gaierror()), "registry.test", "HEAD"
            )
        ),
        str(no_answer(http.ProxyError("no", OSError(111, "refused")), "registry.test", "HEAD")),
        str(no_answer(http.ReadTimeoutError(MagicMock(), "/", "slow"), "registry.test", "HEAD")),
    ]
    assert [line.count("registry.test") for line in lines] == [1] * len(lines)
    assert lines[0] == "registry.test:5000: does not speak TLS"
    assert lines[2] == "registry.test: the proxy before it failed: refused"
    assert lines[3] == "registry.test: stopped answering (HEAD)"


def test_a_connection_that_takes_too_long_is_told_as_such() -> None:
    told = no_answer(http.ConnectTimeoutError(None, "timed out"), "registry.test:5000", "asking")
    assert str(told) == "registry.test:5000: no connection in time"
