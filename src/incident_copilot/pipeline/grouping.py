"""Hold alerts back until there are as many of their group as the operators' rule asks for."""

from typing import NamedTuple

from incident_copilot.pipeline.placing import Placing
from incident_copilot.pipeline.triage import correlation_key
from incident_copilot.store.alerts import StoredAlert


class Threshold(NamedTuple):
    """How far a group is from the number that opens an incident; `others` have waited so far."""

    group: str
    others: list[StoredAlert]
    after: int
    within_min: int

    @property
    def is_reached(self) -> bool:
        """Whether the alert that came now is enough."""
        return len(self.others) + 1 >= self.after

    @property
    def text(self) -> str:
        """Why those that waited joined."""
        return f"{len(self.others) + 1} alerts within {self.within_min} minutes; it waited for {self.after}"


async def threshold(placing: Placing, stored: StoredAlert) -> Threshold | None:
    """Return the threshold that an alert must reach before it opens an incident; None where no rule sets one."""
    alert = stored.alert
    rule = placing.deps.catalog.correlation.rule(alert)
    if rule is None or rule.after == 1:
        return None
    # Without labels to group by a rule sets a threshold for each service by itself.
    group = rule.key(alert) if rule.group_by else f"{rule.key(alert)}|{correlation_key(alert)}"[:250]
    waited = await placing.held(group, placing.deps.now() - rule.within, rule.after)
    others = [one for one in waited if one.alert.fingerprint != alert.fingerprint]
    return Threshold(group, others, rule.after, rule.within_min)
