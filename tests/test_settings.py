from __future__ import annotations

import os
import pwd
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
        ({}, "/of/the/account/.cache/seeder"),
        ({"HOME": ""}, "/of/the/account/.cache/seeder"),
        ({"XDG_CACHE_HOME": "/c"}, "/c/seeder"),
    ],
)
def test_where_manifests_are_kept(environment: dict, cache: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pwd, "getpwuid", lambda _: pwd.struct_passwd(("me", "x", 1, 1, "", "/of/the/account", "")))
    settings = Settings.of(environment)
    assert settings.cache_dir == Path(cache)
    assert settings.environment["HOME"] == (environment.get("HOME") or "/of/the/account")


def test_a_bare_user_id_without_a_home_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    settings = Settings.of({})
    assert settings.cache_dir is None
    assert "HOME" not in settings.environment


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
