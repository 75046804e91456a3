"""/incident, typed by people in channels where there is none, one or several incidents."""

import pytest
import slack_samples as given_a
import sqlalchemy as sa

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.incident import Ending, Severity, Status
from incident_copilot.domain.noise import NoiseCount
from incident_copilot.domain.proposal import Audience
from incident_copilot.domain.track_record import TurnedOut
from incident_copilot.pipeline import dead_letters, read
from incident_copilot.sandbox import Fault
from incident_copilot.slack.listeners import answering
from incident_copilot.slack.views import command_list
from incident_copilot.store import alerts, noise, outcomes


async def typed(copilot, text, who="ana", channel="#general"):
    """What one person is told right away."""
    person = copilot.sandbox.person(who)
    before = len(person.ephemerals(channel))
    ack = await person.command("/incident", text, channel=channel)
    assert ack.ok
    return [message.text for message in person.ephemerals(channel)[before:]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", command_list.here(None).text),
        ("help", command_list.whole().text),
        ("help no such word", command_list.whole().text),
        ("help decide", command_list.about("decide").text),
        ("resolv", "Did you mean `/incident resolve`?\n`/incident help` lists what I do."),
        ("xyzzy", "I do not know that word.\n`/incident help` lists what I do."),
        ("list", "No incident is running."),
        ("status", "No incident is running here. Add a number, as in /incident status INC-42."),
        ("status INC-7", "There is no INC-7."),
    ],
)
async def test_answers_without_an_incident(copilot, text, said):
    assert await typed(copilot, text) == [said]


async def test_nothing_typed_in_an_incidents_channel_says_what_is_wanted_there(copilot):
    await copilot.open()

    assert await typed(copilot, "") == [command_list.here("INC-1").text]


async def test_list_names_each_incident_and_escapes_what_is_not_ours(copilot):
    await copilot.open(title="<!channel> down", commander="U0BEN")

    assert await typed(copilot, "list") == ["INC-1 &lt;!channel&gt; down · P1 high · open · <@U0BEN> · priority 33"]


async def test_dead_letters_are_listed_and_counted(copilot):
    assert await typed(copilot, "dead") == ["There are no dead letters."]
    await dead_letters.keep(copilot.deps, "prod", "prod: event is <!channel>", {}, b"{}")
    [letter], _ = await dead_letters.waiting(copilot.deps, 1)

    [said] = await typed(copilot, "dead")

    assert said.splitlines() == [
        f"{letter.id}  {letter.received_at:%Y-%m-%d %H:%M}  prod  prod: event is &lt;!channel&gt;",
        "prod: 1 wait, 0 replayed, 0 dropped, 0 left out",
        "`incident-copilot dead replay` takes them in again.",
    ]


async def test_noise_is_listed_and_promoted_by_one_click(copilot):
    assert await typed(copilot, "noise") == ["Nothing was noise"]
    at = given_a.NOON
    alert = Alert(source="s", fingerprint="f", name="Disk", status=AlertStatus.FIRING, starts_at=at, severity="none")
    counted = [
        NoiseCount(name=f"Disk{n}", service="s", times=1, first_at=at, last_at=at, why="w", fingerprint=f"f{n}")
        for n in range(21)
    ]
    disk = counted[0].model_copy(update={"name": "Disk <!channel>", "times": 9, "fingerprint": "f"})
    async with copilot.deps.db.transaction() as tx:
        await alerts.record(tx, "w", alert, at)
        await noise.add(tx, "w", [disk, *counted])
        for number in range(5):
            told = {"name": "Flaky", "service": None, "outcome": TurnedOut.FALSE_ALARM, "ended_at": at}
            await outcomes.note(tx, "w", str(number), **told)

    assert await typed(copilot, "noise") == ["30 alerts opened no incident"]
    ana = copilot.sandbox.person("ana")
    before = ana.ephemerals("#general")
    shown = before[-1]
    text = given_a.said(shown.blocks)
    assert "Disk <!channel> on s, 9 times, last 2026-11-21 12:00 UTC. w" in text
    assert "and 2 more: incident-copilot noise" in text
    assert '{match: {alertname: "Flaky"}, reason: "5 of the last 5 were false alarms"}' in text
    await ana.click(shown, "promote")
    await copilot.sandbox.until(lambda: len(ana.ephemerals("#general")) > len(before))
    assert ana.ephemerals("#general")[-1].text.startswith(
        "INC-1 is open for Disk.\nTo have it open incidents from now on"
    )


