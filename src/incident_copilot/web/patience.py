"""Connections that are never done with their headers are closed: uvicorn would hold them for ever, and grow with them.

How long a body may take is decided by who reads it.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class PatientProtocol(HttpToolsProtocol):
    """HTTP that waits ten seconds, and takes 64 KB, until the headers of a request are there."""

    headers_s = 10.0
    most_header_bytes = 64 * 1024
    _timer: asyncio.TimerHandle | None = None
    _taken = 0
    _in_headers = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        """Wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Hand it on; what belongs to no request that is being answered counts as headers that do not end."""
        super().data_received(data)
        is_idle = self.cycle is None or self.cycle.response_complete
        # Headers that came whole needed no timer.
        if self._timer is None and (self._in_headers or (is_idle and self.timeout_keep_alive_task is None)):
            self._wait()
        if self._timer:
            self._taken += len(data)
            if self._taken > self.most_header_bytes:
                self._close()

    def on_message_begin(self) -> None:
        """Wait for the end of the headers."""
        super().on_message_begin()
        self._in_headers = True

    def on_headers_complete(self) -> None:
        """Go on without a limit; the application has its own for the body."""
        self._in_headers = False
        self._wait_no_more()
        super().on_headers_complete()

    def _wait(self) -> None:
        self._taken = 0
        self._timer = self.loop.call_later(self.headers_s, self._close)

    def _wait_no_more(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _close(self) -> None:
        self.transport.close()
