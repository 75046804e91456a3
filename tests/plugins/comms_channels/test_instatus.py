"""Instatus: one incident there for one here, its own components only, found again by its words."""

import json
from datetime import UTC, datetime

import pytest

from incident_copilot.domain.update import PublicState
from incident_copilot.errors import OutcomeUnknown, VendorUnavailable
from incident_copilot.plugins.comms_channels.instatus import Options, create
from incident_copilot.ports import Receipt

NOW = datetime(2026, 11, 21, 9, 10, tzinfo=UTC)

PAGE = "https://api.instatus.com/v1/page"
ID = "ckf01m59ueaqb0a32wrljz1yd"
REF = {"incident": ID, "update": "ckf01m5ioeaqi0a32jtv8ovp8"}
OVER = {"state": PublicState.RESOLVED, "text": "It is over.", "ref": REF}


@pytest.fixture
def recorded(fixture):
    return fixture("instatus")


@pytest.fixture
def page(env):
    return create(env, Options(audience="customers", page="page", components={"mailer": "mail"}))


def sent(route):
    return json.loads(route.calls.last.request.content)


async def test_first_update_creates_the_incident(page, update, recorded, respx_mock):
    respx_mock.get(f"{PAGE}/incidents").respond(json=[recorded["another"]])
    created = respx_mock.post(f"{PAGE}/incidents").respond(json=recorded["created"])

    assert await page.publish(update()) == Receipt(ref=REF)
    assert created.calls.last.request.headers["authorization"] == "Bearer s3cret"
    assert sent(created) == {
        "name": "Trouble with Mail",
        "message": "Some mail is late.",
        "status": "INVESTIGATING",
        "notify": True,
        "started": "2026-11-21T09:05:00+00:00",
        "components": ["mail"],
        "statuses": [{"id": "mail", "status": "PARTIALOUTAGE"}],
    }


@pytest.mark.parametrize(("others", "statuses"), [([], [{"id": "mail", "status": "OPERATIONAL"}]), (["another"], [])])
async def test_last_update_sets_to_operational_what_no_other_incident_holds(
    page, update, recorded, respx_mock, others, statuses
):
    respx_mock.get(f"{PAGE}/incidents").respond(json=[recorded[name] for name in ("created", *others)])
    updated = respx_mock.post(f"{PAGE}/incidents/{ID}/incident-updates").respond(json=recorded["update"])

    receipt = await page.publish(update(**OVER))

    assert receipt.ref == {"incident": ID, "update": "ckf1ew8mol30c0a32w400k6s3"}
    assert (sent(updated)["status"], sent(updated)["statuses"]) == ("RESOLVED", statuses)


async def test_lost_answer_is_unknown_and_found_by_its_words(page, update, recorded, respx_mock):
    respx_mock.get(f"{PAGE}/incidents").respond(json=[])
    respx_mock.post(f"{PAGE}/incidents").respond(502)
    with pytest.raises(OutcomeUnknown):
        await page.publish(update())
    respx_mock.get(f"{PAGE}/incidents").respond(json=[recorded["another"], recorded["created"]])

    assert await page.find(update(), NOW) == Receipt(ref=REF)
    assert await page.find(update(text="Something else."), NOW) is None


async def test_incident_whose_answer_was_lost_is_added_to_and_no_second_one_made(page, update, recorded, respx_mock):
    respx_mock.get(f"{PAGE}/incidents").respond(json=[recorded["another"], recorded["created"]])
    updated = respx_mock.post(f"{PAGE}/incidents/{ID}/incident-updates").respond(json=recorded["update"])

    receipt = await page.publish(update(text="It is over."))

    assert receipt.ref == {"incident": ID, "update": "ckf1ew8mol30c0a32w400k6s3"}
    assert "name" not in sent(updated)


async def test_nothing_is_made_while_the_page_cannot_be_read(page, update, respx_mock):
    respx_mock.get(f"{PAGE}/incidents").respond(503)

    with pytest.raises(VendorUnavailable):
        await page.publish(update())

    assert {call.request.method for call in respx_mock.calls} == {"GET"}


async def test_correction_and_retraction_put_other_words_there(page, update, respx_mock):
    changed = respx_mock.put(f"{PAGE}/incidents/{ID}/incident-updates/{REF['update']}").respond(json={})

    await page.correct(update(text="Little mail is late.", ref=REF))
    await page.retract(update(text="This update was withdrawn.", ref=REF))

    assert sent(changed) == {"message": "This update was withdrawn.", "status": "INVESTIGATING", "notify": False}


@pytest.mark.parametrize(("status", "state"), [("IDENTIFIED", PublicState.IDENTIFIED), ("ODD", None)])
async def test_page_is_read_back(page, respx_mock, status, state):
    respx_mock.get(f"{PAGE}/incidents/{ID}").respond(json={"id": ID, "status": status})

    assert (await page.state(REF), await page.state({})) == (state, None)


async def test_preview_and_check_change_nothing(page, update, recorded, respx_mock):
    respx_mock.get(f"{PAGE}/incidents").respond(json=[recorded["created"]])

    await page.check()
    shown = await page.preview(update(ref=REF, state=PublicState.MONITORING))

    assert shown.startswith(f"POST {PAGE}/incidents/{ID}/incident-updates\n{{")
    assert {call.request.method for call in respx_mock.calls} == {"GET"}
