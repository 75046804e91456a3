"""Look over the levels once an hour: requests that nobody agreed to end, and what goes too far is said, not changed."""

from datetime import timedelta

from incident_copilot.analysis.raising import falls_short
from incident_copilot.domain.automation import Automation, ChangeState, LevelChange
from incident_copilot.domain.base import new_id
from incident_copilot.domain.content import Button, Press
from incident_copilot.domain.log import LogKind
from incident_copilot.pipeline import change_level, ledger, operators, raise_level
from incident_copilot.pipeline.automation import Standing, standings
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import automation
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

POLICY = "policy:automation"
AGAIN = timedelta(days=7)
"""After so long people are told anew of what still goes too far."""


async def look(deps: Deps, job: Job) -> None:
    """End requests whose time is over; propose to lower the level of services whose record falls short of it."""
    async with job.finish(deps.db) as tx:
        for standing in await standings(tx, deps):
            asked = standing.changes.get(ChangeState.ASKED)
            if asked and asked.is_over(deps.now()):
                await raise_level.expire(tx, deps, asked)
            await _look_at(tx, deps, standing)


async def _look_at(tx: Tx, deps: Deps, standing: Standing) -> None:
    rule, less = deps.catalog.automation, standing.level.less
    advised = standing.changes.get(ChangeState.ADVISED)
    goes_too_far = less is not None and falls_short(standing.judged_by, rule)
    if advised and (not goes_too_far or advised.is_over(deps.now())):
        ends = ChangeState.EXPIRED if goes_too_far else ChangeState.WITHDRAWN
        await automation.settle(tx, advised, ends, None, deps.now())
        if not goes_too_far:
            text = f"{standing.service} does well enough again for {standing.level}."
            await operators.take_back(tx, deps, change_level.slot(advised), text)
        advised = None
    if less and goes_too_far and advised is None:
        await _advise(tx, deps, standing, less)


async def _advise(tx: Tx, deps: Deps, standing: Standing, less: Automation) -> None:
    """Say it once, with a button; people decide."""
    now = deps.now()
    advice = LevelChange(
        id=new_id(now),
        workspace_id=deps.workspace_id,
        service=standing.service,
        was=standing.level,
        wanted=less,
        state=ChangeState.ADVISED,
        asked_by=POLICY,
        asked_at=now,
        expires_at=now + AGAIN,
    )
    await automation.add(tx, advice)
    found, rule = standing.judged_by, deps.catalog.automation
    await ledger.write(tx, deps, None, LogKind.LEVEL_ADVISED, POLICY, change_level.about(advice, found))
    text = (
        f"{standing.service} is set to {standing.level}, and of {found.decided} decisions in {rule.days} days "
        f"{found.accepted} were accepted; it takes {rule.accepted:.0%}. I propose to lower it to {less}."
    )
    button = Button(press=Press.LOWER_LEVEL, label="Lower it", value=standing.service)
    await operators.tell(tx, deps, change_level.slot(advice), text, buttons=[button])
