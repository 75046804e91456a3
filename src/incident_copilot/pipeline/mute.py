"""People mute alerts for a while, with a reason; what still fires when that ends is weighed anew."""

from collections.abc import Sequence
from datetime import timedelta

from incident_copilot.domain.base import new_id
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.silence import LONGEST, SHORTEST, Matcher, Silence, by_pattern
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, muting, people, recount, show, wakeups
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents, muted_alerts, silences, silences_read, texts
from incident_copilot.store.db import CLICKS, Tx
from incident_copilot.store.jobs import Job

MOST_OWN, MOST_MATCHERS = 100, 10
MOST_LISTED = 40


async def mute(deps: Deps, person: Person, what: Sequence[str], lasts: timedelta, reason: str) -> Outcome:
    """Keep alerts out of incidents for a while: `what` are `label=value`, or one name of a service or alert.

    Raises:
        DecisionRefused: not allowed, without reason or bounds, or too many mutes; it is logged.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"asked": "mute alerts", "what": " ".join(what)[:200]}
    async with ledger.refusals(deps, person, None, asked), deps.db.transaction(CLICKS) as tx:
        people.require(person, Role.RESPONDER, "mute alerts")
        _require_bounds(lasts, reason)
        matchers = await _matchers(tx, deps, what)
        running = await silences.running(tx, deps.workspace_id, deps.now())
        if sum(not one.source for one in running) >= MOST_OWN:
            raise DecisionRefused(f"{MOST_OWN} mutes run already. End some with /incident unmute.")
        made = await _keep(tx, deps, person, matchers, lasts, reason.strip()[:200])
        await recount.soon(tx, deps)
    until = f"{made.until:%H:%M} UTC ({show.in_words(lasts)})"
    return Outcome(text=f"Muted {made.text} until {until}, as {made.label}. /incident unmute {made.number} ends it.")


async def unmute(deps: Deps, person: Person, number: int) -> Outcome:
    """End a mute that was made here before its time.

    Raises:
        DecisionRefused: not allowed, or there is none of this number that was made here; it is logged.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"asked": "end mutes", "number": number}
    async with ledger.refusals(deps, person, None, asked), deps.db.transaction(CLICKS) as tx:
        people.require(person, Role.RESPONDER, "end mutes")
        found = await silences.lock(tx, deps.workspace_id, number)
        if found is None or found.until <= deps.now():
            raise DecisionRefused(f"There is no M-{number}; /incident mutes lists those that run.")
        if found.source:
            raise DecisionRefused(f"{found.label} was made at {found.source}; use /incident unsilence {number}.")
        await _end(tx, deps, found)
        payload = {"mute": found.id, "number": found.number}
        await ledger.write_by(tx, deps, None, LogKind.UNMUTED, person, payload)
        await recount.soon(tx, deps)
    return Outcome(text=f"{found.label} has ended. What it muted and still fires is looked at now.")


async def end_mute(deps: Deps, job: Job) -> None:
    """End a mute whose time is over."""
    async with job.finish(deps.db) as tx:
        found = await silences.lock(tx, deps.workspace_id, job.payload["number"])
        if found:
            await _end(tx, deps, found)
            await recount.soon(tx, deps)


async def lines(deps: Deps) -> list[str]:
    """Return what mutes alerts now, a line each: mutes and silences, the catalogue's, and alerts that mute others."""
    now = deps.now()
    async with deps.db.read() as db:
        running = await silences.running(db, deps.workspace_id, now)
        counts = await muted_alerts.totals(db, deps.workspace_id)
        gaps = await silences_read.problems(db, deps.workspace_id)
    said = [f"{_line(one)}{_counted(counts.get(muted_alerts.by_silence(one.id), 0))}" for one in running]
    told = [mute for mute in deps.catalog.correlation.mutes if now < mute.until]
    said += [f"catalog.yaml: {_pairs(mute.match)} until {mute.until:%-d %b %H:%M} UTC: {mute.reason}" for mute in told]
    more = [f"and {len(said) - MOST_LISTED} more"] if len(said) > MOST_LISTED else []
    by_alerts = sum(count for by, count in counts.items() if muted_alerts.fingerprint_of(by))
    muted = [f"Other alerts mute {by_alerts} now; the cards name them."] if by_alerts else []
    return [*said[:MOST_LISTED], *more, *muted, *gaps]


async def _keep(
    tx: Tx, deps: Deps, person: Person, matchers: tuple[Matcher, ...], lasts: timedelta, reason: str
) -> Silence:
    mute_id, until = new_id(deps.now()), deps.now() + lasts
    wanted = Silence(id=mute_id, ref=mute_id, matchers=matchers, until=until, reason=reason, by=person.id)
    made = await silences.add(tx, deps.workspace_id, wanted)
    kept = await texts.store_text(tx, incident_id=None, author=person.id, text=reason, now=deps.now())
    payload = {
        "mute": made.id,
        "number": made.number,
        "what": made.text,
        "until": until.isoformat(),
        "reason": kept,
    }
    await ledger.write_by(tx, deps, None, LogKind.MUTED, person, payload)
    await wakeups.end_mute(tx, deps, made.number, at=until)
    return made


async def _end(tx: Tx, deps: Deps, silence: Silence) -> None:
    await silences.end(tx, [silence.id], deps.now())
    await muting.weigh_anew(tx, deps, [muted_alerts.by_silence(silence.id)])


async def _matchers(tx: Tx, deps: Deps, what: Sequence[str]) -> tuple[Matcher, ...]:
    """Return what is meant; a bare name is that of a service where there is one, else that of an alert."""
    pairs = [word.partition("=") for word in what]
    named = [name for name, sign, _ in pairs if not sign]
    if not what or len(named) > 1 or len(what) > MOST_MATCHERS or any(sign and not name for name, sign, _ in pairs):
        raise DecisionRefused("Say what to mute: a service, an alert's name, or label=value, and several of these.")
    found = [by_pattern(name, value) for name, sign, value in pairs if sign]
    for name in named:
        is_service = deps.catalog.service(name) or await incidents.know_service(tx, deps.workspace_id, name)
        found.append(by_pattern("service" if is_service else "alertname", name))
    if all(not value.strip("*?") for matcher in found for value in matcher.values):
        raise DecisionRefused("That would mute everything. Name a service, an alert or a label's value.")
    return tuple(found)


def _require_bounds(lasts: timedelta, reason: str) -> None:
    if not SHORTEST <= lasts <= LONGEST:
        raise DecisionRefused("Mute for a minute at least and 7 days at most; for longer use catalog.yaml.")
    if not reason.strip():
        raise DecisionRefused("Say why, for those who wonder later that nobody was called.")


def _line(silence: Silence) -> str:
    by = silence.by if silence.source else f"<@{silence.by}>"
    return f"{silence.label}: {silence.text} until {silence.when},{silence.where} by {by}: {silence.reason}"


def _counted(count: int) -> str:
    return f" ({count} {'alert' if count == 1 else 'alerts'} muted)" if count else ""


def _pairs(match: dict[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in match.items())
