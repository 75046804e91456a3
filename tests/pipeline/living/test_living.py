"""A postmortem lives on: edited, reviewed, published, its action items chased; on a real database."""

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from incident_copilot.domain.content import Notice, ReviewView
from incident_copilot.domain.incident import Ending
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.postmortem import ReviewState
from incident_copilot.errors import ConfigError, DecisionRefused
from incident_copilot.pipeline import action_items, my_work, resolve, run
from incident_copilot.pipeline.living import as_file, due, edit, states
from incident_copilot.store import action_items as rows
from incident_copilot.store import postmortems, reviews
from incident_copilot.store.tables import postmortem_reviews
from pipeline.life import SOLO, Life, big

SUGGESTED = "Say what made it possible, not who did it. Call people by the part they played, as in the commander."


@pytest.fixture
def life(db, clock):
    return Life(db, clock, public_url="https://copilot.example")


@pytest.fixture
async def ended(life):
    """An incident that is resolved, so that its postmortem is written; a Saturday at noon, outside working hours."""
    incident = await life.opened(big())
    ana = await life.person("ana")
    await run.acknowledge(life.deps, incident.id, ana)
    await resolve.resolve(life.deps, incident.id, ana, ending=Ending.RESOLVED, note="", despite_red=True)
    await life.work()
    return await life.newest()


async def document(life, incident):
    async with life.deps.db.read() as db:
        return await postmortems.get(db, incident.id)


async def review_of(life, incident):
    async with life.deps.db.read() as db:
        return await reviews.get(db, incident.id)


async def change(life, incident, who, section, text, seen=None):
    opened = await edit.begin(life.deps, incident.id, section)
    person = await life.person(who)
    version = opened.version if seen is None else seen
    saved = await edit.save(life.deps, incident.id, person, section, text, seen=version)
    await life.work()
    return saved


def told(life):
    return [(channel, content.text, content.detail) for channel, _, content in life.chat.posts if _is_told(content)]


def _is_told(content):
    words = ("postmortem", "action item", "ended a while ago")
    return isinstance(content, Notice) and any(word in content.text for word in words)


async def test_edit_is_kept_as_a_version_and_stays_when_the_document_is_written_anew(life, ended):
    before = await document(life, ended)
    opened = await edit.begin(life.deps, ended.id, "lessons")

    saved = await change(life, ended, "ben", "lessons", f"{opened.text}\n- Pools need an alert.")
    await life.go_on(minutes=1)

    after = await document(life, ended)
    section = after.postmortem.section("lessons")
    [row] = await life.log(ended, LogKind.POSTMORTEM_EDITED)
    assert saved == edit.Edited("Lessons learnt of INC-1 is saved.")
    assert section.edited_by == "Ben"
    assert section.lines[-1].text == "Pools need an alert."
    assert [source.ref for source in section.lines[-1].sources] == [f"log:{row.seq}"]
    assert (row.actor, row.payload["section"], row.payload["version"]) == ("U0BEN", "lessons", 2)
    assert "Pools need an alert." not in before.markdown
    assert "Pools need an alert." in after.markdown
    assert "Edited by Ben." in after.markdown
    assert "Edited by Ben." in after.html
    assert (await edit.sections(life.deps, ended.id))["lessons"] == "Lessons learnt"


async def test_second_of_two_who_edit_at_once_is_told_and_loses_nothing(life, ended):
    seen = (await edit.begin(life.deps, ended.id, "lucky")).version
    await change(life, ended, "ana", "lucky", "- Mine.", seen)

    late = await change(life, ended, "ben", "lucky", "- His.", seen)
    again = await change(life, ended, "ben", "lucky", "- Mine.\n- His.", late.newer.version)

    assert (late.told, late.newer.text) == ("Where we got lucky was changed while you wrote.", late.newer.text)
    assert late.newer.text.startswith("- Mine. [log:")
    assert again.newer is None
    lines = (await document(life, ended)).postmortem.section("lucky").lines
    assert [line.text for line in lines] == ["Mine.", "His."]


async def test_edit_that_is_not_in_the_document_yet_is_what_the_next_one_begins_with(life, ended):
    ana = await life.person("ana")
    seen = (await edit.begin(life.deps, ended.id, "lucky")).version
    life.clock.forward(1)
    await edit.save(life.deps, ended.id, ana, "lucky", "- Mine.", seen=seen)

    assert (await edit.begin(life.deps, ended.id, "lucky")).text == "- Mine."


