"""How the program's own log is written: one line a record, in UTC, without secrets."""

import logging
import time
from collections.abc import Collection
from types import TracebackType

from incident_copilot.domain.redaction import redact

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class LogLine(logging.Formatter):
    """Formats a record; secrets of a known shape, and those it is told of, are masked, also in tracebacks.

    Text from outside cannot begin a line of its own.
    """

    def __init__(self, secrets: Collection[str] = ()) -> None:
        super().__init__("%(asctime)sZ %(levelname)s %(name)s: %(message)s")
        self.converter = time.gmtime
        self._secrets = secrets

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 -- logging's name
        """Return the first line."""
        line = super().formatMessage(record)
        return redact(line.replace("\r", "\\r").replace("\n", "\\n"), self._secrets)

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 -- logging's name
        """Return the traceback."""
        return redact(super().formatException(ei), self._secrets)
