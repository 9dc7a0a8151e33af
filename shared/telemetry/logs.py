"""JSON logs, one object per line on stderr, so that a collector needs no patterns."""

from __future__ import annotations

import json
import logging
import sys
from typing import IO

import orjson

from shared.clock import MICROSECONDS, rfc3339

_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_UVICORN = ("uvicorn", "uvicorn.error", "uvicorn.access")


class JsonLines(logging.Formatter):
    """Formats a record as one line: `time` (UTC), `level`, `logger`, `message`, and further fields.

    Fields of `extra=` are added at the same level; an exception is the text in `exception`.
    """

    def __init__(self, service: str | None = None) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, of visible characters only; never fails, for any values."""
        line: dict[str, object] = {
            "time": rfc3339(round(record.created * MICROSECONDS)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if self._service:
            line["service"] = self._service
        added = vars(record).items()
        line |= {key: value for key, value in added if key not in _OF_EVERY_RECORD | line.keys()}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = record.stack_info
        return _written(line)


def configure_logs(
    level: str, *, service: str | None = None, stream: IO[str] | None = None
) -> logging.Handler:
    """Send all logs of this process, including uvicorn's, to one stream (stderr) as JSON.

    Start uvicorn with `log_config=None`, so that it does not configure its own loggers.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_LEVELS[level])
    for name in _UVICORN:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # Access logs are the proxy's task.
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    return handler


def _written(line: dict[str, object]) -> str:
    try:
        text = orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # a lone surrogate, or an integer beyond 64 bits
        return json.dumps(line, default=str, skipkeys=True)
    # JSON leaves line separators, controls of terminals and marks of direction as they are.
    return text if text.isprintable() else "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    return character if character.isprintable() else json.dumps(character)[1:-1]