async def test_edits_that_cannot_be_kept_are_refused_and_logged(life, ended):
    running = await life.opened(big("Other", service="search", labels={"cluster": "x"}))
    text = (await edit.begin(life.deps, ended.id, "lucky")).text

    for who, section, words, incident, because in (
        ("vic", "lucky", "- x", ended, "To edit postmortems you need the role responder"),
        ("ana", "lucky", text, ended, "Nothing is changed."),
        ("ana", "lucky", "- " + "x" * edit.LONGEST, ended, "A section has at most 100,000 characters"),
        ("ana", "nonsense", "- x", ended, "The postmortem of INC-1 has no section nonsense."),
        ("ana", "lucky", "- x", running, "INC-2 has no postmortem yet"),
    ):
        with pytest.raises(DecisionRefused, match=because):
            await edit.save(life.deps, incident.id, await life.person(who), section, words, seen=9)

    assert len(await life.log(ended, LogKind.DENIED)) == 4
    assert await edit.sections(life.deps, running.id) == {}
    assert await states.look(life.deps, running) is None


async def test_blame_in_what_somebody_writes_is_found_with_the_part_they_played(life, ended):
    text = "- Ana forgot the limit. It was Ana's fault."

    found = await edit.flagged(life.deps, ended.id, "lucky", text)

    assert [(flag.sentence, flag.suggestion) for flag in found] == [
        (
            "It was Ana's fault.",
            SUGGESTED,
        )
    ]


async def test_review_goes_from_draft_over_approval_to_published_and_an_edit_undoes_approvals(life, ended):
    deps, (ana, ben) = life.deps, [await life.person(one) for one in ("ana", "ben")]
    refused = []

    async def tried(deed, person):
        try:
            await deed(deps, ended.id, person)
        except DecisionRefused as refusal:
            refused.append(str(refusal))
        await life.work()

    for deed, person in (
        (states.approve, ben),
        (states.publish, ben),
        (states.ask, ana),
        (states.ask, ben),
        (states.approve, ana),
        (states.approve, ben),
        (states.approve, ben),
    ):
        await tried(deed, person)
    await change(life, ended, "ben", "lucky", "- We were lucky.")
    undone = await review_of(life, ended)
    for deed, person in ((states.approve, ben), (states.publish, ana), (states.publish, ana)):
        await tried(deed, person)
    published = await review_of(life, ended)
    shown = await document(life, ended)
    await change(life, ended, "ben", "lucky", "- Very lucky.")

    assert refused == [
        "The postmortem of INC-1 is draft, not in review.",
        "Nobody has approved it as it is written now. Ask for a review first.",
        "The postmortem of INC-1 is in review already.",
        "Whoever owns the review does not approve it; ask somebody else to read it.",
        "You have approved it already.",
        "The postmortem of INC-1 is published already.",
    ]
    assert (undone.state, undone.owner, undone.approvals) == (ReviewState.IN_REVIEW, "U0ANA", ())
    assert (published.state, [one.by for one in published.approvals]) == (ReviewState.PUBLISHED, ["U0BEN"])
    assert (await review_of(life, ended)).state is ReviewState.IN_REVIEW
    assert shown.postmortem.facts[-3:] == (("State", "published"), ("Review by", "Ana"), ("Approved by", "Ben"))
    assert [row.kind for row in await life.log(ended) if row.kind.startswith("postmortem:")] == [
        LogKind.REVIEWED,
        LogKind.POSTMORTEM_IN_REVIEW,
        LogKind.POSTMORTEM_APPROVED,
        LogKind.POSTMORTEM_EDITED,
        LogKind.POSTMORTEM_APPROVED,
        LogKind.POSTMORTEM_PUBLISHED,
        LogKind.POSTMORTEM_EDITED,
    ]
    assert [text for _, text, _ in told(life)] == [
        "The postmortem of INC-1 is in review. Read it, edit it, approve it.",
        "The postmortem of INC-1 is published.",
    ]


async def test_review_is_given_to_somebody_and_one_may_decide_alone_where_that_is_allowed(life, ended):
    alone = replace(life.deps, catalog=SOLO)
    ana, ben = await life.person("ana"), await life.person("ben")

    gave = await states.own(life.deps, ended.id, ana, "U0BEN")
    for who, because in (("U0BEN", "is with <@U0BEN> already"), ("U0GUS", "is not a full member")):
        with pytest.raises(DecisionRefused, match=because):
            await states.own(life.deps, ended.id, ana, who)
    took = await states.own(life.deps, ended.id, ana)
    await states.ask(life.deps, ended.id, ben)
    approved = await states.approve(alone, ended.id, ana)
    looked = await states.look(life.deps, ended)

    assert [one.text for one in (gave, took, approved)] == [
        "<@U0BEN> owns the postmortem of INC-1.",
        "<@U0ANA> owns the postmortem of INC-1.",
        "You approved the postmortem of INC-1 as it is written now.",
    ]
    assert isinstance(looked, ReviewView)
    assert (looked.state, looked.owner, looked.approved_by) == (ReviewState.IN_REVIEW, "U0ANA", ("U0ANA",))
    assert looked.link == "https://copilot.example/incidents/1/postmortem"


