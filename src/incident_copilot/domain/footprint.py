"""Footprint: what an incident has covered so far, in bounds, so that a new alert need not be compared with each one."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import Field

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.pairing import kind_of

SERVICES, NAMES, KINDS, PLACES, THINGS, ENDS = 60, 20, 40, 10, 40, 200
"""The most that is kept of each: what was heard of longest ago goes first."""

SHARED = ("node", "host", "rack", "zone", "device", "database", "queue", "topic")
"""Labels that name a thing which several services may share and fail with."""


def things_of(alert: Alert) -> tuple[str, ...]:
    """Return what the alert names that others may share, such as `node n7`."""
    return tuple(f"{label} {alert.labels[label]}" for label in SHARED if alert.labels.get(label))


class Footprint(Frozen):
    """Where and when an incident's alerts began.

    `faults` are the services with a fault of their own, `things` what several may share. `last` is when the latest of
    the alerts began that was no mere repetition. `ends` says when alerts last resolved, `flaps` how often they
    fired again moments later.
    """

    services: dict[str, Utc] = Field(default_factory=dict)
    faults: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    last: Utc | None = None
    ends: dict[str, Utc] = Field(default_factory=dict)
    flaps: dict[str, int] = Field(default_factory=dict)

    def with_alert(self, alert: Alert, service: str | None, *, is_fault: bool) -> "Footprint":
        """Return it with an alert that began; `service` is the catalogue's name for the alert's own."""
        namespace = alert.labels.get("namespace")
        services = self.services
        if service:
            at = max(alert.starts_at, services.get(service, alert.starts_at))
            services = _newest({**services, service: at}, SERVICES)
        more = {
            "services": services,
            "faults": _with(self.faults, [service] if service and is_fault else [], SERVICES),
            "names": _with(self.names, [alert.name], NAMES),
            "kinds": _with(self.kinds, [kind_of(alert)], KINDS),
            "namespaces": _with(self.namespaces, [namespace] if namespace else [], PLACES),
            "things": _with(self.things, things_of(alert), THINGS),
            "last": max(alert.starts_at, self.last or alert.starts_at),
        }
        return self.model_copy(update=more)

    def with_other(self, other: "Footprint") -> "Footprint":
        """Return it with what another incident covered."""
        return Footprint(
            services=_newest({**other.services, **self.services}, SERVICES),
            faults=_with(self.faults, other.faults, SERVICES),
            names=_with(self.names, other.names, NAMES),
            kinds=_with(self.kinds, other.kinds, KINDS),
            namespaces=_with(self.namespaces, other.namespaces, PLACES),
            things=_with(self.things, other.things, THINGS),
            last=max(filter(None, (self.last, other.last)), default=None),
            ends=_newest({**other.ends, **self.ends}, ENDS),
            flaps={**other.flaps, **self.flaps},
        )

    def with_end(self, alert: Alert, now: datetime) -> "Footprint":
        """Return it with an alert that resolved."""
        ends = {**self.ends, alert.fingerprint: alert.ends_at or now}
        kept = _newest(ends, ENDS)
        flaps = {fingerprint: times for fingerprint, times in self.flaps.items() if fingerprint in kept}
        return self.model_copy(update={"ends": kept, "flaps": flaps})

    def with_flap(self, alert: Alert) -> "Footprint":
        """Return it with an alert that fired again moments after its end."""
        times = self.flaps.get(alert.fingerprint, 0) + 1
        return self.model_copy(update={"flaps": {**self.flaps, alert.fingerprint: times}})


def _with(kept: tuple[str, ...], more: Iterable[str], most: int) -> tuple[str, ...]:
    return (*kept, *(one for one in more if one not in kept))[-most:]


def _newest(times: Mapping[str, datetime], most: int) -> dict[str, datetime]:
    kept: Iterable[tuple[str, datetime]] = times.items()
    if len(times) > most:
        kept = sorted(kept, key=lambda item: item[1])[-most:]
    return dict(kept)
