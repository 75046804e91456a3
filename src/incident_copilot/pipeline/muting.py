"""Say what mutes an alert now, so that it opens no incident: another one that fires, or people.

What is muted is kept and counted, and weighed anew when what mutes it is over and it still fires.
"""

from collections import defaultdict
from collections.abc import Sequence

from incident_copilot.analysis import topology
from incident_copilot.domain.alert import Alert
from incident_copilot.domain.grouping import Inhibition, matches
from incident_copilot.domain.silence import Silence
from incident_copilot.pipeline import wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import muted_alerts, silences
from incident_copilot.store.db import Tx


class Muting:
    """What mutes alerts while one batch is placed."""

    def __init__(self, deps: Deps, sources: Sequence[Alert], running: Sequence[Silence] = ()) -> None:
        """`sources` are alerts that fire and may mute others, `running` the silences that count now."""
        self._silences = running
        self._graph = deps.catalog.depends_on
        self._upstream: dict[str, dict[str, int]] = {}
        self._rules = deps.catalog.correlation.inhibit
        self._firing: dict[tuple[str, tuple[str, ...]], list[Alert]] = defaultdict(list)
        for source in sources:
            for rule in self._rules:
                if matches(rule.source, source):
                    self._firing[rule.name, rule.place(source)].append(source)

    @classmethod
    async def begin(cls, tx: Tx, deps: Deps) -> "Muting":
        """Look up what mutes alerts now."""
        has_rules = bool(deps.catalog.correlation.inhibit)
        sources = await muted_alerts.sources(tx, deps.workspace_id) if has_rules else ()
        return cls(deps, sources, await silences.running(tx, deps.workspace_id, deps.now()))

    def silence_of(self, alert: Alert) -> Silence | None:
        """Return the silence that mutes an alert, or None."""
        return next((silence for silence in self._silences if silence.covers(alert)), None)

    def source_of(self, alert: Alert) -> Alert | None:
        """Return the alert that fires and mutes this one, or None."""
        for rule in self._rules:
            if matches(rule.target, alert):
                for source in self._firing.get((rule.name, rule.place(alert)), ()):
                    if self._mutes(rule, source, alert):
                        return source
        return None

    def _mutes(self, rule: Inhibition, source: Alert, target: Alert) -> bool:
        # As Alertmanager: what matches both sides is muted by no other that does, and so never by itself.
        if matches(rule.source, target) and matches(rule.target, source):
            return False
        return not rule.downstream or self._is_downstream(target.service, source.service)

    def _is_downstream(self, service: str | None, cause: str | None) -> bool:
        if service is None or cause is None:
            return False
        if service not in self._upstream:  # a storm asks the same of the same services
            self._upstream[service] = topology.upstream_of(self._graph, service, itself=True)
        return cause in self._upstream[service]


async def weigh_anew(tx: Tx, deps: Deps, muted_by: Sequence[str]) -> None:
    """Have placed what these muted, now that they are over."""
    if muted_by and await muted_alerts.weigh_anew(tx, deps.workspace_id, muted_by):
        await wakeups.correlate(tx, deps, deps.now())


async def weigh_anew_after(tx: Tx, deps: Deps, incident_id: str) -> None:
    """Have placed what the alerts of an incident muted, now that it has ended."""
    if await muted_alerts.weigh_anew_after(tx, deps.workspace_id, incident_id):
        await wakeups.correlate(tx, deps, deps.now())
