from __future__ import annotations

from pathlib import Path

import pytest

from seeder.settings import LogFormat, Settings


@pytest.mark.parametrize(
    ("environment", "cache"),
    [
        ({"HOME": "/h"}, "/h/.cache/seeder"),
        ({"HOME": "/h", "XDG_CACHE_HOME": "/c"}, "/c/seeder"),
        ({"HOME": "/h", "XDG_CACHE_HOME": "relative"}, "/h/.cache/seeder"),
        ({"HOME": "/h", "XDG_CACHE_HOME": ""}, "/h/.cache/seeder"),
        ({}, "/.cache/seeder"),
    ],
)
def test_where_manifests_are_kept(environment: dict, cache: str) -> None:
    assert Settings.of(environment).cache_dir == Path(cache)


@pytest.mark.parametrize(
    ("terminal", "log_format", "term", "shown"),
    [
        (True, LogFormat.TEXT, "xterm", True),
        (True, LogFormat.TEXT, "dumb", False),
        (True, LogFormat.JSON, "xterm", False),
        (False, LogFormat.TEXT, "xterm", False),
    ],
)
def test_a_person_watches_a_real_terminal_without_json(terminal, log_format, term, shown) -> None:
    settings = Settings.of({"TERM": term}, terminal=terminal, log_format=log_format)
    assert settings.terminal is shown


def test_the_environment_is_a_copy() -> None:
    environment = {"HOME": "/h"}
    settings = Settings.of(environment)
    environment["HOME"] = "/other"
    assert settings.environment == {"HOME": "/h"}
