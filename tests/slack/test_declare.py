"""Incidents are declared from a form, wherever it is opened from, and what runs already is offered first."""

import pytest
import slack_samples as given_a
from slack_samples import NASTY, NOON, buttons, said
from slack_sdk.models.views import View

from incident_copilot.domain.log import TimelineKind
from incident_copilot.pipeline import note, read
from incident_copilot.pipeline.alike import Alike
from incident_copilot.sandbox import Fault
from incident_copilot.sandbox.conformance import check_view
from incident_copilot.slack.listeners.answering import GONE
from incident_copilot.slack.views.modals import declare as views


def conformant(view):
    check_view(view, "modal")
    View(**view).to_dict()
    return view


def inputs(view):
    return {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}


@pytest.mark.parametrize(
    ("services", "kind"),
    [
        ((), "plain_text_input"),
        (("checkout", "payments"), "static_select"),
        (tuple(map(str, range(101))), "plain_text_input"),
    ],
)
def test_declaring_needs_a_title_alone(services, kind):
    view = conformant(views.declare(services, "checkout is down"))

    assert [name for name, block in inputs(view).items() if not block["optional"]] == ["title"]
    assert inputs(view)["title"]["element"]["initial_value"] == "checkout is down"
    assert inputs(view)["service"]["element"]["type"] == kind


@pytest.mark.parametrize("nasty", ["checkout is down", *NASTY])
def test_what_runs_already_stands_above_what_was_filled_in(nasty):
    found = [Alike(incident=given_a.incident(title=nasty or "x"), reason=nasty)] * 3
    given = {"title": nasty, "severity": "P1", "service": "checkout", "flags": "test odd", "summary": nasty}
    started = {"started": str(int(NOON.timestamp()))}

    view = conformant(views.looks_like(("checkout",), given | started, found, "kept"))

    held = inputs(view)
    assert view["submit"]["text"] == "Declare anyway"
    assert buttons(view["blocks"][1:2]) == {"join_incident": "Join INC-42"}
    assert held["service"]["element"]["initial_option"]["value"] == "checkout"
    assert held["started"]["element"]["initial_date_time"] == int(NOON.timestamp())
    assert [one["value"] for one in held["flags"]["element"]["initial_options"]] == ["test"]
    assert "initial_option" not in inputs(views.looks_like((), {"service": "x"}, found, ""))["service"]["element"]


async def test_incident_is_declared_from_a_message_with_its_time_and_words(copilot, sandbox):
    ana, vic = sandbox.person("ana"), sandbox.person("vic")
    ts = await sandbox.person("dev").say("#general", "Payments answers 500\nsince the deploy")

    for person in (vic, ana):
        await person.message_shortcut("declare_from_message", "#general", ts)
        await sandbox.until(lambda person=person: person.views)
    form = ana.views[-1]
    begins = said(form.blocks[:2])
    refused = await vic.submit(vic.views[-1], {"service": "payments"})
    ack = await ana.submit(form, {"severity": "P1", "service": "payments", "flags": ["test"]})

    assert begins == "It begins with this messagePayments answers 500\nsince the deploy"
    assert "you need the role responder" in refused.errors["title"]
    assert ack.ok
    assert said(ana.views[-1].blocks) == "INC-1 [TEST] is open."
    [opened] = await read.running(copilot.deps)
    [entry] = await note.put_there(copilot.deps, opened.id)
    assert (opened.title, opened.service, opened.test) == ("Payments answers 500", "payments", True)
    assert int(opened.started_at.timestamp()) == int(float(ts))
    assert (entry.kind, entry.author) == (TimelineKind.PINNED, "U0DEV")
    assert entry.text == "Payments answers 500\nsince the deploy"
    assert opened.links["message"].endswith(f"p{ts.replace('.', '')}")


async def test_what_looks_alike_is_offered_and_joined_or_declared_anyway(copilot, sandbox):
    await copilot.open(title="Checkout is down")
    ana, ben, gus = (sandbox.person(name) for name in ("ana", "ben", "gus"))
    for person in (ana, ben, gus):
        await person.shortcut("declare_incident")
        await sandbox.until(lambda person=person: person.views)
        filled = {"title": "checkout is down", "summary": "Carts hang"}
        await person.submit(person.views[-1], filled)

    offered = said(ana.views[-1].blocks[:1])
    await ana.click(ana.views[-1], "join_incident")
    await sandbox.until(lambda: "Joined" in str(ana.views[-1].content))
    anyway = await ben.submit(ben.views[-1], {})

    assert offered == ("INC-1 Checkout is down\nlooks like this: same service checkout")
    assert "Your report is on the timeline of INC-1." in said(ana.views[-1].blocks)
    assert [one.text for one in await note.put_there(copilot.deps, given_a.INCIDENT_ID)] == [
        "checkout is down\nCarts hang"
    ]
    assert anyway.ok
    assert said(ben.views[-1].blocks) == "INC-2 is open."
    assert len(await read.running(copilot.deps)) == 2
    assert gus.views[-1].content["submit"]["text"] == "Declare"


async def test_joining_what_is_gone_is_answered_and_a_form_that_is_closed_takes_no_answer(copilot, sandbox):
    opened = await copilot.open(title="Checkout is down")
    ana = sandbox.person("ana")
    await ana.shortcut("declare_incident")
    await sandbox.until(lambda: ana.views)
    await ana.submit(ana.views[-1], {"title": "checkout is down"})
    view = ana.views[-1]
    button = view.content["blocks"][1]["elements"][0]
    button["value"] = "f" * 32

    await ana.click(view, "join_incident")
    await sandbox.until(lambda: GONE in str(ana.views[-1].content))
    sandbox.faults.add("views.update", Fault("refuse", code="not_found"))
    await ana.shortcut("declare_incident")
    await sandbox.until(lambda: ana.views[-1].callback_id == "declare")
    await ana.submit(ana.views[-1], {"title": "checkout is down"})
    ack = await ana.click(ana.views[-1], "join_incident", opened.id)

    assert ack.ok


async def test_form_that_lost_what_it_kept_is_an_ordinary_one(copilot, sandbox):
    ana = sandbox.person("ana")
    await ana.command("/incident", "declare")
    await sandbox.until(lambda: ana.views)
    ana.views[-1].content["private_metadata"] = "{"

    ack = await ana.submit(ana.views[-1], {"title": "checkout is down", "flags": ["private"]})

    assert ack.ok
    assert await read.running(copilot.deps) == []


async def test_private_incident_is_reached_by_its_number_in_its_channel_alone(copilot, sandbox):
    await copilot.open(private=True, title="Leak")
    await copilot.open(id="e" * 32, correlation_key="other", channel_id="C0OTHER00")
    ana = sandbox.person("ana")
    await ana.create_channel("elsewhere")

    for channel in ("#general", "#elsewhere"):
        await ana.command("/incident", "roles INC-1", channel=channel)

    assert [one.text.partition(".")[0] for one in ana.ephemerals("#general")] == ["Roles of INC-1"]
    assert [one.text for one in ana.ephemerals("#elsewhere")] == ["There is no INC-1."]
