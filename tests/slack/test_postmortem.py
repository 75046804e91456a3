"""A postmortem in Slack: its state, editing by section, review and action items, by command, button and form."""

from datetime import UTC, datetime, timedelta

import slack_samples as given_a
from slack_samples import INCIDENT_ID, buttons, said

from incident_copilot.domain.incident import Ending, Status
from incident_copilot.domain.postmortem import ActionItem, Line, Postmortem, Review, ReviewState, Section, Source
from incident_copilot.pipeline import action_items
from incident_copilot.pipeline.living import edit, states
from incident_copilot.sandbox.conformance import check_blocks, check_view
from incident_copilot.slack.listeners.answering import GONE
from incident_copilot.slack.views import postmortem as views
from incident_copilot.slack.views.modals import postmortem as forms
from incident_copilot.store import postmortems, reviews
from incident_copilot.store.postmortems import StoredPostmortem

ROW = Source(ref="log:1", label="Action log, row 1: incident:opened")


async def written(copilot):
    """An incident that has ended and has a postmortem, one section of which no form can hold."""
    now = datetime.now(UTC) - timedelta(minutes=5)
    opened = await copilot.open(status=Status.RESOLVED, ending=Ending.RESOLVED, ended_at=now)
    sections = tuple(
        Section(key=key, heading=heading, lines=(Line(text=text, sources=(ROW,)),))
        for key, heading, text in (
            ("summary", "Summary", "It failed."),
            ("lucky", "Where we got lucky", "It was noon."),
            ("timeline", "Timeline", "x" * 3_500),
        )
    )
    value = Postmortem(incident_id=opened.id, label="INC-1", title="t", written_at=now, sections=sections)
    review = Review(workspace_id="w", incident_id=opened.id, written_at=now, sha256="a" * 64)
    async with copilot.deps.db.transaction() as tx:
        await postmortems.save(tx, StoredPostmortem(postmortem=value, markdown="", html=""))
        await reviews.save(tx, review)
    return opened


async def typed(copilot, text, who="ana"):
    """What one person is told right away."""
    person = copilot.sandbox.person(who)
    before = len(person.ephemerals("#general"))
    await person.command("/incident", text, channel="#general")
    return [message.text for message in person.ephemerals("#general")[before:]]


async def test_people_edit_review_and_publish_a_postmortem(copilot, sandbox):
    opened = await written(copilot)
    ana, ben = sandbox.person("ana"), sandbox.person("ben")
    [state] = await typed(copilot, "postmortem")
    message = await copilot.show(await states.look(copilot.deps, opened), slot="review")

    await ana.click(message, "pm_edit", opened.id)
    await sandbox.until(lambda: ana.views)
    await ana.submit(ana.views[-1], {"section": "lucky"})
    blames = await ana.submit(ana.views[-1], {"text": "- It was noon. [log:1]\n- It was nobody's fault."})
    warned = said(ana.views[-1].blocks)
    await typed(copilot, "postmortem edit lucky", who="ben")
    saved = await ana.submit(ana.views[-1], {"text": "- It was noon. [log:1]\n- It was nobody's fault."})
    await ben.submit(ben.views[-1], {"text": "- It was lunch time."})
    newer = said(ben.views[-1].blocks)
    same = await ben.submit(ben.views[-1], {"text": "- It was noon. [log:1]\n- It was nobody's fault."})
    too_long = await typed(copilot, "postmortem edit timeline")
    unknown = await typed(copilot, "postmortem edit nonsense")
    said_of_states = [
        await typed(copilot, "postmortem <@U0ANA|ana>", who="ben"),
        await typed(copilot, "postmortem review"),
        await typed(copilot, "postmortem approve", who="ben"),
        await typed(copilot, "postmortem write"),
    ]
    ready = await copilot.show(await states.look(copilot.deps, opened), slot="review")
    await ana.click(ready, "pm_publish", opened.id)
    view = await states.look(copilot.deps, opened)

    assert state.startswith("Postmortem of INC-1 HighErrorRate on checkout is ready. It failed.")
    assert "This may read as blame. Save again to keep it as it is." in warned
    assert (blames.ok, saved.ok) == (True, True)
    assert "Somebody changed this section while you wrote. It says now:- It was noon. [log:1]" in newer
    assert same.body["errors"] == {"text": "Nothing is changed."}
    assert too_long == [
        "Timeline is too long for a form. Edit it as a file: `incident-copilot postmortem export INC-1`."
    ]
    assert unknown == ["The postmortem of INC-1 has no section nonsense."]
    assert said_of_states == [
        ["<@U0ANA> owns the postmortem of INC-1."],
        ["The postmortem of INC-1 is in review."],
        ["You approved the postmortem of INC-1 as it is written now."],
        ["I am writing the postmortem of INC-1; it comes in a moment."],
    ]
    assert (view.state, view.approved_by) == (ReviewState.PUBLISHED, ("U0BEN",))
    assert (await edit.begin(copilot.deps, INCIDENT_ID, "lucky")).text.endswith("- It was nobody's fault.")


