"""The sandbox as a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from seeder.sandbox import Sandbox
from seeder.sandbox.__main__ import main
from tests.sandbox.raw import Client


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_address_serves_and_ends_on_a_signal(stop: signal.Signals) -> None:
    command = [sys.executable, "-m", "seeder.sandbox", "--quota", "5", "--image", "nginx:1.27"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            answer = Client(address).ask("GET", "/v2/library/nginx/manifests/1.27")
            assert answer.status == 200
            assert answer.headers["ratelimit-remaining"] == "4;w=21600"
            process.send_signal(stop)
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()


def test_a_taken_port_is_said() -> None:
    with Sandbox() as running, pytest.raises(SystemExit, match="cannot listen"):
        main(["--port", running.address.partition(":")[2]])
