"""What one transaction of correlation has looked up and writes at its end, once for all of its alerts.

A storm is hundreds of alerts for one incident: what is the same for all of them is done once, and only the first
thousand are told one by one, so that the work on an alert does not grow with the number of those before it.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import NamedTuple

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import new_id
from incident_copilot.domain.incident import Incident, Membership, ScoreSheet
from incident_copilot.domain.log import TimelineEntry, TimelineKind
from incident_copilot.domain.noise import NoiseCount
from incident_copilot.domain.track_record import TrackRecord
from incident_copilot.pipeline import by_words, merging, muting, offering, opening, proposing, recount, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.matching import Matching
from incident_copilot.pipeline.muting import Muting
from incident_copilot.pipeline.triage import triage
from incident_copilot.store import alerts, evidence, incidents, muted_alerts, noise, outcomes, timeline
from incident_copilot.store.alerts import StoredAlert
from incident_copilot.store.db import Tx

TOLD = 1000
"""How many alerts of an incident are told one by one: why they belong to it, and what they did when."""
SETTLE = timedelta(seconds=3)
"""How long after a join the brief is refreshed, so that the alerts of a storm are looked at together."""
FLAPPING = 3
"""From how many times on an alert that fires again moments after its end is held: counted, and not told each time."""
SETTLED = timedelta(minutes=5)
"""How long an alert that flaps must have been quiet before the end of its incident is proposed."""


class _Place(NamedTuple):
    """Where an alert is put: into an incident, the digest of an hour, or neither; and what holds or mutes it."""

    incident_id: str | None = None
    digest_hour: datetime | None = None
    held: str | None = None
    muted_by: str | None = None


class Placing:
    """The alerts of one batch on their way to their places; `write` once all are placed."""

    def __init__(self, tx: Tx, deps: Deps, matching: Matching, muting: Muting) -> None:
        self.tx, self.deps, self.matching, self.muting = tx, deps, matching, muting
        self._locked: dict[str, Incident] = {}
        self._known: dict[str, Incident] = {}
        self._sheets: dict[tuple[object, ...], ScoreSheet] = {}
        self._places: dict[str, _Place] = {}
        self._held: dict[str, dict[str, StoredAlert]] = {}
        self._members: dict[str, list[Membership]] = defaultdict(list)
        self._entries: dict[str, list[TimelineEntry]] = defaultdict(list)
        self._firing: set[str] = set()
        self._resolved: dict[str, timedelta] = {}
        self._over: list[str] = []
        self._small: list[Alert] = []
        self._muting: set[str] = set()
        self._records: dict[tuple[str, str | None], TrackRecord] = {}
        self._noise: dict[tuple[str, str | None], NoiseCount] = {}
        self._symptoms: dict[str, tuple[str, str]] = {}

    @classmethod
    async def begin(cls, tx: Tx, deps: Deps) -> "Placing":
        """Look up what is running."""
        return cls(tx, deps, await Matching.begin(tx, deps), await Muting.begin(tx, deps))

    async def known(self, incident_id: str) -> Incident:
        """Return an incident as it stands."""
        if incident_id in self._locked:
            return self._locked[incident_id]
        if incident_id not in self._known:
            self._known[incident_id] = await incidents.get(self.tx, incident_id)
        return self._known[incident_id]

    async def lock(self, incident_id: str) -> Incident:
        """Return an incident that nobody else changes until the transaction ends."""
        if incident_id not in self._locked:
            self._locked[incident_id] = await incidents.lock(self.tx, incident_id)
        return self._locked[incident_id]

    def changed(self, incident: Incident) -> None:
        """Take note of an incident that was opened or changed in this transaction."""
        self._locked[incident.id] = incident
        self.matching.changed(incident)

    def sheet(self, alert: Alert) -> ScoreSheet:
        """Return the score sheet of an alert; alike alerts have one."""
        said = (alert.name, alert.summary, alert.description, alert.severity, alert.service, alert.environment)
        labels = frozenset(by_words.telling(alert.labels).items())
        key = (*said, alert.expression, labels, alert.labels.get("team"))
        if key not in self._sheets:
            self._sheets[key] = triage(alert, self.deps.catalog)
        return self._sheets[key]

    def put(
        self,
        stored: StoredAlert,
        incident_id: str | None = None,
        digest_hour: datetime | None = None,
        held: str | None = None,
        muted_by: str | None = None,
    ) -> None:
        """Give an alert its place: an incident, the digest of an hour, or neither; the last word counts."""
        self._places[stored.alert.fingerprint] = _Place(incident_id, digest_hour, held, muted_by)
        self._muting |= {by for by in (stored.muted_by, muted_by) if by}

    def digest(self, stored: StoredAlert, held: str | None = None, muted_by: str | None = None) -> None:
        """Put an alert into the digest of this hour."""
        hour = self.deps.now().replace(minute=0, second=0, microsecond=0)
        self.put(stored, digest_hour=hour, held=held, muted_by=muted_by)

    def small(self, stored: StoredAlert) -> None:
        """Put a small alert into the digest; where a bot of the chat told of it people are offered to declare it."""
        self.digest(stored)
        self._small.append(stored.alert)

    async def record(self, alert: Alert) -> TrackRecord:
        """Return how the latest incidents of an alert turned out."""
        key = alert.name, alert.service
        if key not in self._records:
            self._records[key] = await outcomes.of(self.tx, self.deps.workspace_id, *key)
        return self._records[key]

    async def noise(self, alert: Alert, sheet: ScoreSheet) -> str | None:
        """Return why an alert is noise by its history, where the operators want that looked at."""
        policy = self.deps.catalog.noise
        return policy.why_by(await self.record(alert), alert, sheet.severity) if policy.from_history else None

    def count(self, stored: StoredAlert, why: str) -> None:
        """Count an alert as noise: it opens nothing, and is in no digest."""
        self.put(stored)
        alert, now = stored.alert, self.deps.now()
        key = alert.name, alert.service
        known = self._noise.get(key)
        times = known.times + 1 if known else 1
        self._noise[key] = NoiseCount(
            name=alert.name,
            service=alert.service,
            times=times,
            first_at=now,
            last_at=now,
            why=why,
            fingerprint=alert.fingerprint,
        )

    async def held(self, group: str, since: datetime, limit: int) -> list[StoredAlert]:
        """Return the alerts of a group that are held back, those of this batch included."""
        if group not in self._held:
            kept = await alerts.held(self.tx, self.deps.workspace_id, group, since, limit)
            self._held[group] = {one.alert.fingerprint: one for one in kept}
        return [one for one in self._held[group].values() if one.alert.starts_at >= since]

    def hold(self, stored: StoredAlert, group: str) -> None:
        """Hold an alert back until there are more of its group; meanwhile it is in the digest."""
        self._held[group][stored.alert.fingerprint] = stored
        self.digest(stored, group)

    def belongs(self, stored: StoredAlert, incident: Incident, reason: str) -> None:
        """Put an alert into an incident and say why."""
        self.put(stored, incident.id)
        self.matching.began(incident, stored.alert)
        self._members[incident.id].append(
            Membership(
                incident_id=incident.id,
                fingerprint=stored.alert.fingerprint,
                reason=reason,
                joined_at=self.deps.now(),
            )
        )

    def note(self, stored: StoredAlert, incident: Incident, what: str) -> None:
        """Put what an alert did on the timeline; of one that flaps only every tenth time."""
        alert, now = stored.alert, self.deps.now()
        times = self.matching.flaps(incident, alert)
        if times >= FLAPPING:
            is_told = alert.status is AlertStatus.FIRING and (times == FLAPPING or times % 10 == 0)
            what = f"flaps: it fired again {times} times moments after its end; it is counted, not told each time"
            if not is_told:
                return
        is_end = alert.status is AlertStatus.RESOLVED
        at = (alert.ends_at or now) if is_end else alert.starts_at
        # Names its state, so that the same news told twice is one entry.
        entry = TimelineEntry(
            id=new_id(now),
            incident_id=incident.id,
            at=min(at, now),
            kind=TimelineKind.ALERT,
            text=f"{alert.name} on {alert.service or 'an unnamed service'} {what}. {alert.summary}".strip(),
            ref=f"alert:{alert.state_key}",
            link=alert.links.get("generator"),
        )
        self._entries[incident.id].append(entry)

    def resolved(self, stored: StoredAlert, incident: Incident) -> None:
        """Have it looked whether the incident is quiet now; where the alert flaps, not before that can be said."""
        self.matching.ended(incident, stored.alert)
        is_flapping = self.matching.flaps(incident, stored.alert) >= FLAPPING
        self._resolved[incident.id] = SETTLED if is_flapping else timedelta()

    def over(self, stored: StoredAlert) -> None:
        """An alert is over: what it muted is weighed anew."""
        self.put(stored, stored.incident_id, stored.digest_hour)
        self._over.append(muted_alerts.by_alert(stored.alert.fingerprint))

    async def fires(self, incident: Incident, name: str) -> None:
        """An alert of the incident fires: it is not over, and there may be more to say about it."""
        if incident.id in self._firing:
            return
        self._firing.add(incident.id)
        await wakeups.cancel(self.tx, self.deps, wakeups.Work.QUIET, incident.id)
        await proposing.withdraw_end(self.tx, self.deps, incident, f"{name} fires")
        await wakeups.gather(self.tx, self.deps, incident.id, at=await self._settled_at(incident))

    def explains(self, stored: StoredAlert, incident: Incident) -> None:
        """Take note of incidents that an alert shows to be symptoms of its own; they are merged at the end."""
        for match in self.matching.symptoms(stored.alert, incident):
            self._symptoms.setdefault(match.incident.id, (incident.id, match.reason))

    async def write(self) -> None:
        """Write all places and reasons, and show what has changed."""
        together: dict[_Place, list[str]] = defaultdict(list)
        for fingerprint, place in self._places.items():
            together[place].append(fingerprint)
        for place, fingerprints in together.items():
            await alerts.place(self.tx, self.deps.workspace_id, fingerprints, **place._asdict())
        await muting.weigh_anew(self.tx, self.deps, self._over)
        await noise.add(self.tx, self.deps.workspace_id, list(self._noise.values()))
        await offering.offer(self.tx, self.deps, self._small)
        await self.matching.write(self.tx)
        for incident_id, members in self._members.items():
            room = TOLD - await incidents.count_members(self.tx, incident_id)
            await incidents.join_all(self.tx, members[: max(0, room)])
        for incident_id, entries in self._entries.items():
            room = TOLD - await timeline.count(self.tx, incident_id, TimelineKind.ALERT)
            await timeline.add_all(self.tx, entries[: max(0, room)])
        for incident_id, settle in self._resolved.items():
            incident = await self.lock(incident_id)
            if incident.is_running:
                await opening.alerts_quiet(self.tx, self.deps, incident, settle)
        for incident_id in await self._counted_on():
            await self.lock(incident_id)
        for incident_id, (into_id, why) in sorted(self._symptoms.items()):
            await merging.merge_by_policy(self.tx, self.deps, incident_id, into_id, why)
        for incident_id in sorted(self._locked):
            await recount.recount(self.tx, self.deps, self._locked[incident_id])

    async def _counted_on(self) -> list[str]:
        """Return the incidents on whose cards alerts of this batch are counted as muted, or were."""
        found = [muted_alerts.fingerprint_of(by) for by in self._muting]
        muting_alerts = [fingerprint for fingerprint in found if fingerprint]
        if not muting_alerts:
            return []
        return await muted_alerts.incidents_of(self.tx, self.deps.workspace_id, muting_alerts)

    async def _settled_at(self, incident: Incident) -> datetime:
        """When the brief is refreshed: soon, but in a storm ever less often."""
        soon = self.deps.now() + SETTLE
        brief = await evidence.latest_brief(self.tx, incident.id)
        return max(soon, recount.next_at(incident, brief.as_of, SETTLE, growth=3)) if brief else soon
