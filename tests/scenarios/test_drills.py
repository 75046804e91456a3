"""A drill as people live it in Slack, while nothing real is touched."""

from incident_copilot.demo.story import shown
from whole import copilot


def of_tests(whole):
    """The names of all channels of test incidents."""
    names = [channel.name for channel in whole.sandbox.workspace.channels.values()]
    return [f"#{name}" for name in names if name.startswith("test-inc-")]


async def test_a_drill_is_begun_taken_ended_and_scored_in_slack(tmp_path):
    async with copilot(tmp_path) as whole:
        ben, ana = whole.sandbox.person("ben"), whole.sandbox.person("ana")
        await ben.command("/incident", "drill bad_deploy", channel="#general")
        [channel] = await whole.sandbox.until(lambda: of_tests(whole), 15)
        await whole.sandbox.until(lambda: whole.sandbox.messages(channel), 15)
        card = whole.sandbox.messages(channel)[0]
        await whole.sees(channel, "Likely cause")
        called = await whole.sees(channel, "This is a test; nobody was paged")
        await ana.join(channel)
        await ana.click(card, "acknowledge")
        rollback = await whole.sees(channel, "Roll back payments from")
        await ben.click(rollback, "approve")
        await whole.sees(channel, "It worked", timeout_s=30)
        await ben.command("/incident", "drill stop", channel=channel)
        scored = await whole.sees(channel, "Scorecard of the drill bad_deploy")
        announced = await whole.sees("#incidents", "[TEST]")

    assert "[TEST]" in card.text
    assert "nothing here changes anything real" in shown(called)
    assert "Good: rolled back, and it healed" in shown(scored)
    assert whole.world.dispatches == []  # the real world has seen nothing
    assert announced
