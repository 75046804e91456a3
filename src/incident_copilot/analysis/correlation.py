"""Says how surely an alert belongs to an incident: by services and their dependencies, time, place and words.

A fault shows first where it is and then in what depends on it. So an alert of a service that depends on one in trouble
counts more than one of a service that it depends on, and each hop counts less. A pod that does not start is a fault of
its own: two of these, of two services, are two incidents until something closer ties them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from incident_copilot.analysis.topology import Graph, path, upstream_of
from incident_copilot.analysis.words import telling

SURE, PLAUSIBLE = 0.45, 0.25
"""From which score an alert joins by itself, and from which people are told that it may belong there."""
SAME = 0.6
SYMPTOM = {1: 0.5, 2: 0.4, 3: 0.15}
CAUSE = {1: 0.45, 2: 0.15, 3: 0.1}
"""What a dependency counts by its hops: the alert's service depends on one in trouble, or one in trouble on it."""
HOPS = 3
MOMENTS_S = 30.0
"""How far apart a cause and its symptoms are heard of, in whatever order: by then every rule has been evaluated."""
AT_ONCE = 0.1
SAME_CLUSTER, SAME_NAMESPACE, OTHER_NAMESPACE = 0.05, 0.05, -0.1
ALIKE = 0.02
SAME_THING, SAME_THING_TOO = 0.2, 0.05
"""What a shared node, database or the like counts where nothing else ties the two, and where something does."""
TWO_FAULTS = -0.25
TOGETHER, APART = 0.35, -0.7
"""What people's word on two kinds of alert counts: the first helps what is near, the second outweighs all else."""

