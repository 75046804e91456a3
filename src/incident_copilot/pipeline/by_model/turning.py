"""One step of an investigation: a question to the specialist at work, and either looks or an opinion.

Bounded by steps, tokens, money and time; a step that is lost because its process died is done once more, and no other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from incident_copilot.analysis.trust import UNKNOWN, Trust
from incident_copilot.domain import advice
from incident_copilot.domain.evidence import Evidence
from incident_copilot.domain.hypothesis import Hypothesis, Verdict
from incident_copilot.domain.investigation import Budget, Investigation, InvestigationState, Look, Spent
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.domain.outgoing import Outgoing
from incident_copilot.domain.prompt import Prompt
from incident_copilot.errors import ModelUnavailable
from incident_copilot.pipeline.by_model.answering import answer_of, tools_for
from incident_copilot.pipeline.by_model.checking import check
from incident_copilot.pipeline.by_model.choosing import choose
from incident_copilot.pipeline.by_model.material import MOST_LABELS, Material, Seen, by_label, facts, labels_for
from incident_copilot.pipeline.by_model.phase_specialists import BY_NAME
from incident_copilot.pipeline.by_model.sparing import as_seen
from incident_copilot.pipeline.by_model.specialists import Specialist, SpecialistAnswer
from incident_copilot.pipeline.by_model.tools import look
from incident_copilot.pipeline.by_model.weighing import is_separated, result_of
from incident_copilot.pipeline.investigate import NOTHING_LEARNED
from incident_copilot.ports import LLM, Answered, ToolRequest, Wanted

PER_SPECIALIST, LEAST_STEPS = 4, 2  # steps, the last of which is the answer
AT_ONCE = 3  # looks in one step
IDLE = 2  # steps in a row that bring nothing
UNUSABLE = 2  # specialists without a usable answer
HYPOTHESES = 6
ASKED_BEFORE = Seen("You have asked for this already.", is_there=False)
NO_ANSWER = "no usable answer: {}"
UNLISTED = Hypothesis(cause="a cause that is not listed", kind="unlisted", verdict=Verdict.POSSIBLE, confidence=0.1)


@dataclass(frozen=True)
class Turned:
    """An investigation after a step, the call that it took, and the evidence that it found."""

    held: Investigation
    call: ModelCall
    found: tuple[Evidence, ...] = ()


def begin(
    material: Material,
    hypotheses: Sequence[Hypothesis],
    steps: dict[str, str],
    *,
    investigation_id: str,
    now: datetime,
    trust: Mapping[str, Trust] = NOTHING_LEARNED,
) -> Investigation:
    """Return an investigation with its plan, fixed now; at least two hypotheses compete in it."""
    competing = tuple(hypotheses[:HYPOTHESES])
    competing = competing if len(competing) > 1 else (*competing, UNLISTED)
    plan = choose(material, competing, trust)
    records = {name: trust.get(advice.specialist(name), UNKNOWN).why for name in plan}
    return Investigation(
        id=investigation_id,
        workspace_id=material.incident.workspace_id,
        incident_id=material.incident.id,
        began_at=now,
        plan=plan,
        records={name: why for name, why in records.items() if why},
        hypotheses=competing,
        labels={label: item.id for label, item in material.evidence.items()},
        steps=steps,
    )


async def turn(
    llm: LLM, held: Investigation, material: Material, leaving: Outgoing, budget: Budget, deadline: timedelta
) -> Turned:
    """Do one step, with what leaves of what is `asked`. Where the server fails it ends with what it has."""
    specialist = BY_NAME[held.plan[held.place]]
    mine = held.looks_of(specialist.name)
    # Who must answer now is given no tools, so that the last step of a budget is an opinion and no question.
    tools = [] if _is_last(held, mine, budget) else tools_for(specialist, material)
    done = [_request(one) for one in mine]
    try:
        answer = answer_of(specialist, held, as_seen(material, held, leaving.left_out))
        said = await llm.step(specialist.prompt, leaving, done, tools, answer, deadline=deadline)
    except ModelUnavailable as error:
        held = held.model_copy(update={"spent": held.spent.plus(error.call)})
        if error.is_servers:
            return Turned(ended(held, NO_ANSWER.format(error)), error.call)
        return Turned(_weighed(_unanswered(held, str(error), could_look=bool(tools)), budget), error.call)
    held = held.model_copy(update={"spent": held.spent.plus(said.call), **_lacked(held, said.call)})
    if isinstance(said, Wanted):
        held, found = await _looked(held, said.requests[:AT_ONCE], material, specialist)
    else:
        held, found = _heard(held, said, as_seen(material, held, said.left_out), specialist), ()
    return Turned(_weighed(held, budget), said.call, found)


def _lacked(held: Investigation, call: ModelCall) -> dict[str, dict[str, str]]:
    return {"lacked": {**held.lacked, held.plan[held.place]: call.lacked}} if call.lacked else {}


def asked(held: Investigation, material: Material) -> tuple[Prompt, str, list[str]]:
    """Return what the next step tells a model: the prompt, the facts, and what tools have shown."""
    specialist = BY_NAME[held.plan[held.place]]
    return specialist.prompt, facts(held, material), [one.result for one in held.looks_of(specialist.name)]


def ended(held: Investigation, why: str) -> Investigation:
    """Return an investigation that is over, with what it has come to so far."""
    return held.model_copy(update={"state": InvestigationState.ENDED, "why": why, "result": result_of(held)})


def _is_last(held: Investigation, mine: Sequence[Look], budget: Budget) -> bool:
    steps = {one.request_id.partition(":")[0] for one in mine}
    after_this = held.spent.model_copy(update={"steps": held.spent.steps + 1})
    # Whoever comes after it is to have a look and an answer too.
    others = LEAST_STEPS * (len(held.plan) - held.place - 1)
    leaves_too_little = bool(steps) and budget.steps - after_this.steps < 1 + others
    # Who has looked in vain, as small models do that ask for the same again, has seen what there is to see.
    has_seen_enough = len(steps) >= PER_SPECIALIST - 1 or held.idle > 0
    return has_seen_enough or leaves_too_little or budget.used_up(after_this, "") is not None


async def _looked(
    held: Investigation, requests: Sequence[ToolRequest], material: Material, specialist: Specialist
) -> tuple[Investigation, tuple[Evidence, ...]]:
    looks: list[Look] = []
    found: list[Evidence] = []
    for request in requests:
        asked_before = any(_same(one, request) for one in (*held.looks_of(specialist.name), *looks))
        seen = ASKED_BEFORE if asked_before else await look(request, material, specialist)
        found += seen.found
        labels = labels_for(found, held.labels, MOST_LABELS)
        shown = by_label(labels, seen.found)
        material = replace(material, evidence={**material.evidence, **shown})
        looks.append(_look(request, seen, shown, specialist, held))
    idle = 0 if any(one.is_new for one in looks) else held.idle + 1
    labels = labels_for(found, held.labels, MOST_LABELS)
    return held.model_copy(update={"looks": (*held.looks, *looks), "idle": idle, "labels": labels}), tuple(found)


def _look(
    request: ToolRequest, seen: Seen, found: Mapping[str, Evidence], specialist: Specialist, held: Investigation
) -> Look:
    label_of = {item.id: label for label, item in found.items()}
    return Look(
        specialist=specialist.name,
        request_id=f"{held.spent.steps}:{request.id}"[:100],
        tool=request.name,
        arguments=request.arguments,
        result=_with_labels(seen.text, found),
        cited=(*seen.cited, *found),
        is_new=seen.is_there,
        parts={label_of.get(one, one): text for one, text in seen.parts.items()},
    )


def _heard(
    held: Investigation, said: Answered[SpecialistAnswer], material: Material, specialist: Specialist
) -> Investigation:
    opinion, added = check(said.answer, specialist, held, material)
    more = (*held.hypotheses, added) if added else held.hypotheses
    return held.model_copy(
        update={"opinions": (*held.opinions, opinion), "hypotheses": more, "place": held.place + 1, "idle": 0}
    )


def _unanswered(held: Investigation, reason: str, *, could_look: bool) -> Investigation:
    """Who has no use of tools is to answer without; who cannot do that either makes way for the next."""
    if could_look:
        return held.model_copy(update={"idle": held.idle + 1})
    unusable = {**held.unusable, held.plan[held.place]: reason}
    return held.model_copy(update={"unusable": unusable, "place": held.place + 1, "idle": 0})


def _weighed(held: Investigation, budget: Budget) -> Investigation:
    why = _why_over(held, budget)
    return ended(held, why) if why else held


def _why_over(held: Investigation, budget: Budget) -> str | None:
    if held.opinions and held.idle == 0 and is_separated(held):
        return "the evidence separates the causes"
    if len(held.unusable) >= min(UNUSABLE, len(held.plan)):
        return NO_ANSWER.format([*held.unusable.values()][-1])
    if held.place >= len(held.plan):
        return "everybody was asked"
    if held.idle >= IDLE:
        return "it made no progress"
    return budget.used_up(held.spent, "for this incident")


def _request(one: Look) -> ToolRequest:
    return ToolRequest(id=one.request_id, name=one.tool, arguments=one.arguments)


def _same(one: Look, request: ToolRequest) -> bool:
    return (one.tool, one.arguments) == (request.name, request.arguments)


def _with_labels(text: str, labels: Iterable[str]) -> str:
    named = ", ".join(labels)
    return f"{text}\nIt is evidence {named} now." if named else text


def left_of(budget: Budget, spent: Spent, by_this_one: Spent) -> Budget:
    """Return the budget of an incident for one investigation: without what was spent on the incident otherwise."""
    return Budget(
        steps=budget.steps - spent.steps + by_this_one.steps,
        tokens=budget.tokens - spent.tokens + by_this_one.tokens,
        usd=budget.usd - spent.usd + by_this_one.usd,
        seconds=budget.seconds - spent.seconds + by_this_one.seconds,
    )
