"""The response_urls handed out with interactions: five uses within half an hour."""

from collections.abc import Callable
from dataclasses import dataclass

from incident_copilot.sandbox.wire import Refused, new_id

USES = 5


@dataclass(slots=True)
class ResponseUrl:
    """`ts` is the message the interaction came from, None for commands and shortcuts without one."""

    id: str
    user: str
    channel: str
    ts: str | None
    at: float
    uses: int = 0


class ResponseUrls:
    def __init__(self, now: Callable[[], float], valid_s: float) -> None:
        self._now = now
        self._valid_s = valid_s
        self._urls: dict[str, ResponseUrl] = {}

    def new(self, user: str, channel: str, ts: str | None = None) -> ResponseUrl:
        self._urls = {key: one for key, one in self._urls.items() if self._now() - one.at <= self._valid_s}
        url = ResponseUrl(new_id("R"), user, channel, ts, self._now())
        self._urls[url.id] = url
        return url

    def use(self, url_id: str) -> ResponseUrl:
        """Raises: Refused expired_url, used_url."""
        url = self._urls.get(url_id)
        if url is None or self._now() - url.at > self._valid_s:
            raise Refused("expired_url", url_id)
        if url.uses >= USES:
            raise Refused("used_url", f"{USES} uses are all there are")
        url.uses += 1
        return url
