"""Without Slack: when it takes nothing for a minute, pages and briefs go out by e-mail, and operators are told."""

from datetime import timedelta

from incident_copilot.domain.content import BriefView, Notice
from incident_copilot.domain.effect import Effect, Mail, Show
from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline import mail_text, on_call, show, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.mail_text import Letter
from incident_copilot.store import effects, incidents, open_effects, outages
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job
from incident_copilot.store.outages import Outage

LOOK_EVERY = timedelta(seconds=15)


async def noticed(deps: Deps, tx: Tx, outage: Outage) -> None:
    """Wake the job for when this is no hiccup any more; a refused token is none from the start."""
    at = deps.now() if outage.code else outage.since + deps.policy.mail_after
    await wakeups.without_chat(tx, deps, at=at)


async def go_without(deps: Deps, job: Job) -> None:
    """Mail what people wait for, each once, for as long as the chat is away."""
    async with job.finish(deps.db) as tx:
        outage = await outages.of(tx, deps.workspace_id)
        if outage is None:
            return
        now = deps.now()
        if outage.code is None and now - outage.since < deps.policy.mail_after:
            await wakeups.without_chat(tx, deps, at=outage.since + deps.policy.mail_after)
            return
        await _tell_operators(tx, deps, outage)
        for effect in await open_effects.awaited(tx, deps.workspace_id):
            await _mail(tx, deps, effect)
        await wakeups.without_chat(tx, deps, at=now + LOOK_EVERY)


async def _tell_operators(tx: Tx, deps: Deps, outage: Outage) -> None:
    if deps.policy.operator_emails:
        waiting = await open_effects.open_count(tx, deps.workspace_id)
        letter = mail_text.alarm(outage, waiting)
        slot = f"mail:outage:{outage.since:%Y-%m-%dT%H:%M:%S}:{outage.code or 'silent'}"
        await _send(tx, deps, None, slot, deps.policy.operator_emails, letter)


async def _mail(tx: Tx, deps: Deps, effect: Effect) -> None:
    if deps.policy.shadow or effect.incident_id is None or not isinstance(effect.deed, Show):
        return
    incident = await incidents.get(tx, effect.incident_id)
    if incident.private or incident.test:
        return
    link = f"{deps.policy.public_url.rstrip('/')}/incidents/{incident.number}" if deps.policy.public_url else None
    slot = f"mail:{effect.id}"
    match effect.deed.content:
        case Notice() as called:
            to = _addresses(deps, called.mentions)
            await _send(tx, deps, incident, slot, to, mail_text.page(incident, called, link))
        case BriefView() as view:
            await _send(tx, deps, incident, slot, await _team_of(tx, deps, incident), mail_text.brief(view, link))


async def _send(tx: Tx, deps: Deps, incident: Incident | None, slot: str, to: tuple[str, ...], letter: Letter) -> None:
    incident_id = incident.id if incident else None
    if not to or not deps.policy.can_mail or await effects.latest(tx, deps.workspace_id, incident_id, slot):
        return
    await effects.enqueue(
        tx,
        workspace_id=deps.workspace_id,
        incident_id=incident_id,
        stream=slot,
        deed=Mail(slot=slot, to=to, subject=letter.subject, text=letter.text),
        now=deps.now(),
        priority=show.URGENT,
    )


async def _team_of(tx: Tx, deps: Deps, incident: Incident) -> tuple[str, ...]:
    called = await on_call.of(tx, deps, incident)
    team = deps.catalog.team(incident.team)
    people = _addresses(deps, [who for who in (called.primary, called.secondary, incident.commander) if who])
    return tuple(dict.fromkeys([*people, *([team.email] if team and team.email else [])]))


def _addresses(deps: Deps, people: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    known = (deps.catalog.person(who) for who in people)
    return tuple(dict.fromkeys(person.email for person in known if person and person.email))
