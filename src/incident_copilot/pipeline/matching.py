"""Find the running incident that an alert belongs to, or may belong to, and why, in words people read.

Only incidents that share a service, one close to it in the catalogue, or a named thing such as a node are weighed, each
by a footprint of bounded size. So an alert costs the same whatever the number of alerts and incidents before it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

from incident_copilot.analysis import correlation
from incident_copilot.analysis.correlation import Factor, Neighbours, Sign, Span, Tie
from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.footprint import Footprint, things_of
from incident_copilot.domain.grouping import Rule
from incident_copilot.domain.incident import Incident, Status
from incident_copilot.domain.pairing import HOLDS, Pairing, kind_of
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.triage import correlation_key, type_of
from incident_copilot.store import incidents, pairings
from incident_copilot.store.alerts import StoredAlert
from incident_copilot.store.db import Tx

FLAPS = timedelta(minutes=2)
"""How soon after its end an alert that fires again is the same trouble, whatever else has begun meanwhile."""


class Match(Frozen):
    """A running incident that an alert belongs to, and why, in words people read."""

    incident: Incident
    reason: str


class Matching:
    """What runs, found by what it has covered; it grows with each alert that is placed."""

    def __init__(
        self,
        deps: Deps,
        running: list[Incident],
        footprints: Mapping[str, Footprint],
        said: Iterable[Pairing] = (),
    ) -> None:
        """`running` are the incidents as they are read, newest first; `said` is what people said of kinds of alert."""
        self._deps = deps
        self._together: dict[str, dict[str, str]] = defaultdict(dict)
        self._apart: dict[str, dict[str, str]] = defaultdict(dict)
        for pair in said:
            of = self._together if pair.together else self._apart
            of[pair.one][pair.other] = of[pair.other][pair.one] = pair.day
        self._neighbours = Neighbours(deps.catalog.depends_on)
        self._running: dict[str, Incident] = {}
        self._footprints = dict(footprints)
        self._spans: dict[str, Span] = {}
        self._changed: set[str] = set()
        self._by_key: dict[str, str] = {}
        self._by_group: dict[str, str] = {}
        self._restricted: dict[str, Incident] = {}
        self._covering: dict[str, dict[str, None]] = defaultdict(dict)
        for incident in reversed(running):
            self.changed(incident)

    @classmethod
    async def begin(cls, tx: Tx, deps: Deps) -> "Matching":
        """Look up what is running."""
        running = await incidents.running(tx, deps.workspace_id)
        said = await pairings.since(tx, deps.workspace_id, deps.now() - HOLDS)
        return cls(deps, running, await incidents.footprints(tx, deps.workspace_id), said)

    def changed(self, incident: Incident) -> None:
        """Take note of an incident that runs, as it stands now.

        Tests and what people opened in private take no alerts; a restricted one takes those of its own key.
        """
        if incident.test or incident.by_invitation:
            return
        if incident.private:
            self._restricted[incident.correlation_key] = incident
            return
        self._running[incident.id] = incident
        self._spans.pop(incident.id, None)
        self._by_key[incident.correlation_key] = incident.id
        self._by_group[incident.correlation_key.split("|from=")[0]] = incident.id
        footprint = self._footprint(incident)
        own = [self._neighbours.named(incident.service)] if incident.service else []
        self._cover(incident, [*own, *footprint.services], (*footprint.things, *map(_kind, footprint.kinds)))

    def causes_first(self, waiting: Sequence[StoredAlert]) -> list[StoredAlert]:
        """Return alerts that came together so that those of a service come before those of what depends on it.

        Symptoms of one cause may have nothing else in common: placed before it, each would be an incident of its own.
        """
        return sorted(waiting, key=self._below)

    def began(self, incident: Incident, alert: Alert) -> None:
        """Take note of an alert that began in an incident; nothing else is held against a restricted one."""
        if incident.private:
            return
        before = self._footprint(incident)
        if self._flaps(before, alert):
            self._footprints[incident.id] = before.with_flap(alert)
            self._changed.add(incident.id)
            return
        service = self._neighbours.named(alert.service) if alert.service else None
        after = before.with_alert(alert, service, is_fault=correlation.is_own_fault(alert.name))
        if after != before:  # in a storm most alerts say nothing new
            self._footprints[incident.id] = after
            self._changed.add(incident.id)
            self._spans.pop(incident.id, None)
            self._cover(incident, [service] if service else [], (*things_of(alert), _kind(kind_of(alert))))

    def ended(self, incident: Incident, alert: Alert) -> None:
        """Take note of an alert that resolved; of an incident that has ended nothing is asked any more."""
        if incident.id not in self._running:
            return
        self._footprints[incident.id] = self._footprint(incident).with_end(alert, self._deps.now())
        self._changed.add(incident.id)

    def flaps(self, incident: Incident, alert: Alert) -> int:
        """Return how often an alert has fired again moments after its end."""
        return self._footprint(incident).flaps.get(alert.fingerprint, 0)

    async def write(self, tx: Tx) -> None:
        """Keep what the incidents cover now."""
        for incident_id in sorted(self._changed):
            await incidents.save_footprint(tx, incident_id, self._footprints[incident_id])

    def holds(self, incident: Incident, alert: Alert) -> bool:
        """Whether an alert of a running incident that fires again stays there, whatever else has begun meanwhile.

        It does where somebody has taken the incident, and where it resolved only moments before.
        """
        return incident.status is not Status.OPEN or self._flaps(self._footprint(incident), alert)

    def new_key(self, alert: Alert) -> str:
        """Return the key of an incident that is opened for an alert; one whose window is over keeps its own."""
        key = key_of(self._deps.catalog, alert)
        if self._is_restricted(alert):
            return key
        return f"{key}|from={alert.starts_at.isoformat()}" if key in self._by_key else key

    def best(self, alert: Alert) -> Match | None:
        """Return the incident that an alert surely belongs to: by a rule, by score, or for its service.

        What is restricted joins what is restricted alike, and nothing that others read.
        """
        if self._is_restricted(alert):
            own = self._restricted.get(key_of(self._deps.catalog, alert))
            return Match(incident=own, reason=f"same kind of incident, {alert.service or alert.name}") if own else None
        rule = self._deps.catalog.correlation.rule(alert)
        if rule and rule.group_by:
            return self._grouped(alert, rule)
        scored = max(self._scored(alert), key=_place, default=None)
        if scored and scored[1].score >= correlation.SURE:
            return Match(incident=scored[0], reason=scored[1].text)
        return self._same(alert)

    def candidate(self, alert: Alert, known: Incident | None) -> Match | None:
        """Return an incident that an alert may belong to, though not surely: its own earlier one, or the best."""
        if self._is_restricted(alert):
            return None
        if known and known.id in self._running:
            return Match(incident=known, reason=f"{alert.name} fired in it before")
        scored = max(self._scored(alert), key=_place, default=None)
        if scored and scored[1].score >= correlation.PLAUSIBLE:
            return Match(incident=scored[0], reason=scored[1].text)
        return None

    def kept_apart(self, alert: Alert) -> Match | None:
        """Return the incident that an alert would have joined if people had not kept the two apart, and why."""
        if self._is_restricted(alert):
            return None
        for incident, tie in sorted(self._scored(alert), key=_place, reverse=True):
            word = self._people(alert, incident)
            if word and word.points < 0 and tie.score - word.points >= correlation.SURE:
                return Match(incident=incident, reason=word.reason)
        alike = ((incident, self._people(alert, incident)) for incident, _ in self._alike(alert))
        apart = (Match(incident=one, reason=word.reason) for one, word in alike if word and word.points < 0)
        return next(apart, None)

    def is_apart(self, alert: Alert, kinds: Iterable[str]) -> bool:
        """Whether people kept an alert of this kind apart from one of others."""
        word = correlation.by_people(self._sign(alert), frozenset(kinds))
        return word is not None and word.points < 0

    def _grouped(self, alert: Alert, rule: Rule) -> Match | None:
        """Return the newest incident of a rule's group, while its window is open: what a rule says is not weighed."""
        incident = self._running.get(self._by_group.get(rule.key(alert), ""))
        if incident is None:
            return None
        last = max(incident.opened_at, self._footprint(incident).last or incident.opened_at)
        if rule.window and alert.starts_at - last > rule.window:
            return None
        return Match(incident=incident, reason=rule.words(alert))

    def symptoms(self, alert: Alert, home: Incident) -> Iterator[Match]:
        """Yield other incidents that began just now and are wholly explained by the service of an alert of `home`.

        Had the cause been heard of first, their alerts would have joined it.
        """
        if alert.service is None or home.private or is_ruled(home):
            return
        mine, faults = self._neighbours.named(alert.service), self._span(home).faults
        for incident, tie in self._scored(alert, but=home):
            span = self._span(incident)
            is_new = self._deps.now() - incident.opened_at <= self._deps.policy.join_window
            is_sure = tie.score >= correlation.SURE and not (faults and span.faults)
            if not is_new or not is_sure or is_ruled(incident) or self._are_apart(home, incident):
                continue
            if self._neighbours.explains(mine, span.services, alert.starts_at.timestamp()):
                yield Match(incident=incident, reason=tie.text)

    def _is_restricted(self, alert: Alert) -> bool:
        return self._deps.catalog.restricts(type_of(alert, self._deps.catalog))

    def _are_apart(self, one: Incident, other: Incident) -> bool:
        """Whether people kept any two kinds of alert of two incidents apart."""
        kinds = set(self._footprint(other).kinds)
        return any(not kinds.isdisjoint(self._apart.get(kind, ())) for kind in self._footprint(one).kinds)

    def _same(self, alert: Alert) -> Match | None:
        """Return the incident of the alert's own service, or without one of its name, however long it has been."""
        for incident, reason in self._alike(alert):
            if not self.is_apart(alert, self._footprint(incident).kinds):
                return Match(incident=incident, reason=reason)
        return None

    def _alike(self, alert: Alert) -> Iterator[tuple[Incident, str]]:
        """Yield the incidents of the alert's own service, or without one of its name, and why; the newest first."""
        by_key = self._by_key.get(correlation_key(alert))
        ids = [by_key] if by_key else []
        if alert.service:
            ids += reversed(self._covering.get(_service(self._neighbours.named(alert.service)), ()))
        for incident in (self._running[one] for one in ids if one in self._running):
            if incident.id == by_key or (incident.service == alert.service and _same_place(alert, incident)):
                what = f"same service {alert.service}" if alert.service else f"same alert {alert.name}"
                cluster = incident.cluster if incident.cluster == alert.labels.get("cluster") else None
                yield incident, what + (f", same cluster {cluster}" if cluster else "")

    def _scored(self, alert: Alert, *, but: Incident | None = None) -> Iterator[tuple[Incident, Tie]]:
        """Yield the incidents that have to do with an alert, with their ties, `but` one that is known."""
        near = [self._running[one] for one in self._near(alert) if but is None or one != but.id]
        if not near:
            return
        sign = self._sign(alert)
        window_s = self._deps.policy.join_window.total_seconds()
        for incident in near:
            tie = correlation.tie(sign, self._span(incident), self._neighbours, window_s)
            if tie and _same_place(alert, incident):
                yield incident, tie

    def _near(self, alert: Alert) -> dict[str, None]:
        near = [*things_of(alert), *map(_kind, self._together.get(kind_of(alert), ()))]
        if alert.service:
            mine = self._neighbours.named(alert.service)
            near += [_service(mine), *map(_service, self._neighbours.around(mine))]
        found = {one: None for thing in near for one in self._covering.get(thing, ())}
        return {one: None for one in found if one in self._running}

    def _below(self, stored: StoredAlert) -> int:
        service = stored.alert.service
        return len(self._neighbours.rests_on(self._neighbours.named(service))) if service else 0

    def _cover(self, incident: Incident, services: Iterable[str], things: Iterable[str]) -> None:
        """Have an incident found by what it covers."""
        for thing in (*map(_service, services), *things):
            self._covering[thing][incident.id] = None

    def _footprint(self, incident: Incident) -> Footprint:
        return self._footprints.get(incident.id) or Footprint()

    def _flaps(self, footprint: Footprint, alert: Alert) -> bool:
        ended = footprint.ends.get(alert.fingerprint)
        return ended is not None and alert.starts_at - ended <= FLAPS

    def _span(self, incident: Incident) -> Span:
        if incident.id not in self._spans:
            self._spans[incident.id] = self._spanned(incident)
        return self._spans[incident.id]

    def _spanned(self, incident: Incident) -> Span:
        footprint = self._footprint(incident)
        own = {self._neighbours.named(incident.service): incident.started_at} if incident.service else {}
        last = max(incident.opened_at, footprint.last or incident.opened_at)
        return Span(
            services={service: at.timestamp() for service, at in (own | footprint.services).items()},
            began=incident.started_at.timestamp(),
            last=last.timestamp(),
            faults=frozenset(footprint.faults),
            names=frozenset(footprint.names),
            cluster=incident.cluster,
            namespaces=frozenset(footprint.namespaces),
            things=frozenset(footprint.things),
            kinds=frozenset(footprint.kinds),
        )

    def _people(self, alert: Alert, incident: Incident) -> Factor | None:
        return correlation.by_people(self._sign(alert), frozenset(self._footprint(incident).kinds))

    def _sign(self, alert: Alert) -> Sign:
        kind = kind_of(alert)
        return Sign(
            service=alert.service,
            name=alert.name,
            at=alert.starts_at.timestamp(),
            cluster=alert.labels.get("cluster"),
            namespace=alert.labels.get("namespace"),
            things=things_of(alert),
            kind=kind,
            together=self._together.get(kind, {}),
            apart=self._apart.get(kind, {}),
        )


