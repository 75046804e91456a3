"""Write the postmortem of an ended incident from its log, timeline and evidence, and show it."""

import asyncio
import base64
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from incident_copilot.domain.content import ReviewView
from incident_copilot.domain.effect import Place, Upload
from incident_copilot.domain.incident import Ending, Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.postmortem import Postmortem
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import (
    bring_in,
    gather_context,
    ledger,
    people,
    picture,
    postmortem_html,
    postmortem_markdown,
    show,
    wakeups,
)
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.reviewing import (
    causes,
    decisions,
    exhibits,
    follow_ups,
    learnt,
    lessons,
    luck,
    of_ai,
    pictures,
    record,
    sections,
    story,
    tasks,
    times,
    trigger,
)
from incident_copilot.pipeline.reviewing.record import Record
from incident_copilot.ports import Question
from incident_copilot.store import evidence, incidents, postmortems
from incident_copilot.store.db import CLICKS, Tx
from incident_copilot.store.jobs import Job
from incident_copilot.store.postmortems import StoredPostmortem

AFTER = timedelta(minutes=5)
"""How much of the time after the end the alerting metric is read for, to show that it stayed healthy."""
SUMMARY_LINES, SHOWN_ITEMS = 4, 5
ENDING_WORDS = {
    Ending.RESOLVED: "resolved",
    Ending.FALSE_ALARM: "false alarm",
    Ending.SELF_RECOVERED: "recovered by itself",
    Ending.MERGED: "merged into another incident",
}


async def review(deps: Deps, job: Job) -> None:
    """Write, keep, log and show the postmortem; an incident that runs again gets none."""
    found = await _read_metrics(deps, await record.read(deps, job.payload["incident_id"]))
    # Rendering takes longer than the event loop may be held up.
    written = await asyncio.to_thread(_write, found)
    async with job.finish(deps.db) as tx:
        incident = await incidents.lock(tx, found.incident.id)
        if not incident.is_running:
            kept = {item.id for item in await evidence.of_incident(tx, incident.id)}
            await evidence.add_all(tx, [item for item in found.evidence if item.id not in kept])
            await _keep_and_show(tx, deps, incident, written)


async def request(deps: Deps, incident_id: str, person: Person) -> Outcome:
    """Have the postmortem written, or written anew, as somebody asks for it.

    Raises:
        DecisionRefused: not allowed, or the incident still runs.
        StoreUnavailable: nothing was recorded.
    """
    people.require(person, Role.RESPONDER, "ask for postmortems")
    async with deps.db.transaction(CLICKS) as tx:
        incident = await incidents.get(tx, incident_id)
        if incident.is_running:
            raise DecisionRefused(
                f"{incident.label} still runs, and its postmortem is written from the whole log. "
                "Resolve it first with /incident resolve."
            )
        await wakeups.review(tx, deps, incident_id, at=deps.now())
    return Outcome(text=f"I am writing the postmortem of {incident.label}; it comes in a moment.", incident=incident)


def build(found: Record) -> Postmortem:
    """Return the postmortem of a record; every factual line of it has a source."""
    incident = found.incident
    parts = (
        sections.summary(found),
        sections.impact(found),
        times.section(found),
        sections.detection(found),
        trigger.section(found),
        causes.section(found),
        decisions.section(found),
        sections.communications(found),
        sections.people(found),
        *tasks.sections(found),
        lessons.went_well(found),
        lessons.went_badly(found),
        luck.section(found),
        learnt.section(found),
        learnt.open_questions(found),
        *of_ai.sections_of(found),
        story.section(found),
    )
    items = follow_ups.action_items(found)
    return Postmortem(
        incident_id=incident.id,
        label=incident.label,
        title=incident.title,
        written_at=found.written_at,
        facts=_facts(found),
        sections=parts,
        action_items=items,
        exhibits=exhibits.exhibits(found, parts, items),
        ledger=exhibits.ledger(found),
        charts=pictures.pictures(found),
    )


def _write(found: Record) -> StoredPostmortem:
    written = build(found)
    markdown, html = postmortem_markdown.render(written), postmortem_html.render(written)
    return StoredPostmortem(postmortem=written, markdown=markdown, html=html)


async def _read_metrics(deps: Deps, found: Record) -> Record:
    """Return the record with the alerting metrics read once more, from before the onset until after the end."""
    asked = tuple(alert for alert in found.alerts if alert.expression)[: pictures.MOST_CHARTS]
    if not asked:
        return found
    question = Question(
        incident=found.incident,
        alerts=asked,
        services=(),
        repos={},
        since=found.incident.started_at - picture.BEFORE,
        until=_until(deps, found.incident),
    )
    bundle = await gather_context.ask_everybody(deps, question)
    return replace(found, evidence=(*found.evidence, *bundle.evidence), late_gaps=bundle.gaps)


def _until(deps: Deps, incident: Incident) -> datetime:
    return min(deps.now(), (incident.ended_at or deps.now()) + AFTER)


def _facts(found: Record) -> tuple[tuple[str, str], ...]:
    incident, span = found.incident, times.resolve(found)
    facts = [("Severity", f"{incident.severity_in_words}")]
    facts += [("Service", incident.service)] if incident.service else []
    facts += [("Owner", incident.team)] if incident.team else []
    facts += [("Led by", found.called(incident.commander))] if incident.commander else []
    facts += [("Began", f"{incident.started_at:%-d %b %Y, %H:%M} UTC")]
    facts += [("Ended", f"{span.until:%-d %b %Y, %H:%M} UTC"), ("Lasted", times.exactly(span.length))] if span else []
    return (*facts, ("Ended as", ENDING_WORDS[incident.ending or Ending.RESOLVED]), ("State", "draft, for review"))


async def _keep_and_show(tx: Tx, deps: Deps, incident: Incident, written: StoredPostmortem) -> None:
    await postmortems.save(tx, written)
    await bring_in.our_own(tx, deps, incident, written.postmortem, written.markdown)
    digest = hashlib.sha256(written.markdown.encode()).hexdigest()
    rows = written.postmortem.ledger[-1].seq if written.postmortem.ledger else 0
    await ledger.write(
        tx, deps, incident.id, LogKind.REVIEWED, "copilot", {"markdown_sha256": digest, "log_rows": rows}
    )
    await show.put(tx, deps, incident, Place.INCIDENT, "review", _view(deps, incident, written.postmortem))
    await show.send(tx, deps, incident, _file(incident, written.markdown), stream=f"incident:{incident.id}")


def _view(deps: Deps, incident: Incident, written: Postmortem) -> ReviewView:
    base = deps.policy.public_url
    return ReviewView(
        incident=incident,
        summary=_some([line.text for line in written.section("summary").lines], SUMMARY_LINES),
        action_items=_some([_item(item.text, item.kind, item.owner) for item in written.action_items], SHOWN_ITEMS),
        link=f"{base.rstrip('/')}/incidents/{incident.number}/postmortem" if base else None,
    )


def _some(texts: Sequence[str], most: int) -> tuple[str, ...]:
    more = len(texts) - most
    return (*texts[:most], *([f"and {more} more in the postmortem"] if more > 0 else []))


def _item(text: str, kind: str, owner: str | None) -> str:
    return f"{text} ({kind}; owner: {owner or 'nobody yet'})"


def _file(incident: Incident, markdown: str) -> Upload:
    return Upload(
        place=Place.INCIDENT,
        slot="review-file",
        name=f"{incident.label}-postmortem.md",
        title=f"Postmortem of {incident.label}",
        alt=f"The whole postmortem of {incident.label} as Markdown",
        content=base64.b64encode(markdown.encode()).decode(),
        under="review",
    )
