"""Whether what people made of proposals is enough to go further for a service, or speaks for going less far."""

from incident_copilot.analysis.beta import interval
from incident_copilot.domain.acceptance import Acceptance
from incident_copilot.domain.automation import AutomationPolicy

SURE = 0.9
"""The true share is below the lower end of the interval one time in twenty."""
MOST_LOOKED_AT = 200


def surely(accepted: int, decided: int) -> float:
    """Return the share that is surely accepted: the lower end of the interval, nothing being known before."""
    return interval(accepted + 1, decided - accepted + 1, SURE)[0]


def missing(found: Acceptance, rule: AutomationPolicy) -> str:
    """Return in words what is missing to go further; empty where nothing is."""
    parts = []
    if found.decided < rule.decisions:
        parts.append(f"{_decisions(found.decided)} in {rule.days} days, and it takes {rule.decisions}")
    if found.decided and (share := surely(found.accepted, found.decided)) < rule.accepted:
        parts.append(
            f"{found.accepted} of {found.decided} accepted is surely {share:.0%} and no more, "
            f"and it takes {rule.accepted:.0%}{_more(found, rule)}"
        )
    return "; ".join(parts)


def falls_short(found: Acceptance, rule: AutomationPolicy) -> bool:
    """Whether of enough decisions fewer were accepted than the rule takes: then it should go less far."""
    return found.decided >= max(1, rule.decisions) and found.accepted / found.decided < rule.accepted


def _decisions(number: int) -> str:
    return f"{number} decision{'' if number == 1 else 's'}"


def _more(found: Acceptance, rule: AutomationPolicy) -> str:
    """Say how many more that are accepted would do, where that is within sight."""
    would = (
        more
        for more in range(1, MOST_LOOKED_AT)
        if surely(found.accepted + more, found.decided + more) >= rule.accepted
    )
    more = next(would, None)
    return f" ({more} more that are accepted would do)" if more else ""
