"""What several plugins ask Opsgenie: who is on call by a schedule.

API: https://docs.opsgenie.com/docs/who-is-on-call-api#get-on-calls
"""

from urllib.parse import quote

from pydantic import BaseModel, Field

from incident_copilot.vendors.http import VendorHttp

URL = "https://api.opsgenie.com"


class Recipients(BaseModel):
    """The addresses of who is on call now, or comes next."""

    recipients: list[str] = Field(default=[], alias="onCallRecipients")
    next: list[str] = Field(default=[], alias="exactNextOnCallRecipients")


class _OnCalls(BaseModel):
    data: Recipients


def headers(key: str) -> dict[str, str]:
    """Return what every call carries."""
    return {"authorization": f"GenieKey {key}"}


async def on_calls(http: VendorHttp, schedule: str, what: str = "on-calls") -> Recipients:
    """Return who is on call by a schedule, by its name; with `next-on-calls` who comes next. Raises VendorError."""
    path = f"v2/schedules/{quote(schedule, safe='')}/{what}"
    return (await http.get(path, _OnCalls, {"scheduleIdentifierType": "name", "flat": "true"})).data
