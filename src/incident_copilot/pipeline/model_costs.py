"""What the language model cost: by day, purpose and model, against the budget."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from incident_copilot.domain.investigation import Budget, Spent
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.pipeline import model_use
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import model_calls


async def note(deps: Deps, calls: Sequence[ModelCall]) -> None:
    """Keep calls that were made for no incident."""
    async with deps.db.transaction() as tx:
        for call in calls:
            await model_use.note_call(tx, deps, None, call.prompt, call)


async def costs(deps: Deps, days: int) -> list[str]:
    """Return the calls of the last so many times 24 hours, and last what of a day's budget is spent, line by line."""
    now = deps.now()
    async with deps.db.read() as db:
        made = await model_calls.made_since(db, deps.workspace_id, now - timedelta(days=days))
        spent = await model_calls.spent(db, deps.workspace_id, since=now - timedelta(days=1))
        by_incident = await model_calls.spent_by_incident(db, deps.workspace_id, now - timedelta(days=days))
    if not made:
        return [f"The model was asked nothing in the last {_days(days)}."]
    by: dict[tuple[date, str, str], list[ModelCall]] = defaultdict(list)
    for at, purpose, call in made:
        by[at.date(), purpose, call.model].append(call)
    lines = [f"{day}, {purpose}, {model}: {_summed(calls)}" for (day, purpose, model), calls in sorted(by.items())]
    return [
        *lines,
        f"Together in {_days(days)}: {_summed([call for *_, call in made])}",
        *_of_incidents(by_incident, deps.policy.model_budget),
        _against(deps.policy.model_budget_a_day, spent),
    ]


def money(usd: float) -> str:
    """Return dollars as people read them; a call costs far less than a cent."""
    return f"${usd:.2f}" if usd >= 0.1 or not usd else f"${usd:.2g}"


def _summed(calls: Sequence[ModelCall]) -> str:
    answered = sum(call.outcome == "answered" for call in calls)
    read, written = sum(call.input_tokens for call in calls), sum(call.output_tokens for call in calls)
    told = f"{len(calls)} call{'s' if len(calls) > 1 else ''}, {answered} answered"
    return f"{told}, {read:,} tokens read, {written:,} written, {_cost(calls)}"


def _cost(calls: Iterable[ModelCall]) -> str:
    """A call whose price is unknown is not one for nothing."""
    prices = [call.cost_usd for call in calls]
    known = [usd for usd in prices if usd is not None]
    without = len(prices) - len(known)
    if not known:
        return "cost unknown, the model has no price"
    return f"{money(sum(known))}, {without} without a price" if without else money(sum(known))


def _of_incidents(spent: Mapping[int, Spent], budget: Budget) -> Iterator[str]:
    """How near incidents come to what one may cost; the dearest is that with the most tokens, of whatever price."""
    if spent:
        number, most = max(spent.items(), key=lambda item: item[1].tokens)
        mean = money(sum(one.usd for one in spent.values()) / len(spent))
        used = f"{money(most.usd)} of {money(budget.usd)}, {most.tokens:,} of {budget.tokens:,} tokens"
        yield f"By incident: {len(spent)}, {mean} in the mean; the dearest is INC-{number}: {used}, {most.steps} calls"


def _against(budget: Budget, spent: Spent) -> str:
    return f"Last 24 hours: {money(spent.usd)} of {money(budget.usd)}, {spent.tokens:,} of {budget.tokens:,} tokens"


def _days(days: int) -> str:
    return "24 hours" if days == 1 else f"{days} days"
