"""A whole incident through the front door, then its postmortem: what it says, and that every line can be traced."""

import base64
import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from incident_copilot.domain.content import ReviewView
from incident_copilot.domain.effect import Upload
from incident_copilot.domain.incident import Ending, Severity
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Choice, ProposalKind
from incident_copilot.errors import DecisionRefused
from incident_copilot.jobs.worker import Worker
from incident_copilot.pipeline import decide, declare, observe, people, resolve, review, run, wakeups
from incident_copilot.pipeline.handlers import handlers
from incident_copilot.sandbox.world import Outage
from incident_copilot.store import action_log, evidence, incidents, jobs, postmortems, timeline
from incident_copilot.store.postmortems import StoredPostmortem

from .samples import ANA

CHANNEL_EVENTS = (
    {"type": "message", "user": "U0DEV", "text": "I see <https://evil.example|grafana> | `500`s &amp; <!channel>"},
    {"type": "message", "user": "U0SAM", "text": "this one will be deleted"},
    {"type": "message", "user": "U0ANA", "text": "first words"},
)


async def person(told, chat_id):
    return await people.known(told.deps, chat_id)


async def say(told, incident, event, ts):
    body = {"event": {**event, "channel": incident.channel_id, "ts": ts}}
    await observe.event(told.deps, f"Ev{ts}{event.get('subtype', '')}", body)


async def talk(told, incident):
    at = told.clock().timestamp()
    stamps = [f"{at + place:.6f}" for place in range(3)]
    for event, ts in zip(CHANNEL_EVENTS, stamps, strict=True):
        await say(told, incident, event, ts)
    deleted = {"type": "message", "subtype": "message_deleted", "deleted_ts": stamps[1]}
    edited = {
        "type": "message",
        "subtype": "message_changed",
        "message": {"ts": stamps[2], "text": "the pool is exhausted", "user": "U0ANA"},
    }
    await told.work()
    await say(told, incident, deleted, f"{at + 10:.6f}")
    await say(told, incident, edited, f"{at + 11:.6f}")
    await told.work()


async def one_of(told, kind, **shown):
    """The open proposal of this kind, with these things shown."""
    open_now = await told.proposals()
    return next(one for one in open_now if one.kind is kind and shown.items() <= one.shown.items())


async def lived_through(told):
    """Alert, second alert, acknowledged, talked, rejected, edited, refused, rolled back, verified, resolved."""
    incident = await told.begin()
    await told.go_on(30)
    incident = await told.incident()
    ana, cara, vic = [await person(told, one) for one in ("U0ANA", "U0CARA", "U0VIC")]
    await run.acknowledge(told.deps, incident.id, ana)
    await talk(told, incident)
    await told.go_on(30)
    rollback = await one_of(told, ProposalKind.ACTION)
    with pytest.raises(DecisionRefused):
        await decide.vote(told.deps, rollback.id, rollback.version, Choice.APPROVE, vic)
    update = await one_of(told, ProposalKind.UPDATE, audience="customers")
    text = f"{update.shown['text']}\nWe are sorry."
    await decide.edit(told.deps, update.id, update.version, cara, text=text, approve=True)
    check = await one_of(told, ProposalKind.CHECK)
    await decide.vote(told.deps, check.id, check.version, Choice.NOT_THIS, ana)
    await decide.give_reason(told.deps, check.id, ana, "Restarting would not bring the connections back")
    await told.go_on(20)
    await decide.vote(told.deps, rollback.id, rollback.version, Choice.APPROVE, ana)
    await told.go_on(60)
    await resolve.resolve(
        told.deps, incident.id, ana, ending=Ending.RESOLVED, note="Rolled back; pool is 20 again", despite_red=True
    )
    await told.go_on(10)
    async with told.deps.db.read() as db:
        return await incidents.get(db, incident.id)


async def written(told, incident):
    async with told.deps.db.read() as db:
        return await postmortems.get(db, incident.id)


