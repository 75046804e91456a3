"""Updates: drafted, outdated, drafted anew, published where customers look, corrected, and over with the incident."""

import json

import statuspage_server
from incident_copilot.demo.story import shown
from incident_copilot.store import action_log
from whole import running, settings_for, workspace

CORRECTED = "Some payments at checkout fail. We are on it."


async def test_customers_read_on_the_status_page_what_people_approved_once_and_what_they_corrected(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("COPILOT_PAGE_KEY", "k3y")
    async with statuspage_server.running() as page, workspace(tmp_path) as whole:
        file = tmp_path / "copilot.yaml"
        components = {"checkout": ["mail", "shop"]}
        options = {"audience": "customers", "page": statuspage_server.PAGE, "components": components}
        status = {
            "plugin": "statuspage",
            "secret_env": "COPILOT_PAGE_KEY",
            "options": options | {"url": f"{page.url}/v1"},
        }
        file.write_text(json.dumps(json.loads(file.read_text()) | {"comms_channels": [status]}))
        page.components = {"mail": "major_outage", "shop": "operational"}
        another = {"id": "p0", "status": "identified", "incident_updates": [], "name": "Mail is down"}
        page.incidents["p0"] = another | {"components": [{"id": "mail", "status": "major_outage"}]}
        async with running(whole, settings_for(whole)):
            await whole.sandbox.until(lambda: whole.sandbox.sockets)
            ben, cara = (whole.sandbox.person(name) for name in ("ben", "cara"))
            await whole.fire()
            place = await whole.channel()
            await ben.join(place)
            await cara.join(place)
            await whole.sees(place, "Status update for customers")

            await ben.command("/incident", "severity P0 everybody is affected", channel=place)
            old = await whole.sees(place, "the severity is P0 critical, it was P1 high")
            assert (await cara.click(old, "redraft")).ok
            await whole.sandbox.until(lambda: len(whole.told(place, "Status update for customers")) == 2)
            page.lose_next = True
            new = whole.told(place, "Status update for customers")[-1]
            assert (await cara.click(new, "approve")).ok
            out = await whole.sees(place, "Published in the chat, Statuspage")
            assert page.url in shown(out)
            assert (sorted(page.incidents), page.incidents["p1"]["status"]) == (["p0", "p1"], "investigating")
            assert page.components == {"mail": "major_outage", "shop": "major_outage"}

            await cara.click(out, "correct_update")
            await cara.submit(await whole.form(cara), {"text": CORRECTED})
            correction = await whole.sees(place, "Correction of the status update for customers")
            await cara.click(correction, "approve")
            await whole.sees("#customer-updates", CORRECTED)
            await whole.sandbox.until(lambda: page.bodies("p1") == [CORRECTED])

            await ben.command("/incident", "resolve", channel=place)
            await ben.submit(await whole.form(ben), {"ending": "resolved", "note": "Over.", "anyway": ["anyway"]})
            last = await whole.sees(place, "The checkout works again")
            await cara.click(last, "approve")
            await whole.sandbox.until(lambda: page.incidents["p1"]["status"] == "resolved")
            await whole.still()
        whole.sandbox.assert_conformant()

    assert page.components == {"mail": "major_outage", "shop": "operational"}
    assert [one["status"] for one in page.incidents.values()] == ["identified", "resolved"]
    assert len(page.bodies("p1")) == 2
    db = whole.open_db()
    async with db.read() as view:
        assert await action_log.verify(view) == []
    await db.close()
