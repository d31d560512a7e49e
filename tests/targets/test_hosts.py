"""Hosts as the first part of a path, and back."""

from __future__ import annotations

import pytest
from hypothesis import assume, given

from seeder.model.reference import is_valid_repository
from seeder.targets import hosts
from tests import strategies

NAMED = [
    ("ghcr.io", "ghcr.io"),
    ("Registry.Example.COM", "registry.example.com"),
    ("registry.example.com:5000", "registry.example.com_5000"),
    ("localhost:5000", "localhost_5000"),
    ("UPPER:5000", "upper_5000"),
    ("10.0.0.1:5000", "10.0.0.1_5000"),
    ("[2001:db8::1]:5000", "2001_db8__1_5000"),
    ("[2001:DB8::1]", "2001_db8__1"),
    ("[2001:db8::1:abcd]", "2001_db8__1_abcd"),
    ("a--b.example", "a--b.example"),
]


@pytest.mark.parametrize(("host", "path"), NAMED)
def test_hosts_that_have_a_name(host: str, path: str) -> None:
    assert hosts.is_encodable(host)
    assert hosts.encoded(host) == path
    assert hosts.decoded(path) == host.lower()


@pytest.mark.parametrize(
    "host",
    [
        "localhost",  # `localhost_` is no legal part of a path
        "UPPER",  # would read as a name of Docker Hub's
        "[::1]:5000",  # begins with _
        "[2001:db8::]",  # ends with _
        "[2001:db8::1:5000]",  # would read as [2001:db8::1]:5000
    ],
)
def test_hosts_that_have_none(host: str) -> None:
    assert not hosts.is_encodable(host)


def test_a_bare_localhost_is_set_apart() -> None:
    assert hosts.encoded("localhost") == "localhost_"


@pytest.mark.parametrize("part", ["library", "my_user", "z__b", "docker.io", "localhost", "a_b_5000", "x-y"])
def test_names_of_docker_hub_are_no_hosts(part: str) -> None:
    assert hosts.decoded(part) is None


@given(strategies.hosts())
def test_what_has_a_name_is_found_again(host: str) -> None:
    assume(hosts.is_encodable(host))
    assert is_valid_repository(hosts.encoded(host))
    assert hosts.decoded(hosts.encoded(host)) == host.lower()
