"""What the monitors say now of AI systems, as gates that pass or fail: for people, for CI, and for every report."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.finding import Finding
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.errors import UnknownThing
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import observations, verdicts

KNOWN_FOR = timedelta(days=30)
"""How long a system is one that tells nothing any more has been heard of."""
FRESH = timedelta(minutes=15)
WITHHELD = frozenset({AiIncident.BIAS, AiIncident.SECURITY, AiIncident.INJECTION})
"""What is told to its own audience alone, by its incident."""
_OF_PERFORMANCE = ("performance.", "provider.", "cost.")
_OF_SECURITY = frozenset({AiIncident.SECURITY, AiIncident.INJECTION})
_RANK = {Outcome.FIRING: 0, Outcome.WEAK: 1, Outcome.UNKNOWN: 2, Outcome.FINE: 3}
_SEVERITIES = ("critical", "warning", "info")


class Stage(StrEnum):
    """What a gate looks at."""

    STATUS = "status"
    VALIDATE = "validate"
    PERFORMANCE = "performance"
    SECURITY = "security"


class Gate(Frozen):
    """What one look came to; it passes unless something fires that is more than for information, or is missing."""

    stage: Stage
    at: Utc
    verdicts: tuple[Verdict, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def failing(self) -> tuple[Verdict, ...]:
        """What makes it fail."""
        return tuple(one for one in self.verdicts if one.outcome is Outcome.FIRING and one.severity != "info")

    @property
    def passes(self) -> bool:
        """Whether all is well enough to go on."""
        return not self.failing and not self.problems

    @property
    def summary(self) -> str:
        """It in one line."""
        known = sum(one.outcome is not Outcome.UNKNOWN for one in self.verdicts)
        systems = len({one.system for one in self.verdicts})
        looked_at = f"{known} of {len(self.verdicts)} metrics of {systems} systems could be judged"
        wrong = [f"{len(self.failing)} fire"] if self.failing else []
        wrong += [f"{len(self.problems)} cannot be told"] if self.problems else []
        return f"{self.stage}: {'passes' if self.passes else 'FAILS'}; {', '.join([looked_at, *wrong])}"


async def look(deps: Deps, stage: Stage = Stage.STATUS, system: str | None = None) -> Gate:
    """Return what was said last of one system, or of all; validation also asks that it was said just now.

    Raises:
        UnknownThing: nothing was ever heard of this system.
    """
    now = deps.now()
    async with deps.db.read() as view:
        systems = await observations.systems(view, deps.workspace_id, now - KNOWN_FOR)
        said = await verdicts.of(view, deps.workspace_id, system)
    known = sorted({*systems, *(one.system for one in said)})
    if system is not None and system not in known:
        raise UnknownThing(f"nothing is known of {system}; there are {', '.join(known) or 'no AI systems yet'}")
    about = [one for one in said if _belongs(one, stage)]
    wanted = [system] if system else known
    problems = _stale(wanted, said, now) if stage is Stage.VALIDATE else []
    return Gate(stage=stage, at=now, verdicts=tuple(sorted(about, key=_order)), problems=tuple(problems))


def for_everybody(gate: Gate) -> Gate:
    """Return a gate that says that something of fairness or security fires, and neither what nor about whom."""
    told = {"summary": "told to its own audience", "group": ""}
    hidden = [
        one.model_copy(update=told) if one.incident_type in WITHHELD and one.outcome is not Outcome.FINE else one
        for one in gate.verdicts
    ]
    return gate.model_copy(update={"verdicts": tuple(hidden)})


def findings(gate: Gate) -> list[Finding]:
    """Return each metric as a finding, what fires first; a weak signal or one for information is well."""
    failing = gate.failing
    missing = [Finding(problem.partition(" ")[0], False, problem.partition(" ")[2]) for problem in gate.problems]
    return missing + [Finding(_named(one), one not in failing, _said(one), _fix(one)) for one in gate.verdicts]


def lines(gate: Gate, most_fine: int = 0) -> list[str]:
    """Return the gate for a terminal: what is wrong, then how many are well, or up to so many of these."""
    fine = [one for one in gate.verdicts if one.outcome is Outcome.FINE]
    rest = [one for one in gate.verdicts if one.outcome is not Outcome.FINE]
    shown = [*rest, *fine[:most_fine]]
    told = [f"  {one.outcome.value:<8} {_named(one)}: {_said(one)}" for one in shown]
    left_out = len(fine) - min(most_fine, len(fine))
    more = [f"  {left_out} more are fine"] if left_out else []
    return [gate.summary, *(f"  missing  {problem}" for problem in gate.problems), *told, *more]


def _belongs(one: Verdict, stage: Stage) -> bool:
    if stage is Stage.PERFORMANCE:
        return one.metric.startswith(_OF_PERFORMANCE)
    return stage is not Stage.SECURITY or one.incident_type in _OF_SECURITY or one.metric.startswith("safety.")


def _stale(wanted: Sequence[str], said: Sequence[Verdict], now: Utc) -> list[str]:
    """Name the systems of which the monitors have said nothing lately."""
    newest = {name: max((one.at for one in said if one.system == name), default=None) for name in wanted}
    if not wanted:
        return ["there is no AI system yet; send a snapshot, or see docs/ai-incidents.md"]
    return [
        f"{name} was last looked at {f'{at:%Y-%m-%d %H:%M} UTC' if at else 'never'}; "
        "is the copilot running, and does the system send?"
        for name, at in newest.items()
        if at is None or now - at > FRESH
    ]


def _order(one: Verdict) -> tuple[int, int, str]:
    known = one.severity in _SEVERITIES
    return _RANK[one.outcome], _SEVERITIES.index(one.severity) if known else 0, one.key


def _named(one: Verdict) -> str:
    return f"{one.system} {one.metric}{f' [{one.group}]' if one.group else ''}"


def _said(one: Verdict) -> str:
    severity = f" ({one.severity})" if one.outcome is Outcome.FIRING else ""
    return f"{one.summary or one.outcome.value}{severity}"


def _fix(one: Verdict) -> str:
    return f"a {one.incident_type.value.replace('_', ' ')} incident" if one.outcome is Outcome.FIRING else ""
