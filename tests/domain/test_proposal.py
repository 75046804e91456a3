"""A proposal is bound by a hash to exactly what people were shown."""

from datetime import UTC, datetime

import pytest

from incident_copilot.domain.proposal import Audience, Proposal, ProposalKind, ProposalState, Risk

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
UPDATE = Proposal(
    id="1",
    incident_id="2",
    workspace_id="w",
    kind=ProposalKind.UPDATE,
    key="k",
    title="Status update",
    body="b",
    shown={"audience": "customers", "text": "Zahlungen schlagen fehl: ü"},
    created_at=NOON,
    expires_at=NOON,
)


@pytest.mark.parametrize(
    "change",
    [{"title": "x"}, {"body": "x"}, {"risk": Risk.HIGH}, {"shown": {"audience": "customers"}}, {"version": 2}],
    ids=lambda change: next(iter(change)),
)
def test_hash_changes_with_anything_that_is_shown(change):
    assert UPDATE.model_copy(update=change).hash != UPDATE.hash


def test_hash_stays_while_only_the_decision_changes():
    decided = UPDATE.model_copy(update={"state": ProposalState.APPROVED, "decided_by": "U1", "outcome": "o"})

    assert decided.hash == UPDATE.hash


def test_hash_survives_storage():
    assert Proposal.model_validate_json(UPDATE.model_dump_json()).hash == UPDATE.hash


def test_only_an_update_has_readers():
    assert UPDATE.audience is Audience.CUSTOMERS
    assert UPDATE.model_copy(update={"kind": ProposalKind.CHECK}).audience is None
