"""Which step does which kind of job; and the check that comes right before an approved action runs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from incident_copilot.domain.effect import RunAction
from incident_copilot.errors import ChatError, VendorUnavailable
from incident_copilot.jobs.worker import Handler
from incident_copilot.pipeline import (
    action_items,
    archiving,
    canvas,
    carry_out,
    correlate,
    cut_off,
    deadlines,
    decide,
    drill,
    drill_world,
    escalate,
    follow_up,
    gather_context,
    investigate_by_model,
    last_update,
    look_at_levels,
    look_at_tickets,
    monitor,
    mute,
    observe,
    on_call,
    page_heard,
    preconditions,
    read_silences,
    recount,
    remind,
    resolve,
    retention,
    review,
    sealing,
    verify,
    watch,
    weekly,
    without_chat,
    word_brief,
)
from incident_copilot.pipeline.ai import judge, reporting, scored
from incident_copilot.pipeline.catalogued import with_entries
from incident_copilot.pipeline.comms import contradicted, promised, stale, wording
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.living import due, published
from incident_copilot.pipeline.snapshots import keep
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.ports import ActionResult, DryRun, SupervisedAction
from incident_copilot.store.jobs import Job

Step = Callable[[Deps, Job], Awaitable[None]]


STEPS: Mapping[Work, Step] = {
    Work.CORRELATE: correlate.correlate,
    Work.GATHER: gather_context.gather_context,
    Work.LATE: gather_context.gather_late,
    Work.REMIND: remind.remind,
    Work.QUIET: resolve.end_quiet,
    Work.VERIFY: verify.verify,
    Work.WATCH_OVER: verify.watch_over,
    Work.ESCALATE: escalate.escalate,
    Work.SEAL: sealing.seal,
    Work.DEADLINE: deadlines.remind,
    Work.CUT: retention.cut,
    Work.SNAPSHOT: keep.take,
    Work.PAGE_HEARD: page_heard.hear,
    Work.DUTIES: on_call.read_duties,
    Work.READ_BACK: follow_up.read_back,
    Work.FOLLOW_UP: follow_up.follow_up,
    Work.REVIEW: review.review,
    Work.REVISE: review.revise,
    Work.PUBLISH: published.published,
    Work.POSTMORTEM_DUE: due.remind,
    Work.CHASE: action_items.chase,
    Work.LAST_UPDATE: last_update.propose,
    Work.OBSERVE: observe.observe,
    Work.DIGEST: remind.digest,
    Work.EXPIRE: decide.expire,
    Work.WORD: word_brief.word_brief,
    Work.INVESTIGATE: investigate_by_model.investigate_by_model,
    Work.WITHOUT_CHAT: without_chat.go_without,
    Work.RECOUNT: recount.due,
    Work.END_MUTE: mute.end_mute,
    Work.SILENCES: read_silences.read_silences,
    Work.WATCH: watch.watch,
    Work.NEXT_UPDATE: promised.remind,
    Work.WORD_UPDATE: wording.word,
    Work.CONTRADICTIONS: contradicted.look,
    Work.STALE: stale.look,
    Work.CANVAS: canvas.refresh,
    Work.TICKETS: look_at_tickets.look,
    Work.SCORE_INTERACTIONS: scored.score,
    Work.AI_REPORT: reporting.due,
    Work.JUDGE: judge.judge,
    Work.MONITOR: monitor.look,
}
"""What is done on an incident sees what its world, real or drilled, lets it see."""
WHATEVER_THE_WORLD: Mapping[Work, Step] = {
    Work.ARCHIVE: archiving.look,
    Work.CUT_OFF: cut_off.look,
    Work.DRILL: drill.play,
    Work.SCORE: drill.score,
    Work.DRILL_DUE: drill.due,
    Work.LEVELS: look_at_levels.look,
    Work.WEEKLY: weekly.post,
}
"""What looks over the worlds, or moves one."""


def handlers(deps: Deps) -> Mapping[str, Handler]:
    """Return the step for each kind of job."""
    return {
        **{kind.value: partial(_in_its_world, step, deps) for kind, step in STEPS.items()},
        **{kind.value: partial(step, deps) for kind, step in WHATEVER_THE_WORLD.items()},
    }


async def _in_its_world(step: Step, deps: Deps, job: Job) -> None:
    """Do a step on an incident with what it may see: a drill is worked on in its own world."""
    await step(await drill_world.in_its_world(deps, job.payload.get("incident_id")), job)


def rechecked(deps: Deps, adapters: Mapping[str, SupervisedAction]) -> Deps:
    """Return deps with the adapters and the entries of actions.yaml, each of which asks once more before it runs."""
    plain = with_entries(adapters, deps.entries)
    reading = replace(deps, actions=plain)
    return replace(deps, actions={name: Rechecked(action, reading) for name, action in plain.items()})


class Rechecked:
    """An action that asks once more, right before it runs, whether its approval still holds (promise P6)."""

    def __init__(self, action: SupervisedAction, deps: Deps) -> None:
        self.name = action.name
        self.retry = action.retry
        self._action = action
        self._deps = deps

    async def dry_run(self, params: Mapping[str, str]) -> DryRun:
        """Describe what would be done."""
        return await self._action.dry_run(params)

    async def execute(self, approved: RunAction) -> ActionResult:
        """Do it, unless the right to do it has gone.

        Raises:
            VendorUnavailable: the rights could not be checked, so nothing was done; it may be tried again.
        """
        try:
            reason = await carry_out.recheck_rights(self._deps, approved)
            reason = reason or await preconditions.still_broken(self._deps, approved)
        except ChatError as error:
            raise VendorUnavailable(f"the rights of those who approved could not be checked: {error}") from error
        if reason:
            return ActionResult(ok=False, summary=f"Not carried out: {reason}.")
        drilled = await drill_world.act(self._deps, approved)
        return drilled or await self._action.execute(approved)

    async def find(self, approved: RunAction, since: datetime) -> ActionResult | None:
        """Look whether it was done."""
        return await self._action.find(approved, since)
