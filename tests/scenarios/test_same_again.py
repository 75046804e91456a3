"""Alertmanager repeats itself; nothing happens twice."""

from incident_copilot.sandbox.faults import Fault
from whole import copilot

BRIEF = "Not the cause: checkout v5.8.1"


async def test_the_same_request_again_changes_nothing(tmp_path):
    async with copilot(tmp_path) as whole:
        await whole.fire()
        place = await whole.channel()
        await whole.sees(place, BRIEF)
        await whole.still()
        before = len(whole.sandbox.ledger)

        again = await whole.post(whole.sent[0])

        await whole.still()
        assert (again.status_code, again.json()) == (200, {"alerts": 1, "changed": 0})
        assert len(whole.sandbox.ledger) == before
        assert whole.channels() == [place]


async def test_many_requests_at_once_open_one_incident(tmp_path):
    async with copilot(tmp_path) as whole:
        (webhook,) = whole.world.take_webhooks()
        first, *others = [await whole.post(webhook.body) for _ in range(5)]

        await whole.sees(await whole.channel(), BRIEF)

        assert first.json() == {"alerts": 1, "changed": 1}
        assert [answer.json() for answer in others] == [{"alerts": 1, "changed": 0}] * 4
        assert len(whole.channels()) == 1


async def test_a_post_whose_answer_was_lost_is_found_and_not_repeated(tmp_path):
    async with copilot(tmp_path) as whole:
        whole.sandbox.faults.add("chat.postMessage", Fault("drop_reply", times=2))

        await whole.fire()
        place = await whole.channel()
        await whole.sees(place, BRIEF)

        assert len(whole.told(place, BRIEF)) == 1
        assert sorted(set(whole.posts())) == sorted(whole.posts())


async def test_a_click_that_slack_delivers_twice_counts_once(tmp_path):
    async with copilot(tmp_path) as whole:
        whole.sandbox.events.duplicate = 1
        await whole.fire()
        place = await whole.channel()

        await whole.sandbox.person("ana").join(place)
        await whole.sandbox.person("ana").say(place, "Pods are healthy.")
        await whole.sandbox.person("ana").click(whole.sandbox.messages(place)[0], "acknowledge")
        await whole.sees(place, "acknowledged")
        await whole.still()

        summary = await whole.sandbox.person("ana").command("/incident", "summary", channel=place)
        assert "acknowledged" in summary.body["text"]
