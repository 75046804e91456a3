"""The most that a model can change in the order of causes, for better and for worse: `python -m evals.ceiling`.

Two scripted models go through the product's own coordinator over the cases of `evals.llm`. One knows the answer: where
the computed one fails it puts the right cause first. The other misleads: where the computed one passes it puts another
first. Both look at what serves them and cite all that may count; what the checks leave of it is printed. No model runs.
"""

import argparse
import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast, get_args

from evals.llm import Case, ai_cases, database_cases, kind_cases, looked_into, material_of, reordered
from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.hypothesis import Hypothesis, Verdict
from incident_copilot.domain.investigation import PER_INCIDENT, Investigation, label
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.pipeline.by_model.specialists import CauseKind
from incident_copilot.pipeline.by_model.support import CLASSES, is_about
from incident_copilot.pipeline.by_model.turning import HYPOTHESES
from incident_copilot.ports import LLM, Answered, Tool, ToolRequest, Wanted

CALL = ModelCall(model="scripted", outcome="answered", latency_ms=0)
NOT_WAITED_FOR = timedelta(seconds=1)
MOST_CITED = 8


@dataclass(frozen=True)
class Wish:
    """Which cause a model wants first: one of the hypotheses, by label, or another, by kind and service."""

    listed: str = ""
    kind: str = ""
    service: str = ""

    @property
    def name(self) -> str:
        """As it is printed."""
        return self.listed or f"{self.kind} of {self.service}"


class Wishful:
    """A model that wants one cause first: it looks at what is about it, then at the rest, and is certain."""

    def __init__(self, wish: Wish, case: Case) -> None:
        self._wish = wish
        material = material_of(case)
        causes = {label(place): one for place, one in enumerate(case.brief.hypotheses)}
        wanted = causes.get(wish.listed) or _as_cause(wish)
        counts = {one: item for one, item in material.evidence.items() if item.kind in CLASSES}
        self._for = [one for one, item in counts.items() if is_about(item, wanted, material)]
        self._against = [one for one in counts if one not in self._for] or self._for[:1]
        changes = [counts[one] for one in self._for if counts[one].kind is EvidenceKind.CHANGE]
        self._sought = {*self._for[:3], *self._against[:2], *(item.data["service"] for item in changes)}

    def room(self, _: Any) -> None:
        """No question was too long."""

    async def step(
        self, _prompt: Any, _leaving: Any, done: Sequence[ToolRequest], tools: Sequence[Tool], form: Any, **_: Any
    ) -> Answered[Any] | Wanted:
        """Look as long as there is something new to look at and tools are offered, then answer."""
        asked = [(one.name, one.arguments) for one in done]
        new = [one for one in self._looks(tools) if one not in asked]
        if new:
            requests = (ToolRequest(id=str(place), name=name, arguments=what) for place, (name, what) in enumerate(new))
            return Wanted(tuple(requests), CALL)
        return Answered(form.model_validate(self._answer(form.model_json_schema())), CALL)

    def _looks(self, tools: Sequence[Tool]) -> list[tuple[str, Any]]:
        looks = [
            (
                tool.name,
                tool.parameters.model_validate(one).model_dump(mode="json"),
                self._sought.isdisjoint(one.values()),
            )
            for tool, one in _all(tools)
        ]
        return [(name, what) for name, what, is_aside in sorted(looks, key=lambda look: look[2])]

    def _answer(self, form: dict[str, Any]) -> dict[str, Any]:
        there_are = form["$defs"]["Judged"]["properties"]["hypothesis"]["enum"]
        judged = [self._judged(one, is_wanted=one == self._wish.listed) for one in there_are][:8]
        typed = {name: one["enum"][0] for name, one in form["properties"].items() if "enum" in one}
        return {**typed, "judged": judged, "another": None if self._wish.listed else self._another(), "next_step": None}

    def _judged(self, hypothesis: str, *, is_wanted: bool) -> dict[str, Any]:
        of_it = {"evidence": self._for[:MOST_CITED], "against": []}
        otherwise = {"evidence": [], "against": self._against[:MOST_CITED]}
        return {
            "hypothesis": hypothesis,
            "confidence": float(is_wanted),
            "because": "",
            **(of_it if is_wanted else otherwise),
        }

    def _another(self) -> dict[str, Any]:
        cited = {"confidence": 1.0, "evidence": self._for[:MOST_CITED], "because": ""}
        return {"kind": self._wish.kind, "service": self._wish.service, **cited}