async def test_long_list_says_how_many_are_left_out(copilot):
    for number in range(32):
        await copilot.open(id=f"{number:032x}", correlation_key=f"k{number}", severity=Severity.P2)

    [said] = await typed(copilot, "list")

    assert len(said.split("\n")) == 31
    assert said.endswith("and 2 more")


async def test_channel_says_which_incident_is_meant(copilot):
    await copilot.open()
    other = await copilot.open(id="e" * 32, correlation_key="other", channel_id="C0OTHER00")

    [here] = await typed(copilot, "status")
    [named] = await typed(copilot, f"status {other.label}")

    assert here.startswith("INC-1 HighErrorRate")
    assert named.startswith("INC-2 HighErrorRate")


async def test_number_is_asked_for_when_several_are_meant(copilot):
    for number in (1, 2):
        await copilot.open(id=f"{number:032x}", correlation_key=f"k{number}", thread_ts=f"{number}.1")

    assert await typed(copilot, "status") == ["Which one? Add its number: INC-2, INC-1."]


async def test_only_incident_is_meant_from_anywhere(copilot):
    await copilot.open(thread_ts="1.1")

    [said] = await typed(copilot, "status", channel="#random")

    assert said.startswith("INC-1")


async def test_people_run_an_incident_by_commands(copilot):
    await copilot.open()

    said = [
        await typed(copilot, "ack"),
        await typed(copilot, "status mitigated"),
        await typed(copilot, "status resolved"),
        await typed(copilot, "sev P0 everything is down"),
        await typed(copilot, "assign me"),
        await typed(copilot, "assign <@U0BEN|ben>"),
        await typed(copilot, "take scribe"),
        await typed(copilot, "take scribe", who="ben"),
        await typed(copilot, "roles"),
        await typed(copilot, "role none scribe"),
        await typed(copilot, "quiet"),
        await typed(copilot, "quiet off"),
        await typed(copilot, "reopen"),
    ]

    assert said == [
        ["You have INC-1."],
        ["INC-1 is mitigated."],
        ["Use /incident resolve: it checks first whether things work again."],
        ["INC-1 is now P0 critical."],
        ["<@U0ANA> now leads INC-1."],
        ["<@U0BEN> now leads INC-1."],
        ["<@U0ANA> is now the scribe of INC-1."],
        ["<@U0ANA> is the scribe of INC-1. To take over: /incident assign me scribe."],
        ["Roles of INC-1. Commander: <@U0BEN>; Comms lead: nobody yet; Scribe: <@U0ANA>; Operations lead: nobody yet."],
        ["Nobody is the scribe of INC-1 now."],
        ["I stay quiet; decisions and the card go on."],
        ["I remind again."],
        ["INC-1 is running."],
    ]
    now = await copilot.now_is()
    assert (now.status, now.severity, now.commander) == (Status.MITIGATED, Severity.P0, "U0BEN")


@pytest.mark.parametrize(
    ("text", "audience"),
    [("update", Audience.INTERNAL), ("update customers", Audience.CUSTOMERS), ("update internal", Audience.INTERNAL)],
)
async def test_update_is_drafted_for_an_audience(copilot, text, audience):
    await copilot.open()
    await copilot.find()

    assert await typed(copilot, text) == ["The draft is in the channel."]
    [draft] = await read.open_proposals(copilot.deps, given_a.INCIDENT_ID)
    assert draft.audience is audience


async def test_summary_and_postmortem_are_told(copilot):
    await copilot.open(commander="U0BEN")
    await copilot.find()

    [summary] = await typed(copilot, "summary")

    assert summary.split("\n")[0].startswith("INC-1: P1 high, open, for ")
    assert summary.split("\n")[0].endswith("Led by <@U0BEN>.")
    assert "20 % of requests fail, 5 % is the limit" in summary
    assert await typed(copilot, "postmortem")


