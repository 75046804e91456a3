"""The silences of Alertmanager's API, version 2, which Grafana and Mimir speak too.

API: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
"""

import base64
from typing import Literal

from pydantic import BaseModel, Field, RootModel

from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.silence import Matcher, by_regex, exactly
from incident_copilot.ports import PluginEnv
from incident_copilot.vendors.http import BaseUrl, VendorHttp

PATH = "api/v2/silences"
_GRAFANA = "/api/alertmanager/"


class SilencesOptions(Frozen):
    """Where an Alertmanager answers; for Grafana's own add `/api/alertmanager/grafana` to its address.

    The secret is a bearer token, or `user:password`.
    """

    url: BaseUrl
    deadline_s: float = Field(default=5, gt=0, le=30)


class VendorMatcher(BaseModel):
    """One matcher as the API has it; those before version 0.22 lack `isEqual`."""

    name: str
    value: str
    isRegex: bool = False  # noqa: N815 -- the API's own name
    isEqual: bool = True  # noqa: N815 -- the API's own name


class _Status(BaseModel):
    state: Literal["active", "pending", "expired"]


class VendorSilence(BaseModel):
    """One silence as the API has it."""

    id: str
    status: _Status
    matchers: list[VendorMatcher]
    endsAt: Utc  # noqa: N815 -- the API's own name
    createdBy: str = ""  # noqa: N815 -- the API's own name
    comment: str = ""

    @property
    def is_active(self) -> bool:
        """Whether it mutes alerts now."""
        return self.status.state == "active"


class Made(BaseModel):
    """The answer to a silence that was posted."""

    silenceID: str  # noqa: N815 -- the API's own name


class _Silences(RootModel[list[VendorSilence]]):
    pass


def connect(env: PluginEnv, options: SilencesOptions, name: str) -> VendorHttp:
    """Return the API under the name people read."""
    headers = {}
    if env.secret:
        basic = base64.b64encode(env.secret.encode()).decode()
        headers["authorization"] = f"Basic {basic}" if ":" in env.secret else f"Bearer {env.secret}"
    return VendorHttp(env.http, name, options.url, options.deadline_s, headers)


async def all_of(vendor: VendorHttp) -> list[VendorSilence]:
    """Return all silences, those that are over included. Raises VendorError."""
    return (await vendor.get(PATH, _Silences)).root


async def one(vendor: VendorHttp, silence_id: str) -> VendorSilence:
    """Return one silence. Raises VendorError, VendorRefused where there is none of this id."""
    return await vendor.get(f"api/v2/silence/{silence_id}", VendorSilence)


def understood(matcher: VendorMatcher) -> Matcher:
    """Return a matcher as we look at alerts; one that we do not run fits none, and says so."""
    if not matcher.isRegex:
        return exactly(matcher.name, matcher.value, negated=not matcher.isEqual)
    found = by_regex(matcher.name, matcher.value, negated=not matcher.isEqual)
    return found or Matcher(name=matcher.name, values=(), text=f"{said(matcher)} (not applied here)")


def said(matcher: VendorMatcher) -> str:
    """Return a matcher as Alertmanager writes it."""
    signs = {(True, False): "=", (False, False): "!=", (True, True): "=~", (False, True): "!~"}
    return f'{matcher.name}{signs[matcher.isEqual, matcher.isRegex]}"{matcher.value}"'


def page_of(url: str, silence_id: str) -> str:
    """Return the page on which people see a silence."""
    home, is_grafana, _ = url.partition(_GRAFANA)
    return f"{home}/alerting/silence/{silence_id}/edit" if is_grafana else f"{url}/#/silences/{silence_id}"
