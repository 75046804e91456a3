"""The copilot as an AI system of its own: what its model did in each whole hour, in the words of all systems."""

from datetime import UTC, datetime, timedelta

from incident_copilot.domain.observation import Figure, Snapshot
from incident_copilot.store import own_model
from incident_copilot.store.db import Tx
from incident_copilot.store.own_model import Counted

OWN = "incident-copilot"
_HOUR = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def of_last_hour(db: Tx, workspace_id: str, now: datetime) -> list[Snapshot]:
    """Return the figures of the last whole hour; none where no model was asked."""
    until = now - (now - _EPOCH) % _HOUR
    counted = await own_model.counted(db, workspace_id, until - _HOUR, until)
    if not counted.calls:
        return []
    return [Snapshot(system=OWN, id=f"own:{until:%Y-%m-%dT%H}", at=until, figures=_figures(counted))]


def _figures(counted: Counted) -> tuple[Figure, ...]:
    shares = {
        "quality.answered": (counted.answered, counted.calls),
        "quality.grounding": (counted.sentences - counted.struck, counted.sentences),
        "quality.helpful": (counted.helpful, counted.judged),
        "quality.acceptance": (counted.approved, counted.decided),
    }
    told = [Figure(metric=name, successes=good, n=n) for name, (good, n) in shares.items() if n]
    seconds = counted.latency_ms / 1000
    return (
        *told,
        Figure(
            metric="performance.latency_mean_s",
            value=seconds / counted.calls,
            n=counted.calls,
            squares=counted.latency_squares / 1e6,
        ),
        Figure(metric="performance.requests", value=float(counted.calls)),
        Figure(metric="cost.usd", value=counted.cost_usd),
        Figure(metric="cost.tokens_input", value=float(counted.input_tokens)),
        Figure(metric="cost.tokens_output", value=float(counted.output_tokens)),
    )
