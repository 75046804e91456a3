"""After an action of actions.yaml: its target is read back; production after staging, and what comes after, is put."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Proposal, ProposalKind
from incident_copilot.errors import DecisionRefused, VendorError
from incident_copilot.pipeline import act, ledger, proposing, show, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents, proposals
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

RANK_NEXT = 1


async def read_back(deps: Deps, job: Job) -> None:
    """Read the target once: go on when it is as it should be; ask people when it is not in time."""
    async with deps.db.read() as db:
        proposal = await proposals.get(db, job.payload["proposal_id"])
        incident = await incidents.get(db, proposal.incident_id)
    wanted: Mapping[str, str] = proposal.shown["wanted"]
    now_is = await _read(deps, proposal) if wanted else {}
    is_reached = all(now_is.get(name) == value for name, value in wanted.items())
    is_over = deps.now() >= datetime.fromisoformat(job.payload["until"])
    offers, problems = await _production(deps, incident, proposal) if is_reached else ([], [])
    async with job.finish(deps.db) as tx:
        current = await incidents.lock(tx, incident.id)
        if not is_reached and not is_over:
            at, until = deps.now() + deps.policy.verify_every, datetime.fromisoformat(job.payload["until"])
            await wakeups.read_back(tx, deps, incident.id, proposal.id, at=at, until=until)
            return
        if wanted:
            await _note(tx, deps, current, proposal, now_is, is_reached=is_reached)
        await _offer(tx, deps, current, offers, problems)
        if is_reached and not proposal.shown["verify"] and proposal.shown.get("after"):
            await wakeups.follow_up(tx, deps, incident.id, proposal.id, at=deps.now())


async def follow_up(deps: Deps, job: Job) -> None:
    """Put what comes next: the checks up to the next action, and that one; the rest comes after it."""
    async with deps.db.read() as db:
        proposal = await proposals.get(db, job.payload["proposal_id"])
        incident = await incidents.get(db, proposal.incident_id)
    offers, problems = await _next(deps, incident, proposal)
    async with job.finish(deps.db) as tx:
        await _offer(tx, deps, await incidents.lock(tx, incident.id), offers, problems)


async def _read(deps: Deps, proposal: Proposal) -> Mapping[str, str]:
    action = deps.actions.get(proposal.shown["action"])
    try:
        return (await action.dry_run(proposal.shown["params"])).state if action else {}
    except VendorError:
        return {}


async def _production(deps: Deps, incident: Incident, proposal: Proposal) -> tuple[list[Proposal], list[str]]:
    """Return the action in production where this was the trial of it in staging."""
    then = proposal.shown.get("then")
    if not then:
        return [], []
    made, problem = await _planned(deps, incident, proposal, then["action"], then["params"])
    if made is None:
        return [], [problem]
    tried = "worked there" if proposal.shown["wanted"] else "was taken there and cannot be read back; look first"
    where = proposal.shown["params"]["environment"]
    body = f"Tried in {where}: it {tried}."
    return [made.model_copy(update={"body": body})], []


async def _next(deps: Deps, incident: Incident, proposal: Proposal) -> tuple[list[Proposal], list[str]]:
    steps: Sequence[Mapping[str, Any]] = proposal.shown["after"]
    at = next((place for place, step in enumerate(steps) if step.get("action")), len(steps))
    offers = [_check(deps, incident, proposal, place, str(step["check"])) for place, step in enumerate(steps[:at])]
    if at == len(steps):
        return offers, []
    wanted = steps[at]
    back = {name: proposal.shown["params"][name] for name in ("service", "environment")}
    made, problem = await _planned(deps, incident, proposal, wanted["action"], {**back, **wanted["params"]})
    if made is None:
        return offers, [problem]
    rest = [*made.shown.get("after", ()), *steps[at + 1 :]]
    return [*offers, made.model_copy(update={"shown": made.shown | {"after": rest}})], []


async def _planned(
    deps: Deps, incident: Incident, proposal: Proposal, name: str, values: Mapping[str, str]
) -> tuple[Proposal | None, str]:
    entry = deps.entries.get(name)
    if entry is None or name not in deps.actions:
        return None, f"actions.yaml has no action {name} any more."
    try:
        made = await act.planned(deps, incident, entry, values, straight=True)
    except (DecisionRefused, VendorError) as error:
        return None, f"{name} is not proposed: {error}"
    asked = {"requested_by": proposal.requested_by, "rank": RANK_NEXT, "key": f"next:{proposal.id}:{name}"}
    return made.model_copy(update=asked), ""


def _check(deps: Deps, incident: Incident, proposal: Proposal, place: int, text: str) -> Proposal:
    return proposing.new_proposal(
        deps,
        incident,
        ProposalKind.CHECK,
        key=f"next:{proposal.id}:{place}",
        title=text.rstrip("."),
        body=f'After "{proposal.title}".',
        rank=RANK_NEXT,
        shown={"step": text, "why": "", "commands": [], "runbook": ""},
    )


async def _note(
    tx: Tx, deps: Deps, incident: Incident, proposal: Proposal, state: Mapping[str, str], *, is_reached: bool
) -> None:
    """Write down what was read, and ask whoever approved it to look where it is not what was wanted."""
    wanted: Mapping[str, str] = proposal.shown["wanted"]
    read = {name: state.get(name, "not read") for name in wanted}
    payload = {"proposal": proposal.id, "reached": is_reached, "wanted": dict(wanted), "read": read}
    await ledger.write(tx, deps, incident.id, LogKind.READ_BACK, "policy:verify", payload)
    if not is_reached:
        found = ", ".join(f"{name} is {read[name]}, not {value}" for name, value in wanted.items())
        waited = show.in_words(deps.policy.read_back_for)
        text = f"{proposal.title}: it was taken, but {found} after {waited}. Please look."
        mentions = [proposal.decided_by] if proposal.decided_by else []
        await show.notice(tx, deps, incident, f"read_back:{proposal.id}", text, mentions=mentions)


async def _offer(tx: Tx, deps: Deps, incident: Incident, offers: Sequence[Proposal], problems: Sequence[str]) -> None:
    """Put what follows. Who decided on the step before waits for the next action, so it is put before all else."""
    known = {one.key for one in await proposals.of_incident(tx, incident.id)}
    for one in offers:
        if one.key not in known and incident.is_running:
            await proposals.add(tx, one)
            if one.kind is ProposalKind.ACTION:
                await proposing.propose(tx, deps, incident, one)
    await proposing.show_next(tx, deps, incident)
    for problem in problems:
        await show.notice(tx, deps, incident, f"next:{problem[:60]}", problem)
