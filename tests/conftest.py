"""Fixtures for every test, and the marks that follow from which of them a test asks for."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# No test asserts a time, these neither: on a busy machine an example of 1 ms takes 200.
settings.register_profile("patient", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

pytest_plugins = [
    "tests.fixtures.surroundings",
    "tests.fixtures.tools",
    "tests.fixtures.authority",
    "tests.fixtures.distribution",
    "tests.fixtures.sandboxes",
    "tests.fixtures.engine",
]

_MARK_OF = {"skopeo": "skopeo", "start_registry": "registry", "docker_engine": "docker"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what needs skopeo, a registry or an engine, so that no test can forget to; one worker has the engine."""
    for item in items:
        names = getattr(item, "fixturenames", ())
        for fixture, mark in _MARK_OF.items():
            if fixture in names:
                item.add_marker(mark)
        if item.get_closest_marker("docker"):
            item.add_marker(pytest.mark.xdist_group("docker"))
            # The first of them makes a Debian base and builds on it.
            item.add_marker(pytest.mark.timeout(900))