async def briefly(told):
    """Alert, and resolved at once by a person although nothing is restored; the ended incident."""
    incident = await told.begin()
    ben = await person(told, "U0BEN")
    ended = await resolve.resolve(told.deps, incident.id, ben, ending=Ending.RESOLVED, note="", despite_red=True)
    await told.work()
    return ended.incident


@dataclass(frozen=True)
class Reviewed:
    """What the review of a whole incident left."""

    kept: StoredPostmortem
    log: tuple
    refs: frozenset
    shown: ReviewView
    file: Upload

    @property
    def postmortem(self):
        return self.kept.postmortem


_reviewed: list[Reviewed] = []


@pytest.fixture
async def reviewed(story):
    """The bad deploy, lived through once: it takes seconds, and what was written is frozen, so that tests share it."""
    if not _reviewed:
        told = await story("bad_deploy")
        incident = await lived_through(told)
        async with told.deps.db.read() as db:
            log = tuple(await action_log.entries(db, incident.id))
        _reviewed.append(
            Reviewed(
                kept=await written(told, incident),
                log=log,
                refs=frozenset(await refs_that_exist(told, incident)),
                shown=told.chat.messages[incident.id, "review"],
                file=next(deed for deed in told.chat.deeds if isinstance(deed, Upload) and deed.slot == "review-file"),
            )
        )
    return _reviewed[0]


def lines_of(postmortem):
    return [line for section in postmortem.sections for line in section.all_lines]


async def refs_that_exist(told, incident):
    async with told.deps.db.read() as db:
        log = await action_log.entries(db, incident.id)
        entries = await timeline.of_incident(db, incident.id)
        found = await evidence.of_incident(db, incident.id)
    return {
        *(f"log:{row.seq}" for row in log),
        *(f"timeline:{entry.id}" for entry in entries if not entry.deleted),
        *(f"evidence:{item.id}" for item in found),
    }


def test_every_line_of_a_postmortem_leads_to_rows_that_exist(reviewed):
    postmortem = reviewed.postmortem

    cited = {source.ref for line in (*lines_of(postmortem), *postmortem.action_items) for source in line.sources}
    assert [line.text for line in lines_of(postmortem) if not line.sources] == []
    assert [item.text for item in postmortem.action_items if not item.sources] == []
    assert {ref for ref in cited if not ref.startswith("computed:")} - reviewed.refs == set()
    assert {exhibit.ref for exhibit in postmortem.exhibits} == cited
    assert [exhibit.ref for exhibit in postmortem.exhibits if not (exhibit.title and exhibit.summary)] == []


def test_the_postmortem_of_a_bad_deploy_says_what_happened(reviewed):
    postmortem = reviewed.postmortem

    said = {section.key: [line.text for line in section.lines] for section in postmortem.sections}
    assert said["summary"][:3] == [
        "checkout is failing 20% of requests (threshold 5%).",
        "It began at 11:57:00 UTC on 21 November 2026 and was resolved after 5 min 20 s.",
        "Likely cause: payments v2.31.0 (pool_size 20 -> 4).",
    ]
    assert said["times"] == [
        "Detected 3 min after the onset: the first alert fired at 12:00:00 UTC.",
        "First brief 0 s after the incident was opened, within the target of 5 s.",
        "Acknowledged 30 s after opening, within the target of 30 min for P1.",
        "Mitigated 4 min 35 s after the onset, at 12:01:35 UTC.",
        "Ended 5 min 20 s after the onset, at 12:02:20 UTC.",
    ]
    assert "Customers were first told 4 min 5 s after the onset." in said["impact"]
    assert [(item.text, item.kind, item.owner) for item in postmortem.action_items][:1] == [
        (
            "Add a check that catches payments v2.31.0 (pool_size 20 -> 4) before it reaches production",
            "prevent",
            "payments",
        )
    ]