@pytest.mark.parametrize(("text", "callback"), [("declare checkout is down", "declare"), ("resolve", "resolve")])
async def test_forms_open_by_command(sandbox, copilot, text, callback):
    await copilot.open()
    ana = sandbox.person("ana")

    assert await typed(copilot, text) == []
    assert ana.views[-1].callback_id == callback


async def test_title_typed_with_declare_is_in_the_form(sandbox, copilot):
    await typed(copilot, "declare checkout is down")

    [form] = sandbox.person("ana").views
    assert form.blocks[0]["element"]["initial_value"] == "checkout is down"


@pytest.mark.parametrize("text", ["declare", "severity", "resolve"])
async def test_form_that_does_not_open_is_admitted(sandbox, copilot, text):
    await copilot.open()
    sandbox.faults.add("views.open", Fault("error"))

    assert await typed(copilot, text) == [answering.NOT_OPENED]


async def test_command_while_the_database_is_away_says_so(copilot):
    await copilot.open()
    async with copilot.deps.db.transaction() as tx:
        await tx.execute(sa.text("DROP TABLE evidence"))
        await tx.execute(sa.text("DROP TABLE alerts"))

    assert await typed(copilot, "update") == [answering.NOT_RECORDED]
    assert await typed(copilot, "summary") == [answering.NOT_RECORDED]
    assert await typed(copilot, "resolve") == [answering.GONE]


async def test_refusals_are_told_to_the_one_who_typed(copilot):
    await copilot.open(ending=Ending.RESOLVED, ended_at=given_a.NOON, status=Status.RESOLVED)

    assert await typed(copilot, "ack") == ["INC-1 has ended. Reopen it first."]
    assert await typed(copilot, "ack", who="vic") == [
        "To acknowledge incidents you need the role responder; ask an admin to add it in catalog.yaml."
    ]


async def test_what_is_known_is_told_literally(copilot):
    await copilot.open(title="<!channel> printer jam")

    assert await typed(copilot, "runbook") == ["No runbook fits INC-1, by link, name or words."]
    assert await typed(copilot, "similar INC-1") == ["Nothing like INC-1 is known."]


async def test_the_bridge_is_named_by_link_or_huddle_and_told(copilot):
    opened = await copilot.open()
    none = await typed(copilot, "bridge")
    huddle = await typed(copilot, "bridge huddle")
    await typed(copilot, "bridge")
    known = copilot.sandbox.person("ana").ephemerals("#general")[-1].blocks[0]["elements"][0]["elements"][-1]["url"]
    await typed(copilot, "bridge <https://zoom.us/j/1?a=1&b=2|zoom>")

    assert none == ["INC-1 has no bridge yet."]
    assert huddle == ["The bridge is on the card, and at the top of the channel."]
    assert known == f"https://app.slack.com/huddle/T0SANDBOX/{opened.channel_id}"
    assert (await copilot.now_is()).links["bridge"] == "https://zoom.us/j/1?a=1&b=2"


async def test_vendors_and_authorities_are_shown_and_written_down(copilot):
    await copilot.open(incident_type="security")
    assert await typed(copilot, "vendor") == ["catalog.yaml names no vendor for INC-1."]
    assert await typed(copilot, "vendor acme 4711") == ["catalog.yaml has no vendor acme; it has stripe."]
    assert await typed(copilot, "hold", "ben") == ["INC-1: Nothing of it is erased or cut until the hold is off."]
    assert await typed(copilot, "hold off", "ben") == ["INC-1: The hold is off."]
    [deadline] = await typed(copilot, "regulator")

    assert deadline.startswith("bank: tell the bank by ")
    assert await typed(copilot, "regulator bank told R-9", "ben") == [
        "Noted; it is in the log, and nobody is reminded any more."
    ]


async def test_people_subscribe_and_end_it_by_command(copilot):
    asked = await typed(copilot, "subscribe", "vic")
    begun = await typed(copilot, "subscribe p1", "vic")
    refused = await typed(copilot, "subscribe P0 email", "vic")
    ended = await typed(copilot, "subscribe off", "vic")

    assert asked[0].splitlines()[0] == "You have not subscribed."
    assert begun == ["You hear of each P0 to P1 by direct message. `/incident subscribe off` ends it."]
    assert refused == ["I do not know your e-mail address; ask an admin to add it in catalog.yaml."]
    assert ended == ["You hear of nothing any more."]
