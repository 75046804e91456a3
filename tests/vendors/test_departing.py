"""Whoever sends is told right before a request leaves that changes something, and may stop it."""

import httpx
import pytest
from pydantic import BaseModel

from incident_copilot.domain.effect import Mail
from incident_copilot.errors import LostLease
from incident_copilot.vendors import departing
from incident_copilot.vendors.http import VendorHttp
from incident_copilot.vendors.smtp import Smtp
from smtp_sink import sink


class Answer(BaseModel):
    """Anything."""


@pytest.fixture
def seen():
    """What happened, in order."""
    return []


@pytest.fixture
def vendor(seen):
    def answer(request):
        seen.append(request.method)
        return httpx.Response(200, json={})

    return VendorHttp(httpx.AsyncClient(transport=httpx.MockTransport(answer)), "V", "https://v.test", 5)


@pytest.fixture
def note(seen):
    async def noted():
        seen.append("noted")

    return noted


async def _lost():
    raise LostLease("effect 1 is leased to somebody else")


@pytest.mark.parametrize(
    ("ask", "wanted"),
    [
        (lambda vendor: vendor.get("a", Answer), ["GET"]),
        (lambda vendor: vendor.look_up("a", {}, Answer), ["POST"]),
        (lambda vendor: vendor.post("a", {}), ["noted", "POST"]),
        (lambda vendor: vendor.put("a", {}), ["noted", "PUT"]),
        (lambda vendor: vendor.delete("a"), ["noted", "DELETE"]),
        (lambda vendor: vendor.send("PATCH", "a"), ["noted", "PATCH"]),
    ],
)
async def test_what_changes_something_is_noted_first_and_what_reads_is_not(vendor, note, seen, ask, wanted):
    with departing.told_to(note):
        await ask(vendor)

    assert seen == wanted


async def test_request_that_may_not_leave_does_not(vendor, seen):
    with departing.told_to(_lost), pytest.raises(LostLease):
        await vendor.post("a", {})

    assert seen == []


async def test_nobody_is_told_of_what_is_asked_outside(vendor, note, seen):
    with departing.told_to(note):
        pass
    await vendor.post("a", {})

    assert seen == ["POST"]


async def test_mail_that_may_not_leave_does_not():
    mail = Mail(slot="s", to=("ana@example.net",), subject="INC-1", text="checkout is down")
    async with sink() as server:
        with departing.told_to(_lost), pytest.raises(LostLease):
            await Smtp(f"smtp://127.0.0.1:{server.port}", "copilot@example.net").send("01a2", mail)

    assert server.letters == []
