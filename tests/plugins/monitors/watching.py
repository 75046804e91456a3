"""Windows of an AI system, written by the figure: what was, and what is."""

from datetime import UTC, datetime, timedelta

from incident_copilot.domain.observation import Figure, Observed
from incident_copilot.plugins import discover
from incident_copilot.plugins.discovery import MONITORS
from incident_copilot.ports import Watched

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def figure(metric, group="", **fields):
    return Figure(metric=metric, group=group, **fields)


def seen(at, *figures, **labels):
    return [Observed(at=at, figure=one, labels=labels) for one in figures]


def watched(before=(), now=(), *, at=NOW, began=NOW - DAY):
    """Figures of the day before the window, and of its last half hour; what has a time of its own keeps it."""
    return Watched("bot", at, _timed(before, began - DAY), _timed(now, at - HOUR / 2), began=began)


def _timed(told, at):
    return [one if isinstance(one, Observed) else Observed(at=at, figure=one) for one in told]


def looked(monitor, window, **options):
    """What a monitor says, by metric and group."""
    module = discover(MONITORS)[monitor]
    found = module.create(module.Options.model_validate(options)).look(window)
    return {(one.metric, one.group) if one.group else one.metric: one for one in found}


def told(verdict):
    return verdict.outcome.value, verdict.severity, verdict.summary