def test_the_timeline_is_in_order_and_follows_edits_deletions_and_names(reviewed):
    lines = reviewed.postmortem.section("timeline").lines

    assert [line.at for line in lines] == sorted(line.at for line in lines)
    assert [line.text for line in lines if line.tag == "message"] == [
        "Responder 1 wrote: I see grafana (https://evil.example) | `500`s & channel",
        "The commander wrote (edited): the pool is exhausted",
    ]
    assert "payments v2.31.0 went out." in [line.text for line in lines]


def test_decisions_say_who_decided_what_was_shown_and_why(reviewed):
    postmortem = reviewed.postmortem

    approved = next(row for row in reviewed.log if row.kind is LogKind.APPROVED)
    parts = {part.heading: part for part in reversed(postmortem.section("decisions").parts)}
    rollback = [line.text for line in parts["Roll back payments from v2.31.0 to v2.30.4"].lines]
    update = parts["Status update for customers"].lines
    assert rollback[0].startswith("Proposed by the copilot as an action, medium risk. Shown: version 1, ")
    assert rollback[1].startswith("Responder 3 asked to approve it; it did not count: ")
    assert rollback[3] == "It was carried out: Started rollback.yml of acme/payments for payments v2.30.4."
    assert rollback[4].startswith("It worked: HighErrorRate: ")
    assert [line.detail.splitlines()[-1] for line in update if line.detail] == ["+We are sorry."]
    assert update[2].text == f"Responder 2 approved it. Shown: version 2, {approved.payload['shown_sha256'][:12]}."


def test_causes_list_what_people_ruled_out_and_not_the_remedy(reviewed):
    parts = reviewed.postmortem.section("causes").parts

    headings = {part.heading: part.tag for part in parts}
    rejected = parts[-1].lines[0]
    assert headings["payments v2.31.0 (pool_size 20 -> 4)"] == "likely"
    assert headings["checkout v5.8.1"] == "ruled out"
    assert "payments v2.30.4" not in headings
    assert rejected.text.endswith(" was rejected by the commander.")
    assert rejected.detail == "Restarting would not bring the connections back"


def test_the_postmortem_is_logged_shown_and_shared_as_a_file(reviewed):
    kept, shown, file, row = reviewed.kept, reviewed.shown, reviewed.file, reviewed.log[-1]

    digest = hashlib.sha256(kept.markdown.encode()).hexdigest()
    assert (row.kind, row.payload) == (LogKind.REVIEWED, {"markdown_sha256": digest, "log_rows": row.seq - 1})
    assert isinstance(shown, ReviewView)
    assert shown.summary[0] == "checkout is failing 20% of requests (threshold 5%)."
    assert shown.action_items[0].endswith("before it reaches production (prevent; owner: payments; due 21 Dec)")
    assert shown.link is None
    assert (file.name, file.under) == ("INC-1-postmortem.md", "review")
    assert base64.b64decode(file.content).decode() == kept.markdown


def test_charts_mark_what_was_done_and_show_the_recovery(reviewed):
    charts = reviewed.postmortem.charts

    marks = ("onset", "alert", "payments v2.31.0", "checkout v5.8.1", "mitigated", "resolved", "approved: Roll")
    assert list(charts) == ["metric-1", "metric-2", "timeline"]
    assert [mark for mark in marks if mark not in charts["metric-1"].svg] == []
    assert "between 0.4 % and 20.3 %, now 0.4 %" in charts["metric-1"].alt
    assert "the commander acknowledged" in charts["timeline"].svg


async def test_the_message_links_to_the_page_where_there_is_one(story):
    told = await story("bad_deploy")
    told.deps = replace(told.deps, policy=replace(told.deps.policy, public_url="https://copilot.example/"))
    told.worker = Worker(told.deps.db, handlers(told.deps), told.deps.now)

    incident = await briefly(told)

    assert told.chat.messages[incident.id, "review"].link == "https://copilot.example/incidents/1/postmortem"


