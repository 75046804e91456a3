"""Ask a system the cases of a set, score its answers, compare with the run before, and keep what came of it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import timedelta

import numpy as np

from incident_copilot.analysis.monitoring.means import drawn_drop_p
from incident_copilot.analysis.monitoring.shares import Share, wilson, worse_pairs_p
from incident_copilot.domain.base import Frozen, new_id
from incident_copilot.domain.evaluation import CaseResult, Comparison, EvaluationRun
from incident_copilot.domain.observation import Figure, SignalKind, Snapshot
from incident_copilot.domain.sampled import Sampled
from incident_copilot.errors import InputError, VendorError
from incident_copilot.pipeline import wakeups
from incident_copilot.pipeline.ai.arriving import redacted
from incident_copilot.pipeline.ai.scored import judged
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import evaluations, observations

Ask = Callable[[Sampled], Awaitable[Sampled]]
LEVEL = 0.05
RECENT = timedelta(days=90)
FEWEST_PAIRS = 20
"""Cases of two runs from which on their mean scores are compared."""
_LISTED = 20


class Evaluated(Frozen):
    """A run, and how it stands to the one before it; it passes with enough cases, and no worse than before."""

    run: EvaluationRun
    before: Comparison | None = None
    least: float = 0.0

    @property
    def worse(self) -> bool:
        """Whether it is worse than before, by more than chance."""
        p = [one for one in (self.before.p, self.before.score_p) if one is not None] if self.before else []
        return any(one < LEVEL / len(p) for one in p)

    @property
    def passes(self) -> bool:
        """Whether the gate is open."""
        return self.run.share >= self.least and not self.worse


async def evaluate(
    deps: Deps,
    ask: Ask,
    cases: Sequence[Sampled],
    *,
    system: str,
    suite: str,
    version: str,
    least: float,
    at_once: int = 4,
) -> Evaluated:
    """Return what came of asking all cases, which is kept, and told to the monitors as a figure."""
    slots = asyncio.Semaphore(at_once)

    async def one(case: Sampled) -> CaseResult:
        async with slots:
            return await _result(deps, ask, system, case)

    results = await asyncio.gather(*map(one, cases))
    now = deps.now()
    by_case = {case.id: result for case, result in zip(cases, results, strict=True)}
    run = EvaluationRun(id=new_id(now), system=system, suite=suite, version=version, at=now, results=by_case)
    async with deps.db.transaction() as tx:
        earlier = await evaluations.last(tx, deps.workspace_id, system, suite)
        before = compared(earlier, run) if earlier else None
        await evaluations.add(tx, deps.workspace_id, run)
        await observations.add_all(tx, deps.workspace_id, [_snapshot(run, before)])
        await wakeups.look_at_system(tx, deps, system, now)
    return Evaluated(run=run, before=before, least=least)


async def recent(deps: Deps, system: str) -> list[Evaluated]:
    """Return the last run of each set that was asked of a system lately, beside the one before it, newest first."""
    async with deps.db.read() as db:
        runs = await evaluations.since(db, deps.workspace_id, deps.now() - RECENT, system)
    return list(_newest(runs))


def _newest(runs: Sequence[EvaluationRun]) -> Iterator[Evaluated]:
    for suite in dict.fromkeys(run.suite for run in runs):
        last, *earlier = [run for run in runs if run.suite == suite]
        yield Evaluated(run=last, before=compared(earlier[0], last) if earlier else None)


def compared(before: EvaluationRun, now: EvaluationRun) -> Comparison:
    """Return how the cases of two runs that both had went."""
    pairs = {key: (before.results[key], now.results[key]) for key in sorted(before.results.keys() & now.results.keys())}
    broken = tuple(key for key, (was, is_now) in pairs.items() if was.passed and not is_now.passed)
    mended = sum(is_now.passed and not was.passed for was, is_now in pairs.values())
    both = sum(is_now.passed and was.passed for was, is_now in pairs.values())
    old, new = (np.array([pair[at].score or 0.0 for pair in pairs.values()]) for at in (0, 1))
    return Comparison(
        before=before.version or f"{before.at:%Y-%m-%d %H:%M} UTC",
        both=both,
        only_before=len(broken),
        only_now=mended,
        neither=len(pairs) - both - mended - len(broken),
        p=worse_pairs_p(len(broken), mended) if pairs else None,
        score_p=drawn_drop_p(new, old) if len(pairs) >= FEWEST_PAIRS else None,
        broken=broken,
    )


def lines(evaluated: Evaluated) -> list[str]:
    """Return the outcome for a terminal: the verdict, the comparison, and the cases that failed."""
    run, before = evaluated.run, evaluated.before
    low, high = wilson(Share(run.passed, len(run.results)))
    version = f" {run.version}" if run.version else ""
    wanted = f"; at least {evaluated.least:.0%} wanted" if evaluated.least else ""
    interval = f"95 % interval {low:.1%} to {high:.1%}{wanted}"
    passed = f"passed {run.passed} of {len(run.results)} cases of {run.suite} ({run.share:.1%}, {interval})"
    # Where nobody says how many must pass, only that it became worse is a verdict.
    verdict = "FAILS; " if not evaluated.passes else "passes; " if evaluated.least else ""
    said = [f"offline: {verdict}{run.system}{version} {passed}"]
    if before:
        chance = "" if before.p is None else f", chance of that if nothing became worse: {before.p:.3f}"
        said.append(
            f"  beside {before.before}: {before.only_before} only passed before, {before.only_now} only now{chance}"
        )
        if before.score_p is not None:
            said.append(f"  chance of such a fall of the mean score: {before.score_p:.3f}")
    failed = {key: one for key, one in run.results.items() if not one.passed}
    said += [f"  failed  {key}: {', '.join(one.faults)}" for key, one in list(failed.items())[:_LISTED]]
    more = len(failed) - _LISTED
    return said + ([f"  and {more} more"] if more > 0 else [])


async def _result(deps: Deps, ask: Ask, system: str, case: Sampled) -> CaseResult:
    try:
        answered = redacted(await ask(case))
    except (VendorError, InputError) as error:
        return CaseResult(passed=False, score=0.0, faults=(f"no answer: {error}"[:200],))
    found = judged(deps.evaluators, system, answered, {}).interaction
    # What stands in the question itself, such as an attempt of injection, is no fault of the answer.
    faults = tuple(one.name or one.kind.value for one in found.signals if one.kind is not SignalKind.ANOMALY)
    return CaseResult(passed=not faults, score=found.score, faults=faults)


def _snapshot(run: EvaluationRun, before: Comparison | None) -> Snapshot:
    figure = Figure(
        metric=f"evaluation.{run.suite.replace('-', '_')}",
        successes=run.passed,
        n=len(run.results),
        counts=before.counts if before else {},
    )
    labels = {"version": run.version} if run.version else {}
    return Snapshot(system=run.system, id=run.id, at=run.at, figures=(figure,), labels=labels)
