"""Dead letters: what nobody understood is kept, and taken in once, when a plugin was mended."""

import json

import pytest
import sqlalchemy as sa

from incident_copilot.domain.change import Change, ChangeKind, ChangeStatus
from incident_copilot.domain.dead_letter import DeadLetterState
from incident_copilot.errors import BadPayload, DecisionRefused, StoreUnavailable
from incident_copilot.pipeline import dead_letters
from incident_copilot.ports import Delivery
from incident_copilot.store import changes
from incident_copilot.store.tables import deliveries

from .life import Life, big


class Source:
    """An alert source that says of every body what it was told to."""

    def __init__(self, answer):
        self.answer = answer

    def authenticate(self, headers, body):
        """Everybody may send."""

    def parse(self, headers, body):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


@pytest.fixture
async def letter(life):
    headers = {"x-github-event": "push", "authorization": "Bearer s3cret", "x-hub-signature-256": "sha256=1"}
    await dead_letters.keep(life.deps, "prod", "prod: event is odd", headers, b'{"a": 1}')
    [found], _ = await dead_letters.waiting(life.deps, 10)
    return await dead_letters.get(life.deps, found.id)


async def state(life, letter):
    return (await dead_letters.get(life.deps, letter.id)).state


async def keys(life):
    async with life.deps.db.read() as view:
        return list((await view.execute(sa.select(deliveries.c.delivery_key))).scalars())


async def test_letter_keeps_the_headers_that_plugins_read_and_no_secret(letter):
    assert letter.headers == {"x-github-event": "push"}
    assert (letter.source, letter.why, letter.body) == ("prod", "prod: event is odd", b'{"a": 1}')


async def test_replay_is_a_delivery_of_its_own_and_opens_what_the_alert_deserves(life, letter):
    await life.take(delivery_id="d-1")
    source = Source(Delivery(alerts=(big(),), delivery_id="d-1"))

    said = await dead_letters.replay(life.deps, source, letter)
    await life.work()

    assert said == "replayed: 1 alerts, 1 changed"
    assert await state(life, letter) is DeadLetterState.REPLAYED
    assert await life.running() == [1]
    assert await keys(life) == ["id:d-1", f"id:dead:{letter.id}:1"]


async def test_replay_that_was_cut_off_before_its_end_takes_nothing_in_twice(life, letter, clock):
    source = Source(Delivery(alerts=(big(),)))
    async with life.deps.db.transaction() as tx:
        await tx.execute(
            sa.text("CREATE TRIGGER held BEFORE UPDATE ON dead_letters BEGIN SELECT RAISE(ABORT, 'x'); END")
        )
    with pytest.raises(sa.exc.IntegrityError):
        await dead_letters.replay(life.deps, source, letter)
    async with life.deps.db.transaction() as tx:
        await tx.execute(sa.text("DROP TRIGGER held"))

    assert await state(life, letter) is DeadLetterState.WAITING
    assert await dead_letters.replay(life.deps, source, letter) == "replayed: 1 alerts, 0 changed"
    assert len(await keys(life)) == 1


async def test_settled_letter_is_not_replayed_or_dropped(life, letter):
    await dead_letters.drop(life.deps, letter.id)
    dropped = await dead_letters.get(life.deps, letter.id)

    for act in (
        dead_letters.replay(life.deps, Source(Delivery()), dropped),
        dead_letters.drop(life.deps, letter.id),
    ):
        with pytest.raises(DecisionRefused, match=f"dead letter {letter.id} was dropped before; nothing happened"):
            await act


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (BadPayload("prod", "event is odd"), "waits on: prod: event is odd"),
        (KeyError("event"), "waits on: the plugin failed with KeyError; see the copilot's log"),
        (Delivery(unknown="event odd"), "waits on: event odd"),
        (Delivery(alerts=(big(),), unknown="one of two"), "waits on: one of two"),
    ],
)
async def test_letter_that_is_still_not_understood_waits_on(life, letter, answer, said):
    assert await dead_letters.replay(life.deps, Source(answer), letter) == said
    assert await state(life, letter) is DeadLetterState.WAITING


@pytest.mark.parametrize(
    ("answer", "said"),
    [(Delivery(ignored="ping"), "replayed: ignored: ping"), (Delivery(), "replayed: nothing to take in")],
)
async def test_letter_that_says_nothing_is_settled_all_the_same(life, letter, answer, said):
    assert await dead_letters.replay(life.deps, Source(answer), letter) == said
    assert await state(life, letter) is DeadLetterState.REPLAYED


async def test_changes_are_taken_in_too(life, letter, clock):
    change = Change(
        source="gh", key="k", kind=ChangeKind.DEPLOYMENT, status=ChangeStatus.SUCCEEDED, title="v2", at=clock()
    )

    said = await dead_letters.replay(life.deps, Source(Delivery(changes=(change,))), letter)

    async with life.deps.db.read() as view:
        assert await changes.between(view, life.deps.workspace_id, clock(), clock()) == [change]
    assert said == "replayed: 1 changes"


async def test_lines_say_what_waits_and_how_many(life, letter):
    await dead_letters.keep(life.deps, "prod", "prod: event is odd", {}, b'{"a": 1}')

    assert dead_letters.lines(*await dead_letters.waiting(life.deps, 10)) == [
        f"{letter.id}  2026-11-21 12:00  prod  2 times  prod: event is odd",
        "prod: 1 wait, 0 replayed, 0 dropped, 0 left out",
    ]


async def test_what_cannot_be_kept_is_said(life):
    async with life.deps.db.transaction() as tx:
        await tx.execute(sa.text("DROP TABLE dead_letters"))

    with pytest.raises(StoreUnavailable):
        await dead_letters.keep(life.deps, "prod", "odd", {}, json.dumps({}).encode())
