"""Write the postmortem of an ended incident from its log, timeline and evidence, and show it; again as it changes."""

import asyncio
import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from incident_copilot.charts import png
from incident_copilot.domain.effect import Place, Upload
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.postmortem import Postmortem, Review, ReviewState
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import (
    action_items,
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
from incident_copilot.pipeline.living import compose, due, shown
from incident_copilot.pipeline.postmortem_document import chart_of
from incident_copilot.pipeline.reviewing import exhibits, pictures, record
from incident_copilot.pipeline.reviewing.document import build
from incident_copilot.pipeline.reviewing.record import Record
from incident_copilot.ports import Question
from incident_copilot.store import evidence, incidents, postmortems, reviews, texts
from incident_copilot.store.db import CLICKS, Tx
from incident_copilot.store.jobs import Job
from incident_copilot.store.postmortems import StoredPostmortem
from incident_copilot.store.reviews import COPILOT, Version

AFTER = timedelta(minutes=5)
"""How much of the time after the end the alerting metric is read for, to show that it stayed healthy."""
CHARTS_IN_CHAT = ("metric-1", "alerts")


@dataclass(frozen=True)
class Written:
    """The document, those of its sections whose computed text is new, by key, and its charts for the chat."""

    kept: StoredPostmortem
    new_texts: Mapping[str, str]
    charts: Sequence[Upload]


async def review(deps: Deps, job: Job) -> None:
    """Write, keep, log and show the postmortem; an incident that runs again gets none."""
    found = await _read_metrics(deps, await record.read(deps, job.payload["incident_id"]))
    written = await _written(deps, found)
    async with job.finish(deps.db) as tx:
        incident = await incidents.lock(tx, found.incident.id)
        if not incident.is_running:
            kept = {item.id for item in await evidence.of_incident(tx, incident.id)}
            await evidence.add_all(tx, [item for item in found.evidence if item.id not in kept])
            await _log(tx, deps, incident, written.kept)
            await _keep(tx, deps, incident, written)
            for upload in (_file(incident, written.kept.markdown), *written.charts):
                await show.send(tx, deps, incident, upload, stream=f"incident:{incident.id}")


async def revise(deps: Deps, job: Job) -> None:
    """Write the postmortem anew after somebody changed it, from what is held: nothing is asked, nothing posted anew."""
    found = await record.read(deps, job.payload["incident_id"])
    written = await _written(deps, found)
    async with job.finish(deps.db) as tx:
        incident = await incidents.lock(tx, found.incident.id)
        if not incident.is_running:
            await _keep(tx, deps, incident, written)


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


async def _written(deps: Deps, found: Record) -> Written:
    found = await action_items.adopt(deps, found)
    async with deps.db.read() as db:
        versions = await reviews.versions(db, found.incident.id)
    # Rendering takes longer than the event loop may be held up.
    return await asyncio.to_thread(_write, found, versions)


def _write(found: Record, versions: Sequence[Version]) -> Written:
    computed = build(found)
    sections = compose.composed(computed, versions, found.called)
    shown_by = exhibits.exhibits(found, sections, computed.action_items)
    written = computed.model_copy(update={"sections": sections, "exhibits": shown_by})
    markdown, html = postmortem_markdown.render(written), postmortem_html.render(written)
    kept = StoredPostmortem(postmortem=written, markdown=markdown, html=html)
    return Written(kept, compose.stale(computed, versions), tuple(_charts(written)))


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


async def _log(tx: Tx, deps: Deps, incident: Incident, kept: StoredPostmortem) -> None:
    digest = hashlib.sha256(kept.markdown.encode()).hexdigest()
    rows = kept.postmortem.ledger[-1].seq if kept.postmortem.ledger else 0
    payload: dict[str, object] = {"markdown_sha256": digest, "log_rows": rows}
    await ledger.write(tx, deps, incident.id, LogKind.REVIEWED, COPILOT, payload)


async def _keep(tx: Tx, deps: Deps, incident: Incident, written: Written) -> None:
    await postmortems.save(tx, written.kept)
    for section, text in written.new_texts.items():
        kept = await texts.store_text(tx, incident_id=incident.id, author=None, text=text, now=deps.now())
        await reviews.add_version(
            tx,
            workspace_id=deps.workspace_id,
            incident_id=incident.id,
            section=section,
            by=COPILOT,
            text_id=kept["text"],
            now=deps.now(),
        )
    await bring_in.our_own(tx, deps, incident, written.kept.postmortem, written.kept.markdown)
    await _keep_state(tx, deps, incident, compose.digest(written.kept.postmortem))
    await shown.put(tx, deps, incident)


async def _keep_state(tx: Tx, deps: Deps, incident: Incident, sha256: str) -> None:
    """An approval holds for what was shown: where the text is another, nobody has approved it yet."""
    known = await reviews.get(tx, incident.id)
    if known is None:
        begun = Review(
            workspace_id=deps.workspace_id,
            incident_id=incident.id,
            owner=incident.commander,
            written_at=deps.now(),
            sha256=sha256,
        )
        await reviews.save(tx, begun)
        await due.plan(tx, deps, incident)
    elif known.sha256 != sha256:
        state = ReviewState.IN_REVIEW if known.state is ReviewState.PUBLISHED else known.state
        await reviews.save(tx, known.model_copy(update={"sha256": sha256, "approvals": (), "state": state}))


def _charts(written: Postmortem) -> Iterator[Upload]:
    """The first metric and the alerts as pictures; the page draws them all."""
    for name in CHARTS_IN_CHAT:
        picture = written.charts.get(name)
        if picture and picture.chart:
            yield Upload(
                place=Place.INCIDENT,
                slot=f"review-{name}",
                name=f"{written.label}-{name}.png",
                title=picture.title,
                alt=picture.alt,
                content=base64.b64encode(png.draw(chart_of(picture.chart))).decode(),
                under="review",
            )


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
