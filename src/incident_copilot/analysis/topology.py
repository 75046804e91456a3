"""Distances and paths between services over a `depends_on` mapping."""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Graph = Mapping[str, Sequence[str]]
RelationKind = Literal["same", "depends_on", "needed_by", "shares"]


@dataclass(frozen=True)
class Relation:
    """How service `a` relates to service `b`; `path` runs from `a` to `b`, both included."""

    kind: RelationKind
    distance: int
    path: tuple[str, ...]
    text: str


def distance(graph: Graph, frm: str, to: str) -> int | None:
    """Return how many dependencies lie between `frm` and `to`; None when `frm` does not depend on `to`."""
    return upstream_of(graph, frm, itself=True).get(to)


def upstream_of(graph: Graph, service: str, *, itself: bool = False) -> dict[str, int]:
    """Return everything `service` depends on, directly or not, with its distance; nearest first."""
    found = {service: 0}
    queue = deque([service])
    while queue:
        here = queue.popleft()
        for dependency in graph.get(here, ()):
            if dependency not in found:
                found[dependency] = found[here] + 1
                queue.append(dependency)
    if not itself:
        del found[service]
    return found


def turned(graph: Graph) -> dict[str, tuple[str, ...]]:
    """Return the same graph the other way round: who depends on each service."""
    callers: dict[str, tuple[str, ...]] = {}
    for caller, needs in graph.items():
        for need in needs:
            callers[need] = (*callers.get(need, ()), caller)
    return callers


def related(graph: Graph, a: str, b: str) -> Relation | None:
    """Return the closest relation of `a` and `b`, or None; a shared dependency counts only when direct for both."""
    if a == b:
        return Relation("same", 0, (a,), f"it is {a} itself")
    down, up = path(graph, a, b), path(graph, b, a)
    if down and (not up or len(down) <= len(up)):
        return Relation("depends_on", len(down) - 1, down, _dependency_text(down))
    if up:
        return Relation("needed_by", len(up) - 1, tuple(reversed(up)), _dependency_text(up))
    shared = sorted(set(graph.get(a, ())) & set(graph.get(b, ())))
    if shared:
        return Relation("shares", 2, (a, shared[0], b), f"{a} and {b} both depend on {shared[0]}")
    return None


def path(graph: Graph, frm: str, to: str) -> tuple[str, ...]:
    """Return the shortest chain of dependencies from `frm` to `to`, both included; empty when there is none."""
    reached_by: dict[str, str | None] = {frm: None}
    queue = deque([frm])
    while queue and to not in reached_by:
        here = queue.popleft()
        for dependency in graph.get(here, ()):
            if dependency not in reached_by:
                reached_by[dependency] = here
                queue.append(dependency)
    chain: list[str] = []
    step: str | None = to if to in reached_by else None
    while step is not None:
        chain.append(step)
        step = reached_by[step]
    return tuple(reversed(chain))


def common_source(graph: Graph, services: Collection[str]) -> tuple[str, list[str]] | None:
    """Return the service in trouble that explains most others, and those that depend on it; None where none does.

    Of two it is the one that is further upstream.
    """
    rests_on = {service: upstream_of(graph, service) for service in services}
    explained = {one: sorted(other for other in services if one in rests_on[other]) for one in sorted(services)}
    best = max(explained, key=lambda one: (len(explained[one]), -len(rests_on[one])), default=None)
    return (best, explained[best]) if best is not None and explained[best] else None


def _dependency_text(chain: tuple[str, ...]) -> str:
    via = f" through {', '.join(chain[1:-1])}" if len(chain) > 2 else ""
    return f"{chain[0]} depends on {chain[-1]}{via}"