async def test_what_is_published_and_edited_before_it_is_told_is_not_told(life, ended):
    ana, ben = await life.person("ana"), await life.person("ben")
    await states.ask(life.deps, ended.id, ana)
    await states.approve(life.deps, ended.id, ben)
    await states.publish(life.deps, ended.id, ana)
    version = (await edit.begin(life.deps, ended.id, "lucky")).version
    await edit.save(life.deps, ended.id, ben, "lucky", "- x", seen=version)
    await life.work()

    assert not any("is published" in text for _, text, _ in told(life))


async def test_people_are_reminded_in_working_hours_until_it_is_published(life, ended):
    await life.go_on(hours=44)
    over_the_weekend = told(life)
    await life.go_on(hours=2)
    on_monday = told(life)
    await change(life, ended, "ana", "lucky", "- We were.")
    for _ in range(4):
        await life.go_on(days=3)
    later = told(life)[len(on_monday) :]

    assert over_the_weekend == []
    assert [(channel, text) for channel, text, _ in on_monday] == [
        ("U0ANA", "INC-1 ended a while ago. What is to be done right after an incident:"),
    ]
    assert on_monday[0][2].split("\n") == [
        "• Service restored? Not in the log: look whether it works again",
        "• Colleagues told? Not in the log: draft it with /incident update internal",
        "• Customers told? Not in the log: draft it with /incident update customers",
        "• First lessons noted? Not in the log: edit the postmortem while you remember",
    ]
    asked = "The postmortem of INC-1 High 5xx ratio on checkout is draft and due for review."
    assert [text for _, text, _ in later if "due for review" in text] == [asked] * 3
    assert "• nobody has approved it" in later[0][2]


async def test_what_is_published_is_not_asked_for(life, ended):
    await states.ask(life.deps, ended.id, await life.person("ana"))
    await states.approve(life.deps, ended.id, await life.person("ben"))
    await states.publish(life.deps, ended.id, await life.person("ana"))
    await life.go_on(days=5)

    assert not any("due for review" in text for _, text, _ in told(life))


async def test_action_items_are_adopted_given_dated_and_closed(life, ended):
    deps, ana = life.deps, await life.person("ana")
    adopted = await action_items.listed(deps, ended)

    added = await action_items.add(deps, ended.id, ana, "Alert on pools", kind="detect", assignee="U0BEN")
    number = len(adopted) + 1
    said = [
        await action_items.set_due(deps, ended.id, ana, number, date(2026, 12, 1)),
        await action_items.assign(deps, ended.id, ana, number, "U0ANA"),
        await action_items.done(deps, ended.id, ana, number),
        await action_items.reopen(deps, ended.id, ana, number),
        await action_items.drop(deps, ended.id, ana, 1),
    ]
    await life.work()
    markdown = (await document(life, ended)).markdown
    work = await my_work.my_work(deps, ana)

    assert [item.added_by for item in adopted] == ["copilot"] * len(adopted)
    assert added.text == f"Action item {number} of INC-1 for <@U0BEN>: Alert on pools"
    assert [one.text for one in said] == [
        f"Action item {number} of INC-1 is due on 1 December 2026.",
        f"Action item {number} of INC-1 is with <@U0ANA>.",
        f"Action item {number} of INC-1 is done.",
        f"Action item {number} of INC-1 is open again.",
        "Action item 1 of INC-1 is dropped.",
    ]
    assert f"| [ ] | {number}. Alert on pools" in markdown
    assert "| [-] | 1. " in markdown
    assert "| detect | Ana | 1 Dec 2026 |" in markdown
    assert [(label, item.text) for label, item in work.items] == [("INC-1", "Alert on pools")]
    assert [(one.state, one.owner) for one in work.reviews] == [(ReviewState.DRAFT, "U0ANA")]


async def test_action_items_that_cannot_be_are_refused(life, ended):
    deps, ana, vic = life.deps, await life.person("ana"), await life.person("vic")
    await action_items.add(deps, ended.id, ana, "Another")
    await action_items.done(deps, ended.id, ana, 1)
    refused = []
    for asked in (
        action_items.add(deps, ended.id, ana, "  "),
        action_items.add(deps, ended.id, ana, "x", kind="hope"),
        action_items.add(deps, ended.id, ana, "x", assignee="U0GUS"),
        action_items.add(deps, ended.id, vic, "x"),
        action_items.done(deps, ended.id, ana, 1),
        action_items.done(deps, ended.id, ana, 99),
        action_items.reopen(deps, ended.id, ana, 2),
        action_items.assign(deps, ended.id, ana, 1, "U0BEN"),
    ):
        with pytest.raises(DecisionRefused) as refusal:
            await asked
        refused.append(str(refusal.value))
    await action_items.assign(deps, ended.id, ana, 2, "U0ANA")
    with pytest.raises(DecisionRefused, match="is with <@U0ANA> already"):
        await action_items.assign(deps, ended.id, ana, 2, "U0ANA")

    assert refused == [
        "Say what is to be done, in at most 500 characters.",
        "The type is one of prevent, detect, mitigate, process.",
        "<@U0GUS> is not a full member of this workspace and gets no action items.",
        "To work on action items you need the role responder; ask an admin to add it in catalog.yaml.",
        "Action item 1 is done already, by <@U0ANA>.",
        "INC-1 has no action item 99. /incident items lists them.",
        "Action item 2 is open.",
        "Action item 1 is done already, by <@U0ANA>.",
    ]


