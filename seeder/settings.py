"""What a run is told from outside: global options and environment, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`progress` is whether to show progress at all, `terminal` whether a person watches stderr (bars, colours)."""

    log_level: LogLevel = LogLevel.INFO
    log_format: LogFormat = LogFormat.TEXT
    progress: bool = True
    terminal: bool = False
    home: Path = Path("/")
    cache_dir: Path = Path("/.cache/seeder")
    environment: Mapping[str, str] = field(default_factory=dict, hash=False)

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
        """Reads `HOME` and `XDG_CACHE_HOME`; a relative `XDG_CACHE_HOME` counts as none (XDG base directory spec)."""
        home = Path(environment.get("HOME") or "/")
        cache = Path(environment.get("XDG_CACHE_HOME", ""))
        return cls(
            log_level=log_level,
            log_format=log_format,
            progress=progress,
            terminal=terminal and log_format is LogFormat.TEXT and environment.get("TERM") != "dumb",
            home=home,
            cache_dir=(cache if cache.is_absolute() else home / ".cache") / "seeder",
            environment=dict(environment),
        )
