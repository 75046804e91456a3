"""The timeline in Slack: a note, a shortcut, a reaction and a correction, each by whoever may."""

from datetime import timedelta

import pytest
from slack_samples import INCIDENT_ID, NOON, said

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import TimelineEntry, TimelineKind
from incident_copilot.domain.said import Attached
from incident_copilot.jobs.worker import Worker
from incident_copilot.pipeline import note
from incident_copilot.pipeline.handlers import handlers
from incident_copilot.sandbox import Fault
from incident_copilot.sandbox.conformance import check_view
from incident_copilot.slack.listeners.answering import GONE, NOT_OPENED
from incident_copilot.slack.listeners.timeline import said_in
from incident_copilot.slack.listeners.wording import Wish, understand
from incident_copilot.slack.views.modals import timeline as views
from incident_copilot.slack.views.modals.parts import filled_in, time_in


def entry(**fields):
    values = {"id": "a" * 32, "incident_id": INCIDENT_ID, "at": NOON, "kind": TimelineKind.PINNED, "text": "It broke"}
    return TimelineEntry.model_validate(values | fields)


async def put_there(copilot):
    return [(one.author, one.text) for one in await note.put_there(copilot.deps, INCIDENT_ID)]


async def work(copilot):
    """Run what waits to be noted."""
    await Worker(copilot.deps.db, handlers(copilot.deps), copilot.deps.now).run_due()


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("note 5 pods died, status is bad", Wish("note", ("5", "pods", "died,", "status", "is", "bad"))),
        ("note INC-3 see INC-4 &lt;x&gt;", Wish("note", ("see", "INC-4", "<x>"), number=3)),
        ("log <@U0BEN|ben> failed over", Wish("note", ("<@U0BEN|ben>", "failed", "over"), person="U0BEN")),
        ("note", Wish("note")),
        ("timeline INC-3", Wish("timeline", number=3)),
    ],
)
def test_words_of_people_are_left_as_they_are(text, wish):
    assert understand(text) == wish


def test_views_are_conformant_and_a_time_is_read_back_without_a_zone():
    files = (Attached(id="F1", name="a.png"),)
    some = [entry(author="U0DEV", files=files), entry(text="x" * 5_000)]
    shown = [views.put_there(Incident.model_construct(number=1), rows) for rows in (some, [], [entry()] * 16)]
    form = views.correct(entry())
    for view in (*shown, form):
        check_view(view, "modal")
    state = {"values": {"at": {"value": {"type": "datetimepicker", "selected_date_time": int(NOON.timestamp())}}}}

    assert "U0DEV>: It broke (1 files)" in said(shown[0]["blocks"])
    assert "Nobody has put anything on it yet" in said(shown[1]["blocks"])
    assert said(shown[2]["blocks"]).endswith("The newest 15; the postmortem has them all.")
    assert form["blocks"][1]["element"]["initial_date_time"] == int(NOON.timestamp())
    assert time_in(filled_in({"state": state})["at"]) == NOON
    assert time_in("") is None


def test_message_of_a_thread_is_addressed_within_it():
    body = {"channel": {"id": "C1"}, "message": {"ts": "2.5", "thread_ts": "1.5", "text": "x"}}

    assert said_in(body | {"team": {"domain": "acme"}}).link == (
        "https://acme.slack.com/archives/C1/p25?thread_ts=1.5&cid=C1"
    )
    assert said_in(body).link is None


