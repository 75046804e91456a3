"""Statuspage: one incident there for one here, its own components only, found again after a lost answer."""

import json
from datetime import UTC, datetime

import pytest

from incident_copilot.domain.incident import Severity
from incident_copilot.domain.update import PublicState
from incident_copilot.errors import OutcomeUnknown, VendorRefused, VendorUnavailable
from incident_copilot.plugins.comms_channels.statuspage import Options, create
from incident_copilot.ports import Receipt

NOW = datetime(2026, 11, 21, 9, 10, tzinfo=UTC)

PAGE = "https://api.statuspage.io/v1/pages/y2j98763l56x"
UNRESOLVED = f"{PAGE}/incidents/unresolved"
REF = {"incident": "p31zjtct2jer", "update": "wz9w3ghkkrp5"}
OVER = {"state": PublicState.RESOLVED, "text": "It is over.", "key": "0193-1", "ref": REF}


@pytest.fixture
def recorded(fixture):
    return fixture("statuspage_incident")


@pytest.fixture
def page(env):
    components = {"mailer": "ftgks51sfs2d", "search": ["bb5w0kc1234x"]}
    return create(env, Options(audience="customers", page="y2j98763l56x", components=components))


def sent(route):
    return json.loads(route.calls.last.request.content)["incident"]


async def test_first_update_creates_the_incident_with_its_own_components(page, update, recorded, respx_mock):
    respx_mock.get(UNRESOLVED).respond(json=[])
    created = respx_mock.post(f"{PAGE}/incidents").respond(201, json=recorded["created"])

    receipt = await page.publish(update())

    assert receipt == Receipt(ref=REF, link="https://stspg.example/p31zjtct2jer")
    assert created.calls.last.request.headers["authorization"] == "OAuth s3cret"
    assert sent(created) == {
        "name": "Trouble with Mail",
        "status": "investigating",
        "body": "Some mail is late.",
        "deliver_notifications": True,
        "impact_override": "major",
        "metadata": {"copilot": {"incident": "inc", "update": "0192-1"}},
        "component_ids": ["ftgks51sfs2d"],
        "components": {"ftgks51sfs2d": "partial_outage"},
    }


async def test_last_update_resolves_its_own_incident_and_components(page, update, recorded, respx_mock):
    respx_mock.get(UNRESOLVED).respond(json=[recorded["created"]])
    updated = respx_mock.patch(f"{PAGE}/incidents/p31zjtct2jer").respond(json=recorded["updated"])

    receipt = await page.publish(update(**OVER))

    assert receipt.ref == {"incident": "p31zjtct2jer", "update": "xq1"}
    assert (sent(updated)["status"], sent(updated)["components"]) == ("resolved", {"ftgks51sfs2d": "operational"})


@pytest.mark.parametrize(
    ("fields", "components"),
    [
        (OVER, None),
        ({"severity": Severity.P2, "ref": REF}, {"ftgks51sfs2d": "degraded_performance"}),
        ({"severity": Severity.P0, "service": "search", "ref": REF}, {"bb5w0kc1234x": "major_outage"}),
        ({"severity": Severity.P1, "service": "search", "ref": REF}, None),
        ({"state": PublicState.MONITORING, "ref": REF}, None),
        ({"service": None, "ref": REF}, None),
    ],
)
@pytest.mark.respx(assert_all_called=False)
async def test_component_that_another_incident_holds_is_never_improved(
    page, update, recorded, respx_mock, fields, components
):
    respx_mock.get(UNRESOLVED).respond(json=[recorded["created"], recorded["another"]])
    updated = respx_mock.patch(f"{PAGE}/incidents/p31zjtct2jer").respond(json=recorded["updated"])

    await page.publish(update(**fields))

    assert sent(updated).get("components") == components


