"""Somebody comes late: what they are told, what they ask, and what they see of the incident elsewhere."""

from incident_copilot.demo.story import shown
from whole import copilot


async def test_who_comes_late_catches_up_asks_and_finds_it_elsewhere(tmp_path):
    async with copilot(tmp_path) as whole:
        dev, ana = whole.sandbox.person("dev"), whole.sandbox.person("ana")
        await whole.fire()
        place = await whole.channel()
        await whole.sees(place, "Likely cause")
        await ana.click(whole.sandbox.messages(place)[0], "acknowledge")
        await whole.sees(place, "acknowledged")
        await ana.say(place, "the pool of payments is empty")

        await dev.join(place)
        (caught_up,) = await whole.sandbox.until(lambda: dev.ephemerals(place))
        assert "Likely cause: payments v2.31.0" in shown(caught_up)
        assert "Ana acknowledged INC-1." in shown(caught_up)

        ts = await dev.say(place, f"<@{whole.sandbox.bot_user_id}> cause")
        (answer,) = await whole.sandbox.until(
            lambda: not whole.sandbox.workspace.agent.streaming and whole.sandbox.messages(place, ts)
        )
        (brief,) = whole.told(place, "Likely cause (high confidence)")
        assert "Likely cause: payments v2.31.0" in shown(answer)
        assert f"/p{brief.ts.replace('.', '')}" in str(answer.blocks)

        await whole.still()
        await dev.command("/incident", "before", channel=place)
        await ana.command("/incident", "catchup", channel=place)
        (_, before) = dev.ephemerals(place)
        since = shown(ana.ephemerals(place)[-1])
        assert ("the pool of payments is empty" in since, "U0COPILOT cause" in since) == (True, False)
        assert "payments: " in shown(before)

        await ana.open_home()
        home = await whole.sandbox.until(lambda: ana.home)
        assert "you took it" in str(home.blocks)
