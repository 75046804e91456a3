"""Access tokens of an application, fetched with its secret and kept until shortly before they end.

https://www.rfc-editor.org/rfc/rfc6749#section-4.4
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

from pydantic import BaseModel

from incident_copilot.ports import PluginEnv
from incident_copilot.vendors.http import call, read

_EARLY = timedelta(minutes=2)


class Tokens:
    """The tokens of one application; `form` is what is sent for one."""

    def __init__(self, env: PluginEnv, vendor: str, url: str, form: Mapping[str, str], deadline_s: float) -> None:
        self._env, self._vendor, self._url, self._form, self._deadline_s = env, vendor, url, dict(form), deadline_s
        self._token = ""
        self._until: datetime | None = None

    async def headers(self) -> dict[str, str]:
        """Return the header that signs a request. Raises VendorUnavailable or VendorRefused."""
        now = self._env.now()
        if self._until is None or now >= self._until:
            fresh = await self._fetch()
            self._token, self._until = fresh.access_token, now + timedelta(seconds=fresh.expires_in) - _EARLY
        return {"authorization": f"Bearer {self._token}"}

    async def _fetch(self) -> "_Token":
        response = await call(
            self._env.http,
            self._vendor,
            "POST",
            self._url,
            deadline_s=self._deadline_s,
            headers={"content-type": "application/x-www-form-urlencoded"},
            content=urlencode(self._form).encode(),
            reads=True,
        )
        return read(self._vendor, response, _Token)


class _Token(BaseModel):
    access_token: str
    expires_in: int = 600
