"""What all opinions come to: the hypotheses in the model's order, beside the computed one."""

from incident_copilot.domain.investigation import Investigation, Judgement, Result, label

APART = 0.25
"""By how much the first must lead the second before evidence separates them."""
MOST_CITED = 6


def result_of(held: Investigation) -> Result:
    """Return the order that the opinions come to.

    It is the computed one unless evidence speaks for another first one, and some that was looked at against the
    computed first: a small model that says little of the first and cites much for the second knows nothing new.
    """
    sure = confidences(held)
    order = sorted(sure, key=lambda one: (-sure[one], int(one[1:])))
    first, computed = order[0], label(0)
    evidence = _cited(held, first)
    if first != computed and not (evidence and _is_spoken_against(held, computed)):
        order = list(sure)
        first = computed
    return Result(
        order=tuple(order),
        confidence=sure,
        above=computed if first != computed else None,
        evidence=evidence if first == order[0] else (),
        next_step=next((one.next_step for one in reversed(held.opinions) if one.next_step), None),
    )


def confidences(held: Investigation) -> dict[str, float]:
    """Return how sure each hypothesis is: the mean of the opinions on it, or as it was computed."""
    found = {}
    for name, hypothesis in held.by_label.items():
        judged = [one.confidence for one in _judgements(held, name)]
        found[name] = round(sum(judged) / len(judged), 2) if judged else hypothesis.confidence
    return found


def is_separated(held: Investigation) -> bool:
    """Whether evidence separates the likeliest two: it speaks for the first, and against the second or far less for it.

    Until then at least two hypotheses are kept, whatever an opinion says.
    """
    sure = confidences(held)
    first, second = sorted(sure, key=lambda one: -sure[one])[:2]
    looked = held.looked_at()
    was_tested = any(looked & {*one.evidence} for one in _judgements(held, first))
    return was_tested and sure[first] - sure[second] >= APART


def _judgements(held: Investigation, name: str) -> list[Judgement]:
    return [one for opinion in held.opinions for one in opinion.judgements if one.hypothesis == name]


def _is_spoken_against(held: Investigation, name: str) -> bool:
    return any(held.looked_at().intersection(one.against) for one in _judgements(held, name))


def _cited(held: Investigation, name: str) -> tuple[str, ...]:
    cited = (one for judgement in _judgements(held, name) for one in judgement.evidence)
    return tuple(dict.fromkeys(cited))[:MOST_CITED]