_OWN_FAULT = re.compile(
    r"crash ?loop|oom|(pod|container|deployment|replica|statefulset|daemonset|rollout)s?\b", re.IGNORECASE
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SUFFIX = re.compile(r"(service|svc)$")


@dataclass(frozen=True)
class Sign:
    """What an alert says that ties it to others; `at` is when it began.

    `kind` is its name and service. `together` and `apart` say with which other kinds people merged it, or from which
    they kept it apart, and when, in words.
    """

    service: str | None
    name: str
    at: float
    cluster: str | None = None
    namespace: str | None = None
    things: tuple[str, ...] = ()
    kind: str = ""
    together: Mapping[str, str] = field(default_factory=dict)
    apart: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Span:
    """What an incident has covered so far: when each service in trouble was last heard of anew, and where.

    `began` and `last` bound the time in which its alerts began. `faults` are services with a fault of their own,
    `things` what several services may share, such as `node n7`.
    """

    services: Mapping[str, float]
    began: float
    last: float
    faults: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    cluster: str | None = None
    namespaces: frozenset[str] = frozenset()
    things: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Factor:
    """One line of the score; `reason` is empty where people need not read it."""

    points: float
    reason: str = ""


@dataclass(frozen=True)
class Tie:
    """How surely an alert belongs to an incident, and why."""

    factors: tuple[Factor, ...]

    @property
    def score(self) -> float:
        """The sum of the factors; compare it with SURE and PLAUSIBLE."""
        return round(sum(factor.points for factor in self.factors), 3)

    @property
    def text(self) -> str:
        """The reasons in one line."""
        return ", ".join(factor.reason for factor in self.factors if factor.reason)


@dataclass(frozen=True)
class Link:
    """How a service is tied to another one, in points and words."""

    points: float
    text: str


class Neighbours:
    """Which services a catalogue ties to which; what was looked up once is kept."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._users = _reversed(graph)
        self._by_plain_name = {plain(name): name for name in sorted({*graph, *self._users}, reverse=True)}
        self._around: dict[str, dict[str, Link]] = {}
        self._rests_on: dict[str, frozenset[str]] = {}

    def named(self, service: str) -> str:
        """Return the catalogue's name for a service: `cart` for `cart-service` where it knows only that."""
        if service in self._graph or service in self._users:
            return service
        return self._by_plain_name.get(plain(service), service)

    def around(self, service: str) -> Mapping[str, Link]:
        """Return the services within three hops of one, itself not among them."""
        if service not in self._around:
            self._around[service] = self._look_around(service)
        return self._around[service]

    def rests_on(self, service: str) -> frozenset[str]:
        """Return the services on which one depends, directly or not: fewer than what depends on it rests on."""
        if service not in self._rests_on:
            self._rests_on[service] = frozenset(upstream_of(self._graph, service))
        return self._rests_on[service]

    def explains(self, cause: str, services: Mapping[str, float], at: float) -> bool:
        """Whether trouble of a service at a time explains others: they depend on it and were heard of just then."""
        return all(
            (one == cause or cause in self.rests_on(one)) and abs(at - heard) <= MOMENTS_S
            for one, heard in services.items()
        )

    def _look_around(self, service: str) -> dict[str, Link]:
        found: dict[str, Link] = {}
        for other, hops in upstream_of(self._graph, service).items():
            if hops <= HOPS:
                found[other] = Link(SYMPTOM[hops], _depends(path(self._graph, service, other)))
        for other, hops in upstream_of(self._users, service).items():
            if hops <= HOPS and (other not in found or found[other].points < CAUSE[hops]):
                found[other] = Link(CAUSE[hops], _depends(path(self._graph, other, service)))
        return found


def tie(sign: Sign, span: Span, neighbours: Neighbours, window_s: float) -> Tie | None:
    """Return how an alert is tied to an incident; None where place, time or services tell them apart."""
    apart = max(span.began - sign.at, sign.at - span.last, 0.0)
    if apart > window_s or (sign.cluster and span.cluster and sign.cluster != span.cluster):
        return None
    ties = list(_by_service(sign, span, neighbours))
    ties += _by_thing(sign, span, SAME_THING_TOO if ties else SAME_THING)
    people = by_people(sign, span.kinds)
    if not ties and not (people and people.points > 0):
        return None
    in_time = Factor(round(AT_ONCE * (1 - apart / window_s), 3))
    alike = Factor(round(ALIKE * likeness(sign.name, span.names), 3))
    said = [people] if people else []
    return Tie((*ties, *said, in_time, *_place(sign, span), *_two_faults(sign, span, neighbours), alike))


def by_people(sign: Sign, kinds: frozenset[str]) -> Factor | None:
    """Return what people's word on an alert's kind and those of an incident counts; None where it has this kind."""
    if sign.kind in kinds:
        return None
    for kind, when in sign.together.items():
        if kind in kinds:
            return Factor(TOGETHER, f"people merged it with {kind} on {when}")
    for kind, when in sign.apart.items():
        if kind in kinds:
            return Factor(APART, f"people kept it apart from {kind} on {when}")
    return None


@lru_cache(maxsize=4096)
def is_own_fault(name: str) -> bool:
    """Whether an alert of this name speaks of its service's own pods, and not of what others make it suffer."""
    return bool(_OWN_FAULT.search(_CAMEL.sub(" ", name)))


def likeness(name: str, others: Iterable[str]) -> float:
    """Return from 0 to 1 how many words a name shares with the one most like it."""
    words = _words(name)
    return max((len(words & told) / len(words | told) for told in map(_words, others) if words | told), default=0.0)


@lru_cache(maxsize=4096)
def plain(service: str) -> str:
    """Return a name without what teams write differently: case, separators and an ending like `-service`."""
    bare = re.sub(r"[^a-z0-9]", "", service.lower())
    return _SUFFIX.sub("", bare) or bare


@lru_cache(maxsize=4096)
def _words(name: str) -> frozenset[str]:
    return frozenset(telling(name))


def _by_service(sign: Sign, span: Span, neighbours: Neighbours) -> Iterable[Factor]:
    """Yield what ties the alert's service to one of the incident's: the strongest tie, of equals the latest."""
    if sign.service is None:
        return
    mine = neighbours.named(sign.service)
    if mine in span.services:
        yield Factor(SAME, f"same service {sign.service}")
        return
    around = neighbours.around(mine)
    near = [(around[service], at) for service, at in span.services.items() if service in around]
    if near:
        link, at = max(near, key=lambda one: (one[0].points, one[1], one[0].text))
        yield Factor(link.points, f"{link.text}, {abs(sign.at - at):.0f} s apart")


def _by_thing(sign: Sign, span: Span, points: float) -> Iterable[Factor]:
    shared = next((thing for thing in sign.things if thing in span.things), None)
    if shared:
        yield Factor(points, f"same {shared}")


def _two_faults(sign: Sign, span: Span, neighbours: Neighbours) -> Iterable[Factor]:
    if sign.service and span.faults and is_own_fault(sign.name) and neighbours.named(sign.service) not in span.faults:
        yield Factor(TWO_FAULTS, f"but each a fault of its own ({', '.join(sorted(span.faults)[:3])})")


def _place(sign: Sign, span: Span) -> Iterable[Factor]:
    if sign.cluster and span.cluster:
        yield Factor(SAME_CLUSTER, f"same cluster {sign.cluster}")
    if sign.namespace and span.namespaces:
        is_same = sign.namespace in span.namespaces
        said = f"{'same' if is_same else 'another'} namespace {sign.namespace}"
        yield Factor(SAME_NAMESPACE if is_same else OTHER_NAMESPACE, said)


def _reversed(graph: Graph) -> dict[str, list[str]]:
    users: dict[str, list[str]] = {}
    for service, dependencies in graph.items():
        for dependency in dependencies:
            users.setdefault(dependency, []).append(service)
    return users


def _depends(chain: tuple[str, ...]) -> str:
    via = f" through {', '.join(chain[1:-1])}" if len(chain) > 2 else ""
    return f"{chain[0]} depends on {chain[-1]}{via}"