async def test_open_action_items_are_chased_each_week_until_they_are_closed(life, ended):
    deps, ana = life.deps, await life.person("ana")
    for item in await action_items.listed(deps, ended):
        await action_items.drop(deps, ended.id, ana, item.number)
    await action_items.add(deps, ended.id, ana, "Alert on pools", assignee="U0BEN", due=date(2026, 11, 27))
    await action_items.add(deps, ended.id, ana, "Raise the limit")
    await life.go_on(days=10)
    first = [(channel, text) for channel, text, _ in told(life) if "action item" in text]
    async with deps.db.read() as db:
        numbers = [item.number for item in await rows.of_incident(db, ended.id) if item.is_open]
    for number in numbers:
        await action_items.done(deps, ended.id, ana, number)
    await life.go_on(days=20)

    assert sorted(first) == [
        (
            "C-inc-1-high-5xx-ratio-on-checkout",
            "There is 1 open action item of nobody from INC-1 High 5xx ratio on checkout.",
        ),
        ("U0BEN", "You have 1 open action item from INC-1 High 5xx ratio on checkout, 1 overdue."),
    ]
    assert len([text for _, text, _ in told(life) if "action item" in text]) == 2


async def test_postmortem_goes_out_as_a_file_and_what_was_changed_comes_back(life, ended):
    deps, ben = life.deps, await life.person("ben")
    file = await as_file.out(deps, 1)
    unchanged = await as_file.back_in(deps, file, ben)
    changed = file.replace(
        "## Where we got lucky\n", "## Where we got lucky\n\n- The cache was warm. Ana is to blame.\n"
    )

    kept = await as_file.back_in(deps, changed, ben)
    await life.work()
    late = await as_file.back_in(deps, file.replace("## Lessons learnt\n", "## Lessons learnt\n- Two.\n"), ben)
    await change(life, ended, "ana", "impact", "- Hers.")
    too_late = await as_file.back_in(deps, file.replace("## Impact\n", "## Impact\n\n- His.\n"), ben)

    assert unchanged == ["INC-1: the file changes nothing."]
    assert kept == [
        "Where we got lucky of INC-1 is saved.",
        f'  "Ana is to blame." (to blame): {SUGGESTED}',
    ]
    assert "The cache was warm." in (await document(life, ended)).markdown
    assert late[-1] == "Lessons learnt of INC-1 is saved."
    assert too_late[0].startswith("impact: not kept, for somebody changed it since the file was made.")
    vic = await life.person("vic")
    assert (await as_file.back_in(deps, file.replace("## Impact\n", "## Impact\n\n- V.\n"), vic))[0].startswith(
        "impact: not kept. To edit postmortems you need the role responder"
    )


async def test_files_and_incidents_that_do_not_fit_are_refused(life):
    await life.opened(big())
    ben = await life.person("ben")

    for asked, because in (
        (as_file.out(life.deps, 9), "there is no INC-9"),
        (as_file.out(life.deps, 1), "INC-1 has no postmortem; ask for it with /incident postmortem"),
        (as_file.back_in(life.deps, "# Mine", ben), "this is no file of `incident-copilot postmortem export`"),
    ):
        with pytest.raises(ConfigError, match=because):
            await asked


async def test_follow_up_of_an_incident_that_runs_waits_for_its_postmortem(life):
    running = await life.opened(big())

    await action_items.add(life.deps, running.id, await life.person("ana"), "Alert on pools")
    await life.work()

    assert [item.text for item in await action_items.listed(life.deps, running)] == ["Alert on pools"]
    assert await document(life, running) is None


async def test_postmortem_of_an_older_release_is_edited_and_a_test_reminds_nobody(life, ended):
    async with life.deps.db.transaction() as tx:
        await tx.execute(sa.delete(postmortem_reviews))
        await due.plan(tx, life.deps, ended.model_copy(update={"test": True}))

    await change(life, ended, "ana", "lucky", "- Mine.")

    assert (await review_of(life, ended)).state is ReviewState.DRAFT
