"""What several plugins ask PagerDuty: who is on call by an escalation policy.

API: https://developer.pagerduty.com/api-reference/3a6b910f11050-list-all-of-the-on-calls
"""

from pydantic import BaseModel, Field

from incident_copilot.domain.base import Utc
from incident_copilot.vendors.http import Params, VendorHttp

URL = "https://api.pagerduty.com"


class Reference(BaseModel):
    """A thing by name and address; of people also the e-mail address, where it was asked for."""

    summary: str
    html_url: str | None = None
    email: str | None = None


class OnCall(BaseModel):
    """Somebody on call; one without a schedule always is."""

    level: int = Field(alias="escalation_level")
    policy: Reference = Field(alias="escalation_policy")
    schedule: Reference | None = None
    user: Reference
    end: Utc | None = None


class _OnCalls(BaseModel):
    oncalls: list[OnCall]


def headers(key: str) -> dict[str, str]:
    """Return what every call carries."""
    return {"authorization": f"Token token={key}", "accept": "application/vnd.pagerduty+json;version=2"}


async def on_calls(http: VendorHttp, params: Params) -> list[OnCall]:
    """Return who is on call, those of the first level first. Raises VendorError."""
    found = (await http.get("oncalls", _OnCalls, params)).oncalls
    return sorted(found, key=lambda one: one.level)


def of_policy(policy: str) -> dict[str, str | int | list[str]]:
    """Return the parameters that ask for one escalation policy."""
    return {"escalation_policy_ids[]": [policy], "earliest": "true", "limit": 100}
