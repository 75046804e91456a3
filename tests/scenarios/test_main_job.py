"""The main job: from the alert to the postmortem, as people live it."""

from incident_copilot.demo.story import shown
from incident_copilot.store import action_log
from whole import copilot

CUSTOMERS = "Payments at checkout fail for one request in five. We are rolling back."


async def test_an_alert_becomes_a_postmortem(tmp_path):
    async with copilot(tmp_path) as whole:
        ana, ben, cara, gus = (whole.sandbox.person(name) for name in ("ana", "ben", "cara", "gus"))
        answers = await whole.fire()
        place = await whole.channel()
        card = whole.sandbox.messages(place)[0]
        assert [answer.json() for answer in answers] == [{"alerts": 1, "changed": 1}]
        assert whole.told("#incidents", "High 5xx ratio on checkout")
        brief = await whole.sees(place, "Not the cause: checkout v5.8.1")
        assert "pool_size 20 -> 4" in shown(brief)

        assert (await ana.click(card, "acknowledge")).ok
        await whole.sees(place, "acknowledged")

        await ana.invite(place, "gus")
        rollback = await whole.sees(place, "Roll back payments from v2.31.0")
        await gus.click(rollback, "approve")
        (refusal,) = await whole.sandbox.until(lambda: gus.ephemerals(place))
        assert "Guests" in shown(refusal)

        await cara.join(place)
        await cara.click(await whole.sees(place, "Status update for customers"), "edit")
        await cara.submit(await whole.form(cara), {"text": CUSTOMERS, "approve": ["approve"]})
        await whole.sees("#customer-updates", CUSTOMERS)

        await ana.click(await whole.sees(place, "Restart checkout"), "not_this")

        await ben.join(place)
        assert (await ben.click(rollback, "approve")).ok
        await whole.sees(place, "It worked")
        assert [(run.repo, run.inputs["version"]) for run in whole.world.dispatches] == [("acme/payments", "v2.30.4")]
        await whole.fire_resolved()
        await whole.sees(place, "0 firing, 1 resolved")

        await ben.command("/incident", "resolve", channel=place)
        ack = await ben.submit(await whole.form(ben), {"ending": "resolved", "note": "Rolled back to v2.30.4."})
        assert (ack.ok, ack.errors) == (True, {})
        await whole.sees(place, "Postmortem")

        page = await whole.http.get(f"{whole.url}/incidents/1/postmortem")
        assert [page.status_code, "Rolled back to v2.30.4." in page.text, CUSTOMERS in page.text] == [200, True, True]
        assert sorted(set(whole.posts())) == sorted(whole.posts())

    db = whole.open_db()
    async with db.read() as view:
        assert await action_log.verify(view) == []
    await db.close()
