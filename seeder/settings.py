"""What a run is told from outside: global options and environment, read once."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from msgspec import Struct, field


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


class Settings(Struct, frozen=True, kw_only=True):
    """`progress` is whether to show progress at all, `terminal` whether a person watches stderr (bars, colours).

    `cache_dir` is where manifests are kept from run to run; None where nobody said, and nothing is kept.
    """

    log_level: LogLevel = LogLevel.INFO
    log_format: LogFormat = LogFormat.TEXT
    progress: bool = True
    terminal: bool = False
    cache_dir: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        environment: Mapping[str, str],
        *,
        log_level: LogLevel = LogLevel.INFO,
        log_format: LogFormat = LogFormat.TEXT,
        progress: bool = True,
        terminal: bool = False,
    ) -> Settings:
        """Reads `HOME` and `XDG_CACHE_HOME`; a relative `XDG_CACHE_HOME` counts as none (XDG base directory spec).

        Without `HOME` it is the account's folder, for seeder and whatever it starts, as for git and ssh.
        """
        known = dict(environment)
        if not known.get("HOME") and (folder := _account_folder()):
            known["HOME"] = folder
        return cls(
            log_level=log_level,
            log_format=log_format,
            progress=progress,
            terminal=terminal and log_format is LogFormat.TEXT and environment.get("TERM") != "dumb",
            cache_dir=_cache_dir(known),
            environment=known,
        )


def home_of(environment: Mapping[str, str]) -> Path:
    """The user's folder; `/`, which has nothing of a user's, where there is none (a pod's bare user ID)."""
    return Path(environment.get("HOME") or "/")


def config_home_of(environment: Mapping[str, str]) -> Path:
    """Where the user's configuration stands (XDG base directory spec)."""
    return Path(environment.get("XDG_CONFIG_HOME") or home_of(environment) / ".config")


def _cache_dir(environment: Mapping[str, str]) -> Path | None:
    cache = Path(environment.get("XDG_CACHE_HOME", ""))
    if cache.is_absolute():
        return cache / "seeder"
    return home_of(environment) / ".cache" / "seeder" if environment.get("HOME") else None


def _account_folder() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return ""