async def test_people_put_things_on_the_timeline_and_correct_them(copilot, sandbox, events):
    await sandbox.person("ana").invite("#general", sandbox.bot_user_id)
    opened = await copilot.open()
    ana, gus = sandbox.person("ana"), sandbox.person("gus")
    await ana.invite("#general", "gus")
    await ana.command("/incident", "note Failed over to the replica")
    first = await ana.say("#general", "It is the pool")
    await events(1)

    await ana.message_shortcut("add_to_timeline", "#general", first)
    await gus.message_shortcut("add_to_timeline", "#general", first)
    second = await ana.say("#general", "The disk is fine")
    await ana.react("#general", second, "pushpin")
    await ana.react("#general", second, "eyes")
    await events(3)
    await work(copilot)

    assert await copilot.hears("ana") == [
        "It is on the timeline of INC-1.",
        "It is on the timeline of INC-1.",
    ]
    assert await copilot.hears("gus") == ["Guests and people from outside this workspace cannot write on the timeline."]
    assert sorted(await put_there(copilot)) == [
        ("U0ANA", "Failed over to the replica"),
        ("U0ANA", "It is the pool"),
        ("U0ANA", "The disk is fine"),
    ]
    await ana.command("/incident", "timeline")
    await sandbox.until(lambda: ana.views)
    listed = ana.views[-1]
    [kept] = [one for one in await note.put_there(copilot.deps, opened.id) if one.text == "It is the pool"]
    await ana.click(listed, "correct_entry", kept.id)
    await sandbox.until(lambda: len(ana.views) == 2)
    form = ana.views[-1]
    same = await ana.submit(form, {})
    moved = await ana.submit(form, {"at": int((kept.at - timedelta(minutes=1)).timestamp())})

    await ana.command("/incident", "timeline")
    await sandbox.until(lambda: ana.views)
    await ana.click(ana.views[-1], "remove_entry", kept.id)
    await sandbox.until(lambda: "It is off the timeline of INC-1" in said(ana.views[-1].blocks[:1]))
    assert "Removed by <@U0ANA>" in said(ana.views[-1].blocks)
    await ana.close(ana.views[-1])

    assert same.errors == {"text": "That is what it says already."}
    assert moved.ok
    assert ana.views == []
    [after] = [one for one in await note.put_there(copilot.deps, opened.id) if one.id == kept.id]
    assert (after.corrected, after.removed_by) == (True, "U0ANA")
    assert int(after.at.timestamp()) == int(kept.at.timestamp()) - 60


async def test_message_from_elsewhere_goes_to_the_incident_that_is_chosen(copilot, sandbox):
    ana = sandbox.person("ana")
    await ana.create_channel("elsewhere")
    ts = await ana.say("#elsewhere", "Look at <https://x.example|this>")
    await ana.message_shortcut("add_to_timeline", "#elsewhere", ts)
    nothing = await copilot.hears("ana", "#elsewhere")
    opened = await copilot.open()

    await ana.message_shortcut("add_to_timeline", "#elsewhere", ts)
    await sandbox.until(lambda: ana.views)
    ack = await ana.submit(ana.views[-1], {"incident": opened.id})

    assert nothing == ["No incident is running that it could belong to."]
    assert ack.ok
    assert await put_there(copilot) == [("U0ANA", "Look at <https://x.example|this>")]


async def test_what_is_gone_or_does_not_open_is_said(copilot, sandbox):
    opened = await copilot.open()
    ana = sandbox.person("ana")
    await ana.create_channel("elsewhere")
    ts = await ana.say("#elsewhere", "Look")
    await ana.message_shortcut("add_to_timeline", "#elsewhere", ts)
    await sandbox.until(lambda: ana.views)
    form = ana.views[-1]
    form.content["private_metadata"] = "{"
    lost = await ana.submit(form, {"incident": opened.id})
    sandbox.faults.add("views.open", Fault("error"))
    await ana.close(form)
    await ana.message_shortcut("add_to_timeline", "#elsewhere", ts)
    said_there = await copilot.hears("ana", "#elsewhere")
    await ana.command("/incident", "note x")
    await ana.command("/incident", "timeline")
    await sandbox.until(lambda: ana.views)
    for block in ana.views[-1].blocks:
        for element in block.get("elements", []):
            if element.get("action_id") == "correct_entry":
                element["value"] = "odd"

    await ana.click(ana.views[-1], "correct_entry", "odd")

    assert lost.errors == {"incident": GONE}
    assert said_there == [NOT_OPENED]
    assert len(ana.views) == 1
