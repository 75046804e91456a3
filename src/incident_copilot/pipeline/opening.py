"""Open an incident: number, channel or thread, card, the on-call person called once, the first jobs."""

import re
from collections.abc import Mapping
from datetime import timedelta

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.base import new_id
from incident_copilot.domain.drill import Drill
from incident_copilot.domain.effect import Bookmark, Invite, OpenChannel, Pin
from incident_copilot.domain.escalation import held_until
from incident_copilot.domain.incident import Incident, ScoreSheet, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.errors import StoreUnavailable
from incident_copilot.pipeline import chosen, deadlines, ledger, on_call, operators, proposing, show, wakeups
from incident_copilot.pipeline.comms import promised
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.snapshots import due
from incident_copilot.pipeline.triage import correlation_key, owner
from incident_copilot.store import alerts, incidents, outcomes
from incident_copilot.store.db import Tx

BRIDGE = "bridge"
"""The name of the link to the call in which an incident is talked about."""


async def open_from_alert(
    tx: Tx,
    deps: Deps,
    alert: Alert,
    sheet: ScoreSheet,
    *,
    actor: str,
    key: str | None = None,
    drill: Drill | None = None,
) -> Incident:
    """Open an incident for an alert that joins none, in the transaction that places it; `key` names its group."""
    now = deps.now()
    incident = Incident(
        id=new_id(now),
        workspace_id=deps.workspace_id,
        number=0,
        title=(alert.summary or alert.name)[:200],
        severity=sheet.severity,
        status=Status.OPEN,
        incident_type=sheet.incident_type,
        service=alert.service[:200] if alert.service else None,
        environment=alert.environment,
        cluster=alert.labels.get("cluster"),
        team=owner(alert, sheet.incident_type, deps.catalog),
        correlation_key=key or correlation_key(alert),
        private=drill is None and deps.catalog.restricts(sheet.incident_type),
        started_at=min(alert.starts_at, now),
        opened_at=now,
        score_sheet=sheet,
        links=dict(alert.links),
        test=drill is not None,
        declared_by=drill.started_by if drill else None,
    )
    payload = {"severity": sheet.severity.value, "alert": alert.fingerprint, "type": sheet.incident_type}
    return await open_incident(tx, deps, incident, LogKind.OPENED, actor, payload)


async def open_incident(
    tx: Tx, deps: Deps, incident: Incident, kind: LogKind, actor: str, payload: Mapping[str, object]
) -> Incident:
    """Insert, log and show a new incident, and wake the work on it.

    Raises:
        StoreUnavailable: another process opened the same one this moment; the caller's job runs again and joins it.
    """
    opened = await incidents.open_new(tx, incident.model_copy(update=_of_its_team(deps, incident)))
    if opened is None:
        raise StoreUnavailable(f"{incident.correlation_key} was opened elsewhere at the same time")
    if show.has_channel(opened) and deps.policy.bridge:
        # With its number, which it has only now.
        opened = await incidents.save(tx, opened.model_copy(update={"links": _with_bridge(deps.policy.bridge, opened)}))
    await ledger.write(tx, deps, opened.id, kind, actor, {"number": opened.number, **payload})
    await _show_opened(tx, deps, opened)
    await wakeups.gather(tx, deps, opened.id, at=deps.now())
    await wakeups.remind(tx, deps, opened.id, at=opened.opened_at + response_time(deps, opened))
    await wakeups.escalate(tx, deps, opened.id, at=deps.now())
    await promised.plan(tx, deps, opened)
    await deadlines.plan(tx, deps, opened)
    await due.opened(tx, deps, opened)
    return opened


def _of_its_team(deps: Deps, incident: Incident) -> dict[str, object]:
    """What a team has set holds for an incident as it was when it was opened."""
    return {
        "severity_name": chosen.severity_name(deps, incident.team, incident.severity),
        "roles": chosen.roles(deps, incident.team),
        "channels": chosen.channels_of(deps, incident.team),
    }