async def test_incident_whose_answer_was_lost_is_gone_on_with(page, update, recorded, respx_mock):
    respx_mock.get(UNRESOLVED).respond(json=[recorded["created"]])
    respx_mock.patch(f"{PAGE}/incidents/p31zjtct2jer").respond(json=recorded["updated"])

    assert (await page.publish(update())).ref["incident"] == "p31zjtct2jer"


async def test_lost_answer_is_unknown_and_found_by_the_key(page, update, recorded, respx_mock):
    respx_mock.get(UNRESOLVED).respond(json=[])
    respx_mock.post(f"{PAGE}/incidents").respond(502)
    with pytest.raises(OutcomeUnknown):
        await page.publish(update())
    listed = respx_mock.get(f"{PAGE}/incidents").respond(json=[recorded["another"], recorded["created"]])

    found = await page.find(update(), NOW)
    not_found = await page.find(update(key="0199-1"), NOW)

    assert (found.ref, not_found, listed.call_count, page.retry) == (REF, None, 2, "read_back")


async def test_slow_down_in_statuspage_s_own_word_is_waited_for(page, update, respx_mock):
    respx_mock.get(UNRESOLVED).respond(420)
    with pytest.raises(VendorUnavailable):
        await page.publish(update())
    respx_mock.get(UNRESOLVED).respond(json=[])
    respx_mock.post(f"{PAGE}/incidents").respond(420)
    with pytest.raises(VendorUnavailable):
        await page.publish(update())
    respx_mock.post(f"{PAGE}/incidents").respond(422, json={"error": ["Name can't be blank"]})
    with pytest.raises(VendorRefused, match="Name can't be blank"):
        await page.publish(update())


async def test_correction_and_retraction_put_other_words_there_and_notify_nobody(page, update, respx_mock):
    changed = respx_mock.patch(f"{PAGE}/incidents/p31zjtct2jer/incident_updates/wz9w3ghkkrp5").respond(json={})

    receipt = await page.correct(update(text="Little mail is late.", ref=REF))
    await page.retract(update(text="This update was withdrawn.", ref=REF))

    bodies = [json.loads(call.request.content)["incident_update"] for call in changed.calls]
    assert receipt == Receipt(ref=REF)
    assert bodies == [
        {"body": "Little mail is late.", "deliver_notifications": False},
        {"body": "This update was withdrawn.", "deliver_notifications": False},
    ]
    changed.respond(420)
    with pytest.raises(VendorUnavailable):
        await page.correct(update(ref=REF))


async def test_what_nobody_knows_where_it_is_cannot_be_changed(page, update):
    with pytest.raises(VendorRefused, match="nobody knows where that update is; change it there"):
        await page.correct(update())


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("monitoring", PublicState.MONITORING),
        ("postmortem", PublicState.RESOLVED),
        ("scheduled", None),
    ],
)
async def test_page_is_read_back(page, respx_mock, status, state):
    respx_mock.get(f"{PAGE}/incidents/p31zjtct2jer").respond(json={"id": "p31zjtct2jer", "status": status})

    assert (await page.state(REF), await page.state({})) == (state, None)


async def test_check_names_components_that_the_page_has_not(env, page, recorded, respx_mock):
    respx_mock.get(f"{PAGE}/components").respond(json=recorded["components"])
    wrong = create(env, Options(audience="customers", page="y2j98763l56x", components={"mailer": "nope"}))

    await page.check()
    with pytest.raises(VendorRefused, match="the page has no component nope"):
        await wrong.check()


async def test_preview_is_the_request_and_sends_nothing(page, update, respx_mock):
    respx_mock.get(UNRESOLVED).respond(json=[])

    first, later = await page.preview(update()), await page.preview(update(ref=REF, state=PublicState.MONITORING))

    assert first.startswith(f"POST {PAGE}/incidents\n{{")
    assert later.startswith(f"PATCH {PAGE}/incidents/p31zjtct2jer\n{{")
    assert {call.request.method for call in respx_mock.calls} == {"GET"}