async def test_a_source_that_does_not_answer_while_it_is_written_is_a_visible_gap(story):
    told = await story("bad_deploy")
    incident = await briefly(told)
    told.world.outages["prometheus"] = Outage(status=403)

    await review.request(told.deps, incident.id, await person(told, "U0ANA"))
    await told.work()

    impact = (await written(told, incident)).postmortem.section("impact")
    assert impact.note.startswith("When this was written, not every source could be asked for the latest numbers (Prom")


async def test_it_can_be_asked_for_again_and_is_then_written_anew(story):
    told = await story("bad_deploy")
    incident = await briefly(told)
    first = await written(told, incident)
    told.clock.forward(60)

    outcome = await review.request(told.deps, incident.id, await person(told, "U0ANA"))
    await told.work()

    again = await written(told, incident)
    assert outcome.text == "I am writing the postmortem of INC-1; it comes in a moment."
    assert again.postmortem.written_at - first.postmortem.written_at > timedelta(seconds=59)
    assert [row.kind for row in again.postmortem.ledger][-1] == "postmortem:written"


async def test_it_is_not_written_while_the_incident_runs(story):
    told = await story("bad_deploy")
    incident = await told.begin()

    with pytest.raises(DecisionRefused, match=r"INC-1 still runs, .* Resolve it first with /incident resolve"):
        await review.request(told.deps, incident.id, await person(told, "U0ANA"))


async def test_people_without_the_right_cannot_ask_for_it(story):
    told = await story("bad_deploy")
    incident = await told.begin()

    with pytest.raises(DecisionRefused, match="To ask for postmortems you need the role responder"):
        await review.request(told.deps, incident.id, await person(told, "U0VIC"))


async def test_an_incident_that_runs_again_gets_none(story):
    told = await story("bad_deploy")
    incident = await told.begin()
    async with told.deps.db.transaction() as tx:
        await wakeups.review(tx, told.deps, incident.id, at=told.clock())

    await told.work()

    async with told.deps.db.read() as db:
        assert await jobs.dead(db, "w") == []
    assert await written(told, incident) is None


@pytest.mark.parametrize(
    ("name", "cause"),
    [("no_change", "no change explains this"), ("llm_provider_outage", ""), ("saturated_database", "")],
)
async def test_every_scenario_ends_in_a_postmortem_whose_lines_have_sources(story, name, cause):
    told = await story(name)
    incident = await briefly(told)
    await review.request(told.deps, incident.id, await person(told, "U0BEN"))
    await told.work()

    kept = await written(told, incident)

    existing = await refs_that_exist(told, incident)
    cited = {source.ref for line in lines_of(kept.postmortem) for source in line.sources}
    assert [line.text for line in lines_of(kept.postmortem) if not line.sources] == []
    assert {ref for ref in cited if not ref.startswith("computed:")} - existing == set()
    assert cause in kept.markdown


async def test_an_incident_declared_by_a_person_is_reviewed_without_alerts_or_metrics(deps, clock):
    worker = Worker(deps.db, handlers(deps), clock)
    opened = await declare.declare(deps, ANA, title="The map is empty", severity=Severity.P2)
    clock.forward(60)
    await resolve.resolve(deps, opened.incident.id, ANA, ending=Ending.RESOLVED, note="", despite_red=False)
    await review.request(deps, opened.incident.id, ANA)
    await worker.run_due()

    async with deps.db.read() as db:
        postmortem = (await postmortems.get(db, opened.incident.id)).postmortem

    said = {section.key: [line.text for line in section.lines] for section in postmortem.sections}
    assert said["detection"] == ["A person declared the incident; no alert told of it."]
    assert said["times"][:3] == [
        "Noticed by a person: no alert belongs to this incident.",
        "No brief was written.",
        "Not acknowledged. The target for P2 is 2 h.",
    ]
    assert postmortem.section("decisions").note == "Nothing was proposed."
    assert list(postmortem.charts) == ["timeline"]
