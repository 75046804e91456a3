"""Ranks services by how likely the trouble began there: what each shows, less what its dependencies explain."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, log1p
from statistics import fmean
from typing import Literal

from incident_copilot.analysis.ranking import ODD, RankedSeries
from incident_copilot.analysis.signals import classify_metric, worsens
from incident_copilot.analysis.topology import Graph

Symptom = Literal["errors", "latency"]

_SYMPTOMS: tuple[Symptom, ...] = ("errors", "latency")
_RELIEVED = 0.5  # a falling latency, load or use is an effect of trouble elsewhere more often than a cause
_OTHER_SYMPTOM = 0.5  # a slow dependency makes its callers fail too, yet more often it makes them slow
_RESOURCE = 0.5  # what ran out of its own resource is to blame for some of what its dependencies would explain
_PERCENTILE = re.compile(r"\bp\d\d|quantile|percentile|\bmax", re.IGNORECASE)
_SPREADS = 0.75
_CLEAR = 100.0  # spreads from normal; more says nothing more
_UNREACHED = 0.25  # what the alerting service does not depend on


@dataclass(frozen=True)
class Suspect:
    """A service and how likely the trouble began there (0 to 1, not a probability); `series` shows it best.

    `path` runs from the alerting service along its dependencies; it is empty where none is known. `explained` is the
    share of its own trouble that its dependencies explain.
    """

    service: str
    score: float
    series: RankedSeries
    path: tuple[str, ...] = ()
    explained: float = 0.0


def rank_suspects(
    ranked: Iterable[RankedSeries],
    *,
    alerting: str = "",
    symptom: Symptom | None = None,
    depends_on: Graph | None = None,
) -> list[Suspect]:
    """Return the services that have series, likeliest first.

    With `alerting` and `depends_on`, trouble is followed from the alerting service to its dependencies; `symptom` is
    the kind of its alert. Without them the service with the oddest series comes first.
    """
    by_service: dict[str, list[RankedSeries]] = {}
    for one in ranked:
        by_service.setdefault(one.service, []).append(one)
    graph = depends_on or {}
    if alerting and graph.get(alerting):
        suspects = _followed(by_service, alerting, symptom, graph)
    else:
        suspects = [Suspect(name, _local(_most_local(all_)), _most_local(all_)) for name, all_ in by_service.items()]
    return sorted(suspects, key=lambda one: (-one.score, -one.series.score, one.service))


def _followed(
    by_service: Mapping[str, Sequence[RankedSeries]], alerting: str, symptom: Symptom | None, graph: Graph
) -> list[Suspect]:
    """Return each service with the best of its flows; a resource of its own that ran out adds to it."""
    flows = {kind: _flows(by_service, alerting, kind, graph) for kind in _SYMPTOMS}
    weights = {kind: 1.0 if symptom in (None, kind) else _OTHER_SYMPTOM for kind in _SYMPTOMS}
    suspects = []
    for service, all_ in by_service.items():
        begins = {kind: weights[kind] * fmean(one.begins_at(service) for one in flows[kind]) for kind in _SYMPTOMS}
        kind = max(_SYMPTOMS, key=lambda one: begins[one])
        flow = max(flows[kind], key=lambda one: one.begins_at(service))
        path, own = flow.paths.get(service, ()), begins[kind]
        if path:
            used = max((_certainty(one.score) for one in all_ if _is_used_up(one)), default=0.0)
            own += _RESOURCE * used * (1 - own)
        else:
            own = _UNREACHED * _certainty(_oddest(all_))
        shown = flow.signs[service] if service in flow.signs and own else _shown_by(all_)
        suspects.append(Suspect(service, round(own, 4), shown, path, round(flow.explained(service), 3)))
    return suspects


def _flows(
    by_service: Mapping[str, Sequence[RankedSeries]], alerting: str, kind: Symptom, graph: Graph
) -> list["_Flow"]:
    """Return one flow for each measure, such as the mean or a percentile, as only like can be compared with like.

    What is measured of one service alone, such as an alert's own query, does not tell services apart, and percentiles
    count only where there are no means, because they do not add up.
    """
    measured = Counter(_measure(one) for one in _of_kind(by_service, kind))
    shared = [measure for measure, count in measured.items() if count > 1] or list(measured) or [""]
    best = [measure for measure in shared if not _PERCENTILE.search(measure)] or shared
    return [_Flow(by_service, alerting, measure, graph) for measure in sorted(best)]


def _of_kind(by_service: Mapping[str, Sequence[RankedSeries]], kind: Symptom) -> Iterator[RankedSeries]:
    return (one for all_ in by_service.values() for one in all_ if classify_metric(one.name) == kind)


class _Flow:
    """One kind of symptom as it runs from dependencies to the alerting service.

    `signs` is the series of each service that shows it, `paths` how each service is reached through others that show
    it, or of which nothing is known.
    """

    def __init__(
        self, by_service: Mapping[str, Sequence[RankedSeries]], alerting: str, measure: str, graph: Graph
    ) -> None:
        self._graph, self._alerting = graph, alerting
        measured = {name: [one for one in all_ if _measure(one) == measure] for name, all_ in by_service.items()}
        self.signs = {
            name: max(bad, key=lambda one: one.score)
            for name, all_ in measured.items()
            if (bad := [one for one in all_ if one.score >= 1 and worsens(one.name, one.direction)])
        }
        # A caller's percentile is that of its slowest dependency, however few of its calls go there.
        are_summed = not _PERCENTILE.search(measure)
        counted = {name: _calls(all_) for name, all_ in by_service.items() if are_summed}
        self._calls = {name: calls for name, calls in counted.items() if calls is not None}
        self._blind = {name for name in graph if not measured.get(name)}
        self.paths, self._certain = self._reached({alerting, *self.signs, *self._blind})
        self._most = max((self._amount(name) for name in self.signs if name in self.paths), default=0.0)

    def begins_at(self, service: str) -> float:
        """Return the share of the largest trouble that a service has and that its dependencies do not explain."""
        if service not in self.signs or service not in self.paths:
            return 0.0
        share = self._amount(service) / self._most if self._most else 0.0
        return share * self._certain[service] * (1 - self.explained(service))

    def explained(self, service: str) -> float:
        """Return the share of a service's trouble that its dependencies have too."""
        if service not in self.signs:
            return 0.0
        passed = sum(self._amount(name) * _certainty(self.signs[name].score) for name in self._below(service))
        own = self._amount(service)
        return min(1.0, passed / own) if own else float(passed > 0)

    def _below(self, service: str) -> set[str]:
        """Return the nearest dependencies that show the symptom, through those of which nothing is known."""
        seen, open_ = {service}, [service]
        while open_:
            new = set(self._graph.get(open_.pop(), ())) - seen
            seen |= new
            open_ += sorted(new & self._blind)
        return (seen - {service}) & self.signs.keys()

    def _amount(self, service: str) -> float:
        """Return how many calls are lost or how long they wait in all, so that rare calls weigh little.

        Where its calls are not counted a service is called as often as its caller, and costs it no more than it lost.
        """
        shift = abs(self.signs[service].shift)
        if service in self._calls:
            return shift * self._calls[service]
        above = self.paths.get(service, ())[-2::-1]
        as_often = next((self._calls[name] for name in above if name in self._calls), 1.0)
        lost = next((self._amount(name) for name in above if name in self.signs), inf)
        return min(shift * as_often, lost)

    def _reached(self, passable: set[str]) -> tuple[dict[str, tuple[str, ...]], dict[str, float]]:
        """Return for each service the path whose weakest part is the strongest, and how strong that is."""
        paths: dict[str, tuple[str, ...]] = {self._alerting: (self._alerting,)}
        certain = {self._alerting: 1.0}
        open_ = [self._alerting]
        while open_:
            here = max(open_, key=lambda name: certain[name])
            open_.remove(here)
            for name in self._graph.get(here, ()) if here in passable else ():
                strength = min(certain[here], _certainty(self.signs[name].score) if name in self.signs else 1.0)
                if name not in paths:
                    paths[name], certain[name] = (*paths[here], name), strength
                    open_.append(name)
        return paths, certain


