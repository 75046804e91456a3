"""Score interactions that were taken in: each evaluator looks at each, and figures sum them up; in a job of its own."""

import asyncio
import logging
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta

from incident_copilot.domain.observation import Interaction, Signal, SignalKind, pooled
from incident_copilot.domain.sampled import MEASURED, Evaluation, Sampled, Typical
from incident_copilot.pipeline import wakeups
from incident_copilot.pipeline.ai import summing_up
from incident_copilot.pipeline.ai.again import Recent
from incident_copilot.pipeline.ai.arriving import SAMPLED
from incident_copilot.pipeline.ai.summing_up import Scored
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import Evaluator
from incident_copilot.store import deliveries, interactions, observations
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

log = logging.getLogger(__name__)

USUAL_FOR = timedelta(days=1)
_MOST_FIGURES = 400
_BAD = 0.0


async def score(deps: Deps, job: Job) -> None:
    """Score one delivery; what was scored before is not counted again."""
    system, key = job.payload["source"], job.payload["key"]
    async with deps.db.read() as view:
        body = await deliveries.body_of(view, deps.workspace_id, system, key)
    usual = await usual_of(deps, system)
    scored = []
    for one in SAMPLED.validate_json(body) if body else ():
        began = time.monotonic()
        scored.append(judged(deps.evaluators, system, one, usual))
        # Alerts that come meanwhile wait for one interaction at the most, and half of the time is theirs: a database
        # thread of theirs gets the interpreter at once only while nothing else computes.
        await asyncio.sleep(time.monotonic() - began)

    recent = deps.recent.setdefault((deps.workspace_id, system), Recent())

    async def keep(tx: Tx) -> None:
        await job.complete(tx)
        new = await interactions.add_all(tx, deps.workspace_id, [one.interaction for one in scored])
        counted = [one for one in scored if (system, one.sampled.id) in new]
        if counted:
            await observations.add_all(tx, deps.workspace_id, [summing_up.snapshot(system, key, counted, recent)])
        if any(one.interaction.alerts for one in counted):
            await wakeups.look_at_system(tx, deps, system, deps.now())
        await deliveries.forget_body(tx, deps.workspace_id, system, key)

    # In one go, so that the writer is not held while the loop is busy with alerts.
    await deps.db.in_one_go(keep)


async def usual_of(deps: Deps, system: str) -> dict[str, Typical]:
    """Return what the figures of a system's interactions have been like for a day."""
    now = deps.now()
    names = {f"interactions.{name}": name for name in MEASURED}
    async with deps.db.read() as view:
        seen = await observations.between(
            view, deps.workspace_id, system, now - USUAL_FOR, now, names, limit=_MOST_FIGURES
        )
    found = {}
    for metric, name in names.items():
        all_of_it = pooled(one.figure for one in seen if one.figure.metric == metric)
        if all_of_it and all_of_it.value is not None and all_of_it.variance is not None:
            found[name] = Typical(all_of_it.value, all_of_it.variance**0.5, all_of_it.n or 0)
    return found


def judged(evaluators: Mapping[str, Evaluator], system: str, one: Sampled, usual: Mapping[str, Typical]) -> Scored:
    """Return what the evaluators say of one interaction; one that fails says nothing, and the log tells."""
    said = dict(_said(evaluators, one, usual))
    scores = {name: round(evaluation.score, 4) for name, evaluation in said.items() if evaluation.score is not None}
    signals = tuple(_signals(one, said))
    is_unsafe = any(signal.kind is SignalKind.SAFETY_VIOLATION for signal in signals)
    mean = sum(scores.values()) / len(scores) if scores else None
    interaction = Interaction(
        system=system,
        id=one.id,
        at=one.at,
        request=one.request,
        response=one.response,
        user=one.user,
        labels=one.labels,
        scores=scores,
        score=_BAD if is_unsafe else mean,
        signals=signals,
        feedback=one.feedback,
    )
    return Scored(one, interaction, said)


def _said(
    evaluators: Mapping[str, Evaluator], one: Sampled, usual: Mapping[str, Typical]
) -> Iterator[tuple[str, Evaluation]]:
    for name, evaluator in evaluators.items():
        try:
            yield name, evaluator.look(one, usual)
        except Exception:
            log.exception("evaluator %s failed on an interaction", name)


def _signals(one: Sampled, said: Mapping[str, Evaluation]) -> Iterator[Signal]:
    """Seed 002's signals: one for quality however many evaluators say so, each safety violation, the rest by kind."""
    seen: set[SignalKind] = set()
    for signal in (signal for evaluation in said.values() for signal in evaluation.signals):
        if signal.kind is SignalKind.SAFETY_VIOLATION or signal.kind not in seen:
            seen.add(signal.kind)
            yield signal
    if one.feedback is not None and one.feedback < 0:
        yield Signal(kind=SignalKind.NEGATIVE_FEEDBACK, score=one.feedback)