def footprint_of(deps: Deps, members: Iterable[Alert]) -> Footprint:
    """Return what some alerts cover, for an incident that loses or gets them by people's hands."""
    neighbours = Neighbours(deps.catalog.depends_on)
    footprint = Footprint()
    for alert in members:
        service = neighbours.named(alert.service) if alert.service else None
        footprint = footprint.with_alert(alert, service, is_fault=correlation.is_own_fault(alert.name))
        if alert.status is AlertStatus.RESOLVED:
            footprint = footprint.with_end(alert, deps.now())
    return footprint


def key_of(catalog: Catalog, alert: Alert) -> str:
    """Return what makes alerts one incident: the group of the rule they fall under, else what triage says.

    Those of a restricted type are kept apart from all others.
    """
    kind = type_of(alert, catalog)
    if catalog.restricts(kind):
        return f"restricted={kind}|{correlation_key(alert)}"[:300]
    rule = catalog.correlation.rule(alert)
    return rule.key(alert) if rule and rule.group_by else correlation_key(alert)


def is_ruled(incident: Incident) -> bool:
    """Whether an operators' rule made it one: the rule has the last word."""
    return incident.correlation_key.startswith("rule=")


def _same_place(alert: Alert, incident: Incident) -> bool:
    cluster = alert.labels.get("cluster")
    same_cluster = cluster is None or incident.cluster is None or cluster == incident.cluster
    unknown = alert.environment is None or incident.environment is None
    return same_cluster and (unknown or alert.environment == incident.environment)


def _place(scored: tuple[Incident, Tie]) -> tuple[float, int]:
    incident, tie = scored
    return tie.score, incident.number


def _service(name: str) -> str:
    return f"service {name}"


def _kind(name: str) -> str:
    return f"kind {name}"