def _all(tools: Sequence[Tool]) -> Iterator[tuple[Tool, dict[str, str]]]:
    """Yield each look at one thing that exists: with the tools that take one, and nothing else."""
    for tool in tools:
        schema = tool.parameters.model_json_schema()
        match schema.get("required", []):
            case [name]:
                yield from ((tool, {name: value}) for value in schema["properties"][name].get("enum", ()))


def right_ones(case: Case) -> list[Wish]:
    """Return every cause that would pass in the first place: of the brief's, and of those that a model can add."""
    causes = case.brief.hypotheses
    wishes = [Wish(listed=label(place)) for place, one in enumerate(causes[:HYPOTHESES]) if _would_pass(case, one)]
    services = sorted({str(one.data.get("service")) for one in case.bundle.evidence})
    return [*wishes, *(one for one in _added(services) if _would_pass(case, _as_cause(one)))]


def wrong_ones(case: Case) -> list[Wish]:
    """Return the causes of the brief that are not its first, and those of the alerting service that would not pass."""
    listed = [Wish(listed=label(place)) for place in range(1, len(case.brief.hypotheses[:HYPOTHESES]))]
    added = _added([case.incident.service or ""])
    return [*listed, *(one for one in added if not _would_pass(case, _as_cause(one)))]


def _added(services: Sequence[str]) -> Iterator[Wish]:
    return (Wish(kind=kind, service=service) for kind in get_args(CauseKind) for service in services)


def _as_cause(wish: Wish) -> Hypothesis:
    return Hypothesis(cause=wish.name, kind=wish.kind, object=wish.service, verdict=Verdict.POSSIBLE, confidence=0.0)


def _would_pass(case: Case, first: Hypothesis) -> bool:
    rest = [one for one in case.brief.hypotheses if one is not first]
    return case.passes(case.brief.model_copy(update={"hypotheses": (first, *rest)}))


async def wished(wish: Wish, case: Case) -> Investigation:
    """Return what the coordinator makes of a model that has one wish."""
    return await looked_into(cast("LLM", Wishful(wish, case)), case, PER_INCIDENT, NOT_WAITED_FOR)


async def mended(case: Case) -> Wish | None:
    """Return the cause by which a model that knows makes a case pass; None where it cannot."""
    for wish in right_ones(case):
        if case.passes(reordered(case.brief, await wished(wish, case))):
            return wish
    return None


async def moved(case: Case) -> bool:
    """Return whether a model that misleads puts another cause first."""
    for wish in wrong_ones(case):
        result = (await wished(wish, case)).result
        if result is not None and result.above is not None:
            return True
    return False


async def tell(cases: Sequence[Case]) -> None:
    """Print both counts, and each case that a model that knows was to mend."""
    failed = [case for case in cases if not case.passes(case.brief)]
    passed = [case for case in cases if case.passes(case.brief)]
    by_case = {case.name: await mended(case) for case in failed}
    likely = [case for case in passed if case.brief.hypotheses[0].verdict is Verdict.LIKELY]
    misled = {case.name for case in passed if await moved(case)}
    print(f"cases: {len(cases)}; the computed answer passes {len(passed)}")
    print(f"a model that knows mends {sum(one is not None for one in by_case.values())} of {len(failed)}")
    for name, wish in by_case.items():
        print(f"  {name}: {wish.name if wish else 'not mended'}")
    print(f"a model that misleads puts another cause first in {len(misled)} of {len(passed)}")
    print(f"  where the first was likely: {sum(case.name in misled for case in likely)} of {len(likely)}")


def main(argv: Sequence[str] | None = None) -> int:
    """Print what is measured; without the shared data of the written cases alone."""
    argparse.ArgumentParser(prog="python -m evals.ceiling", description=__doc__).parse_args(argv)
    asyncio.run(tell([*database_cases(), *kind_cases(), *ai_cases()]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
