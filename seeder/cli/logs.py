"""What seeder tells people and log collectors while it runs, on stderr."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from seeder.report.plain import plain
from seeder.report.redact import redact
from seeder.settings import LogFormat, Settings

_OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "taskName"}


class Text(logging.Formatter):
    """`warning: text`, and plain text for what is merely told; below it what to try, unless it was just said."""

    def __init__(self) -> None:
        super().__init__()
        self._said = ""

    def format(self, record: logging.LogRecord) -> str:
        text, hint = super().format(record), getattr(record, "hint", "")
        if record.levelno != logging.INFO:
            text = f"{record.levelname.lower()}: {text}"
        if hint and hint != self._said:
            text = f"{text}\nhint: {hint}"
        self._said = hint
        return redact(plain(text))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own
        """In one line: what others say can begin none of its own, which CI might take for a command."""
        return " ".join(super().formatMessage(record).splitlines())


class _Json(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and what was given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        document = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **{key: value for key, value in record.__dict__.items() if key not in _OWN},
        }
        if record.exc_info:
            document["traceback"] = self.formatException(record.exc_info)
        return redact(json.dumps(document, ensure_ascii=False, default=str))


def configure(settings: Settings) -> None:
    """Sends the log of `seeder` to stderr in the form asked for; other libraries are heard from warnings up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if settings.log_format is LogFormat.JSON else Text())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("seeder").setLevel(settings.log_level.upper())
    # A connection that a pool has no room to keep is no news.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