async def alerts_quiet(tx: Tx, deps: Deps, incident: Incident, settle: timedelta = timedelta()) -> None:
    """React to an alert that resolved: once none fires, the end is proposed after `settle`, or waited for."""
    firing, _ = await alerts.counts(tx, incident.id)
    if firing:
        return
    await wakeups.cancel(tx, deps, wakeups.Work.QUIET, incident.id)
    await wakeups.end_quiet(tx, deps, incident.id, at=deps.now() + deps.policy.quiet_before_ending)
    if settle:  # a look that waits since the alert fired would propose the end too early
        await wakeups.cancel(tx, deps, wakeups.Work.GATHER, incident.id)
    await wakeups.gather(tx, deps, incident.id, at=deps.now() + settle)


async def reopen(tx: Tx, deps: Deps, incident: Incident, status: Status) -> Incident:
    """Make a locked, ended incident run again; what was put to people after its end is taken back."""
    ended: dict[str, object] = {"ending": None, "ended_at": None, "resolved_at": None, "mitigated_at": None}
    running = await incidents.save(tx, incident.model_copy(update={"status": status, **ended}))
    await outcomes.take_back(tx, deps.workspace_id, incident.id)
    await proposing.close_all(tx, deps, running, f"{incident.label} is open again")
    await wakeups.cancel(tx, deps, wakeups.Work.LAST_UPDATE, incident.id)
    return running


async def woken(tx: Tx, deps: Deps, incident: Incident, reason: str) -> None:
    """Show that an ended incident runs again, and wake the work on it."""
    name = f"reopened:{new_id(deps.now())}"
    await show.notice(tx, deps, incident, name, f"{incident.label} is open again: {reason}.")
    await wakeups.gather(tx, deps, incident.id, at=deps.now())
    await wakeups.remind(tx, deps, incident.id, at=deps.now() + response_time(deps, incident))
    await wakeups.escalate(tx, deps, incident.id, at=deps.now())
    await promised.plan(tx, deps, incident)


async def open_channel(tx: Tx, deps: Deps, incident: Incident) -> None:
    """Create the incident's channel and put the card into it; for P0 and P1."""
    stream = f"incident:{incident.id}"
    name = channel_name(chosen.channel_pattern(deps, incident), incident)
    deed = OpenChannel(
        name=name, topic=topic(incident), purpose=f"{incident.label}: {incident.title}"[:250], private=incident.private
    )
    urgent = show.URGENT
    # Not behind what is shown in the channel: an incident that leaves its thread has messages that wait for it.
    await show.send(tx, deps, incident, deed, stream=f"channel:{incident.id}", priority=urgent)
    await show.card(tx, deps, incident.id)
    await show.send(tx, deps, incident, Pin(slot="card"), stream=stream, priority=urgent)
    for title, link in bookmarks(incident, deps.policy.public_url):
        await show.send(tx, deps, incident, Bookmark(title=title, link=link), stream=f"links:{incident.id}")
    await call_on_call(tx, deps, incident)


