"""What people have ruled out and what did not help, so that the next brief does not suggest it again."""

from collections.abc import Sequence

from pydantic import Field

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.hypothesis import Hypothesis, Statement, Verdict
from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.domain.proposal import Proposal, ProposalKind, ProposalState
from incident_copilot.store import action_log, evidence, proposals
from incident_copilot.store.db import Tx

STEPS = (ProposalKind.CHECK, ProposalKind.ACTION)


class Past(Frozen):
    """Every proposal so far, and the changes whose rollback did not help: (service, version) to what was seen."""

    proposals: tuple[Proposal, ...] = ()
    undone: dict[tuple[str, str], str] = Field(default_factory=dict)

    def of(self, key: str) -> ProposalState | None:
        """Return the state of the proposal with this key; None where there was none."""
        return next((one.state for one in self.proposals if one.key == key), None)

    def ruled_out(self) -> list[Hypothesis]:
        """Return the steps that people rejected, as causes they do not believe in."""
        rejected = [one for one in self.proposals if one.state is ProposalState.REJECTED and one.kind in STEPS]
        return [
            Hypothesis(
                cause=proposal.title,
                kind="step",
                verdict=Verdict.RULED_OUT,
                confidence=0.0,
                contradicting=(Statement(text=_told(proposal), evidence_ids=proposal.evidence_ids),),
            )
            for proposal in rejected
        ]


async def past_of(db: Tx, incident_id: str) -> Past:
    """Return what was decided and tried in an incident."""
    known = await proposals.of_incident(db, incident_id)
    unhelpful = _unhelpful(await action_log.entries(db, incident_id))
    tried = [one for one in known if one.id in unhelpful and one.kind is ProposalKind.ACTION]
    cited = await evidence.some(db, {ref for one in tried for ref in one.evidence_ids})
    return Past(proposals=tuple(known), undone=_undone(tried, {item.id: item for item in cited}))


def _unhelpful(entries: Sequence[LogEntry]) -> set[str]:
    """Return the proposals whose newest verification saw no recovery."""
    newest = {str(row.payload["proposal"]): row.payload for row in entries if row.kind is LogKind.VERIFIED}
    return {proposal_id for proposal_id, payload in newest.items() if payload["healthy"] is False}


def _undone(tried: Sequence[Proposal], cited: dict[str, Evidence]) -> dict[tuple[str, str], str]:
    """Return the changes that were taken back, by the deploys that their rollbacks cite."""
    return {
        (str(item.data["service"]), str(item.data["version"])): f"{proposal.title}: carried out, and it did not help"
        for proposal in tried
        for ref in proposal.evidence_ids
        if (item := cited.get(ref)) and item.kind is EvidenceKind.CHANGE
    }


def _told(proposal: Proposal) -> str:
    when = f" at {proposal.decided_at:%H:%M} UTC" if proposal.decided_at else ""
    because = f": {proposal.reason}" if proposal.reason else ""
    return f"people ruled it out{when}{because}"