async def test_people_add_give_date_and_finish_action_items(copilot, sandbox):
    opened = await written(copilot)
    ana = sandbox.person("ana")

    told = [
        await typed(copilot, "item detect: alert on pools <@U0BEN|ben> 2026-12-01"),
        await typed(copilot, "item raise the limit"),
        await typed(copilot, "item 2 me"),
        await typed(copilot, "item 2 due 2026-12-24"),
        await typed(copilot, "item 2 2026-13-40"),
        await typed(copilot, "item done 1"),
        await typed(copilot, "item 1 reopen"),
        await typed(copilot, "item 2 <@U0BEN|ben>"),
        await typed(copilot, "item drop 3"),
        await typed(copilot, "items"),
    ]
    message = await copilot.show(await states.look(copilot.deps, opened), slot="review")
    await ana.click(message, "pm_items", opened.id)
    await sandbox.until(lambda: len(ana.ephemerals("#general")) == len(told) + 1)
    listed = ana.ephemerals("#general")[-1]
    await ana.click(listed, "item_done", f"{opened.id}:1")
    await ana.click(listed, "item_new", opened.id)
    await sandbox.until(lambda: ana.views)
    await ana.submit(ana.views[-1], {"text": "Test it", "kind": "prevent", "due": "2026-12-31"})
    await typed(copilot, "item")
    await ana.submit(ana.views[-1], {"text": "And that", "kind": "process"})
    [free] = [one for one in (await action_items.listed(copilot.deps, opened)) if one.text == "Test it"]
    shown = views.items(opened, [free])
    await typed(copilot, "items")
    await ana.click(ana.ephemerals("#general")[-1], "item_take", f"{opened.id}:{free.number}")

    assert told == [
        ["Action item 1 of INC-1 for <@U0BEN>: alert on pools"],
        ["Action item 2 of INC-1: raise the limit"],
        ["Action item 2 of INC-1 is with <@U0ANA>."],
        ["Action item 2 of INC-1 is due on 24 December 2026."],
        ["Action item 3 of INC-1: 2 2026-13-40"],
        ["Action item 1 of INC-1 is done."],
        ["Action item 1 of INC-1 is open again."],
        ["Action item 2 of INC-1 is with <@U0BEN>."],
        ["Action item 3 of INC-1 is dropped."],
        ["INC-1: 2 of 3 action items open"],
    ]
    assert [
        (one.text, one.kind, one.assignee, str(one.due), one.done_by)
        for one in await action_items.listed(copilot.deps, opened)
    ] == [
        ("alert on pools", "detect", "U0BEN", "2026-12-01", "U0ANA"),
        ("raise the limit", "process", "U0BEN", "2026-12-24", None),
        ("2 2026-13-40", "process", None, "None", "U0ANA"),
        ("Test it", "prevent", "U0ANA", "2026-12-31", None),
        ("And that", "process", None, "None", None),
    ]
    assert buttons(shown.blocks) == {"item_done": "Done", "item_take": "Take", "item_new": "New action item"}


async def test_odd_clicks_on_a_postmortem_do_nothing(copilot, sandbox):
    opened = await written(copilot)
    ana = sandbox.person("ana")
    message = await copilot.show(await states.look(copilot.deps, opened), slot="review")
    for element in (element for block in message.blocks for element in block.get("elements", [])):
        if "value" in element:
            element["value"] = "odd"

    for button in ("pm_edit", "pm_items", "pm_own"):
        await ana.click(message, button, "odd")
    await sandbox.until(lambda: len(ana.ephemerals("#general")) == 3)

    assert await copilot.hears("ana") == [GONE, GONE, GONE]


async def test_commands_on_an_incident_without_a_postmortem_say_so(copilot):
    await copilot.open()

    assert await typed(copilot, "postmortem edit") == [GONE]
    assert await typed(copilot, "postmortem edit lucky") == [
        "INC-1 has no postmortem yet; /incident postmortem writes it."
    ]
    assert await typed(copilot, "postmortem approve") == [
        "INC-1 has no postmortem yet; /incident postmortem writes it."
    ]


def test_lists_of_action_items_are_conformant_and_say_what_is_left_out():
    incident = given_a.incident()
    still = [ActionItem(text=given_a.NASTY[0], kind="detect", number=n, owner="shop") for n in range(1, 18)]
    over = [ActionItem(text="x", kind="detect", number=20, done_at=given_a.NOON, dropped=True)]

    shown = views.items(incident, [*still, *over])

    check_blocks(shown.blocks, "message")
    check_view(forms.item(incident), "modal")
    assert "and 2 more: they are in the postmortem" in said(shown.blocks)
    assert said(shown.blocks).endswith("20 x · droppedNew action item")
