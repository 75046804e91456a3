"""What may be done with an effect whose outcome is unknown, and that all contents survive storage."""

from datetime import UTC, datetime

import pytest

from incident_copilot.domain.content import Announcement, Button, Card, Digest, DigestEntry, Notice, Press
from incident_copilot.domain.effect import (
    Bookmark,
    Effect,
    Invite,
    OpenChannel,
    Pin,
    Place,
    RunAction,
    SetTopic,
    Show,
    Upload,
    class_of,
)
from incident_copilot.domain.incident import Incident, Severity, Status

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
INCIDENT = Incident(
    id="1",
    workspace_id="w",
    number=1,
    title="t",
    severity=Severity.P1,
    status=Status.OPEN,
    correlation_key="k",
    started_at=NOON,
    opened_at=NOON,
)
CARD = Card(incident=INCIDENT, firing=1, resolved=0, now=NOON)
NOTICE = Notice(text="x", buttons=(Button(press=Press.REOPEN, label="Reopen", value="1"),))
ENTRY = DigestEntry(fingerprint="f", name="n", service=None, summary="", count=1, since=NOON)


@pytest.mark.parametrize(
    ("deed", "effect_class"),
    [
        (Show(place=Place.INCIDENT, slot="s", content=NOTICE), "read_back"),
        (OpenChannel(name="n", topic="t", purpose="p"), "read_back"),
        (Upload(place=Place.INCIDENT, slot="s", name="n", title="t", alt="a", content=""), "read_back"),
        (RunAction(proposal_id="p", version=1, action="a", params={}, key="k", approved_by=()), "ask"),
        (Invite(people=("U1",)), "idempotent"),
        (Pin(slot="s"), "idempotent"),
        (Bookmark(title="t", link="l"), "idempotent"),
        (SetTopic(text="t"), "idempotent"),
    ],
    ids=lambda value: getattr(value, "do", value),
)
def test_class_of_each_deed(deed, effect_class):
    assert class_of(deed) == effect_class


@pytest.mark.parametrize(
    "content",
    [CARD, Announcement(card=CARD), NOTICE, Digest(entries=(ENTRY,), hour=NOON, until=NOON)],
    ids=lambda content: content.type,
)
def test_effect_survives_storage_with_its_content(content):
    effect = Effect(
        id="1",
        workspace_id="w",
        incident_id=None,
        stream="s",
        seq=1,
        deed=Show(place=Place.ANNOUNCE, slot="s", content=content),
        effect_class="read_back",
        run_at=NOON,
        created_at=NOON,
    )

    assert Effect.model_validate_json(effect.model_dump_json()) == effect