async def call_on_call(tx: Tx, deps: Deps, incident: Incident) -> None:
    """Invite all who have to do with it, and call the catalogue's primary unless somebody has acknowledged.

    To a private incident that somebody declared people are invited by people. In quiet hours the call waits for their
    end.
    """
    if incident.test:
        await _call_to_test(tx, deps, incident)
        return
    primary = None if incident.by_invitation else (await on_call.of(tx, deps, incident)).primary
    held = held_until(deps.catalog.escalation, incident, deps.now()) if primary else None
    if held:
        await wakeups.remind(tx, deps, incident.id, at=held)
        primary = None
    wanted = (primary, incident.commander, incident.acknowledged_by, incident.declared_by)
    invited = tuple(dict.fromkeys(person for person in wanted if person))
    if invited and show.has_channel(incident):
        await show.send(tx, deps, incident, Invite(people=invited), stream=f"people:{incident.id}")
    if primary is None and incident.private and not invited and not held:
        await _tell_of_unattended(tx, deps, incident)
    if primary is None or incident.status is not Status.OPEN:
        return
    minutes = int(response_time(deps, incident).total_seconds() // 60)
    text = f"You are on call for {incident.service or incident.team}. Please acknowledge within {minutes} min."
    await call(tx, deps, incident, primary, "primary", text)


async def call(tx: Tx, deps: Deps, incident: Incident, person: str, turn: str, text: str) -> None:
    """Ask whose turn it is to take an incident, and write down who was called."""
    button = show.acknowledging(incident)
    await show.notice(tx, deps, incident, f"page:{turn}", text, mentions=[person], buttons=[button], anew=True)
    await log_paged(tx, deps, incident, person, turn)


async def _tell_of_unattended(tx: Tx, deps: Deps, incident: Incident) -> None:
    """Nobody reads a private channel in which nobody is; what it is about is not told here."""
    text = f"{incident.label} is {incident.severity_in_words} and restricted, and there is nobody to bring in."
    detail = (
        f"Name a team with somebody on call under types.{incident.incident_type} in catalog.yaml, and invite"
        f" people to its channel."
    )
    await operators.tell(tx, deps, f"unattended:{incident.id}", text, detail=detail)


async def _call_to_test(tx: Tx, deps: Deps, incident: Incident) -> None:
    """Nobody is paged for a test: who began it is invited, and whoever reads it may take it."""
    wanted = [person for person in (incident.declared_by, incident.commander) if person]
    if wanted and show.has_channel(incident):
        await show.send(tx, deps, incident, Invite(people=tuple(wanted)), stream=f"people:{incident.id}")
    if incident.status is Status.OPEN:
        text = "This is a test; nobody was paged. Take it as you would a real one: nothing here changes anything real."
        button = show.acknowledging(incident)
        await show.notice(tx, deps, incident, "test", text, mentions=wanted, buttons=[button])


async def log_paged(tx: Tx, deps: Deps, incident: Incident, person: str, turn: str) -> None:
    """Write down who was called."""
    await ledger.write(tx, deps, incident.id, LogKind.PAGED, "policy:on-call", {"person": person, "turn": turn})


def response_time(deps: Deps, incident: Incident) -> timedelta:
    """Return how long until somebody must have acknowledged an incident of its severity."""
    return deps.catalog.escalation.response_time(incident.severity)


def channel_name(pattern: str, incident: Incident) -> str:
    """Return a name that Slack takes: lower case letters, digits and dashes, at most 80 characters."""
    service = incident.service or ""
    said = incident.title if service.lower() in incident.title.lower() else f"{service} {incident.title}"
    slug = re.sub(r"[^a-z0-9]+", "-", said.lower()).strip("-")[:40].strip("-")
    name = pattern.format(number=incident.number, slug=slug or "incident")
    marked = f"test-{name}" if incident.test else name
    return re.sub(r"[^a-z0-9_-]+", "-", marked.lower()).strip("-")[:80]


def topic(incident: Incident) -> str:
    """Return the channel's topic: what seldom changes, for each change is a line in the channel."""
    owner = f" | {incident.service}" if incident.service else ""
    return f"{incident.label} | {incident.severity_in_words}{owner}"[:250]


def bookmarks(incident: Incident, public_url: str | None = None) -> list[tuple[str, str]]:
    """Return the links worth keeping at the top of the channel."""
    wanted = (("Bridge", BRIDGE), ("Runbook", "runbook"), ("Dashboard", "dashboard"), ("Alert", "generator"))
    page = [("Incident page", f"{public_url.rstrip('/')}/incidents/{incident.number}")] if public_url else []
    return [*((title, incident.links[key]) for title, key in wanted if key in incident.links), *page]


def _with_bridge(pattern: str, incident: Incident) -> dict[str, str]:
    """Return the links of an incident with that of its call, by the operators' pattern."""
    slug = re.sub(r"[^a-z0-9]+", "-", (incident.service or "incident").lower())
    return {BRIDGE: pattern.format(number=incident.number, slug=slug), **incident.links}


async def _show_opened(tx: Tx, deps: Deps, incident: Incident) -> None:
    if show.has_channel(incident):
        await open_channel(tx, deps, incident)
        return
    await show.card(tx, deps, incident.id)
    await call_on_call(tx, deps, incident)
