"""kill -9 between the webhook and the brief: the incident goes on, and nothing is said twice."""

from incident_copilot.demo.stage import on_stage
from incident_copilot.demo.story import Story, shown
from incident_copilot.sandbox.world import Outage

BRIEF = "Not the cause: checkout v5.8.1"


async def test_the_incident_goes_on_after_kill_9_and_nothing_is_posted_twice(tmp_path):
    async with on_stage(tmp_path / "stage", settings={"COPILOT_BRIEF_DEADLINE_S": "20"}) as stage:
        story = Story(stage, tmp_path / "out", "bad_deploy")
        await stage.play("bad_deploy")
        stage.worlds.world.outages["loki"] = Outage(delay_s=60)
        story.channel = (await stage.sandbox.until(lambda: channels(stage), 10))[0]
        await story.see("You are on call for checkout")
        assert story.told(BRIEF) == []
        killed = stage.bot.status()["pid"]

        await stage.bot.kill()
        stage.worlds.world.outages.clear()
        brief = await story.see(BRIEF, 30)

        assert stage.bot.restarts == 1
        assert stage.bot.status()["pid"] != killed
        assert "QueuePool limit of size 4" in shown(brief)
        assert channels(stage) == [story.channel]
        posted = [
            effect.args["metadata"]["event_payload"]["id"]
            for effect in stage.sandbox.ledger
            if effect.method == "chat.postMessage"
        ]
        assert sorted(set(posted)) == sorted(posted)
        assert [len(story.told(words)) for words in ("You are on call for checkout", BRIEF)] == [1, 1]
        await story.see("Roll back payments from v2.31.0")
        stage.sandbox.assert_conformant()

    assert "Traceback" not in (tmp_path / "stage" / "copilot.log").read_text()


def channels(stage):
    """The incident channels of the workspace."""
    return [f"#{one.name}" for one in stage.sandbox.workspace.channels.values() if one.name.startswith("inc-")]