def _measure(one: RankedSeries) -> str:
    """Return what a series measures, whatever the service."""
    return one.name.replace(one.service, "") if one.service else one.name


def _calls(all_: Sequence[RankedSeries]) -> float | None:
    return max((one.after for one in all_ if classify_metric(one.name) == "traffic"), default=None)


def _is_used_up(one: RankedSeries) -> bool:
    return classify_metric(one.name) == "saturation" and worsens(one.name, one.direction)


def _most_local(all_: Sequence[RankedSeries]) -> RankedSeries:
    return max(all_, key=_local)


def _local(one: RankedSeries) -> float:
    """Return 0 to 1: how surely a series shows a cause in its own service; symptoms reach those that call it too."""
    spreads = classify_metric(one.name) in _SYMPTOMS
    return round(_weight(one) * (_SPREADS if spreads else 1.0) * log1p(one.score) / log1p(_CLEAR), 4)


def _weight(one: RankedSeries) -> float:
    return 1.0 if worsens(one.name, one.direction) else _RELIEVED


def _shown_by(all_: Sequence[RankedSeries]) -> RankedSeries:
    return max(all_, key=lambda one: _weight(one) * one.score)


def _oddest(all_: Sequence[RankedSeries]) -> float:
    return max(_weight(one) * one.score for one in all_)


def _certainty(score: float) -> float:
    """Return 0 to 1; a half where a series begins to count as odd."""
    return score / (score + ODD)
