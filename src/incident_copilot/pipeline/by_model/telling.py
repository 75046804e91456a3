"""What people are told of an investigation: its plan while it runs, then in one line what it would change."""

from incident_copilot.domain.investigation import Budget, Investigation, Look
from incident_copilot.llm.unwanted import as_shown

MOST_ASKED = 100
STANDS = "The computed brief stands."


def plan(held: Investigation, budget: Budget) -> str:
    """Return what it is about to do and how far it is."""
    names = ", then ".join(held.plan)
    at_work = held.plan[min(held.place, len(held.plan) - 1)]
    done = f"{held.spent.steps} of at most {budget.steps} steps done"
    return f"The model tests the causes, read-only: {names}. At work: {at_work}; {done}."


def outcome(held: Investigation) -> str:
    """Return in one line what it would change, or why it changes nothing."""
    result, by_label = held.result, held.by_label
    if not held.opinions or result is None:
        if held.stopped_by:
            return f"The model was stopped before it had an answer. {STANDS}"
        return f"The model did not help: {held.why}. {STANDS}"
    first = by_label[result.order[0]].cause
    rests_on = f": evidence {', '.join(result.evidence)}" if result.evidence else ""
    if result.above:
        return f'The model puts "{first}" first, above "{by_label[result.above].cause}"{rests_on}.'
    if not result.evidence:
        return f"The model looked and cites nothing that changes the order. {STANDS}"
    return f'The model puts "{first}" first too{rests_on}.'


def looked(look: Look) -> str:
    """Return one use of a tool in words, and whether it was in vain; what the model asked is its own."""
    asked = ", ".join(as_shown(str(value), MOST_ASKED) for value in look.arguments.values())
    in_vain = "" if look.is_new else " (nothing new)"
    return f"{look.specialist}: {look.tool.replace('_', ' ')} {asked}".strip() + in_vain


def spent(held: Investigation) -> str:
    """Return what it took."""
    took = held.spent
    money = f", ${took.usd:.2f}" if took.usd else ""
    told = f"{took.steps} steps, {took.tokens:,} tokens{money}, {took.seconds:.0f} s. It ended because {held.why}."
    without = [f"Without the tools of {name}: {why}." for name, why in held.missing.items()]
    unusable = [f"No usable answer of {name}: {why}." for name, why in held.unusable.items()]
    lacked = [f"The model had no room for all that {name} is given: {what}." for name, what in held.lacked.items()]
    return " ".join([told, *without, *unusable, *lacked])
