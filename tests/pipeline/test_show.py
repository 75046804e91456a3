"""What people see: the card and its announcement, briefs, proposals and notices, all through the outbox."""

from datetime import timedelta

import pytest

from incident_copilot.domain.content import BriefView, Button, Notice, Press, ProposalView
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.log import TimelineKind
from incident_copilot.domain.proposal import Choice, ProposalKind, Risk
from incident_copilot.pipeline import decide, show
from incident_copilot.store import effects
from incident_copilot.store import evidence as evidence_rows

from . import samples
from .life import Life, big, over, small


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def test_card_counts_alerts_and_says_why_others_joined(life, clock):
    incident = await life.opened(big())
    clock.forward(20)
    await life.take(big("Slow"), small("HighLatency", service="payments", starts_at=clock()))
    await life.take(over(big(), clock))
    await life.go_on(minutes=1)

    card = life.chat.shown[incident.channel_id, "card"]

    assert (card.firing, card.resolved, card.shadow) == (2, 1, False)
    assert set(card.joined) == {
        "same service checkout, same cluster eu-1",
        "checkout depends on payments, 20 s apart, same cluster eu-1",
    }


async def test_card_names_the_suspect_of_the_newest_brief(life):
    incident = await life.opened(big())
    async with life.deps.db.transaction() as tx:
        await evidence_rows.add_brief(
            tx, samples.brief(incident_id=incident.id, as_of=life.clock() + timedelta(seconds=1))
        )

        card = await show.card_of(tx, life.deps, incident.id)

    assert card.suspect == "payments v2.31.0 (pool_size 20 -> 4)"


async def test_card_says_that_nobody_was_notified_in_shadow_mode(db, clock):
    life = Life(db, clock, shadow=True)
    await life.take(small())

    assert life.chat.shown["CANNOUNCE", "announcement"].card.shadow is True


async def test_card_of_a_small_incident_is_its_announcement(life):
    incident = await life.opened(small())

    assert ("CANNOUNCE", "card") not in life.chat.shown
    assert life.chat.shown["CANNOUNCE", "announcement"].card.incident.id == incident.id


async def test_brief_is_edited_silently_or_posted_anew_with_the_evidence_that_it_cites(life):
    incident = await life.opened(big())
    item = samples.evidence(incident_id=incident.id, id="e2")
    shown = samples.brief(incident_id=incident.id)
    before = len(life.chat.posts)

    async with life.deps.db.transaction() as tx:
        await evidence_rows.add_all(tx, [item])
        await show.brief(tx, life.deps, incident, shown, anew=False)
    await life.work()
    edited = len(life.chat.posts) - before
    async with life.deps.db.transaction() as tx:
        await show.brief(tx, life.deps, incident, shown, anew=True)
    await life.work()

    assert (edited, len(life.chat.posts) - before) == (0, 1)
    assert life.chat.shown[incident.channel_id, "brief"] == BriefView(incident=incident, brief=shown, evidence=(item,))


def test_statements_of_a_brief_without_a_first_step():
    assert show.statements(samples.brief(first_step=None)) == [("e1",), ("e2",)]
    assert show.statements(samples.brief()) == [("e1",), ("e2",), ("e2",)]


async def test_proposal_is_shown_with_who_has_voted(life):
    incident = await life.opened(big())
    put = await life.put(incident, ProposalKind.ACTION, risk=Risk.HIGH, needed=2)
    await decide.vote(life.deps, put.id, put.version, Choice.APPROVE, await life.person("ben"))
    await life.work()

    view = life.chat.shown[incident.channel_id, f"proposal:{put.id}"]

    assert view == ProposalView(incident=await life.newest(), proposal=put, votes=("U0BEN",))


async def test_notice_is_one_message_a_name_unless_it_is_posted_anew(life):
    incident = await life.opened(big())
    before = len(life.chat.posts)
    buttons = [Button(press=Press.REOPEN, label="Reopen", value=incident.id)]

    for anew in (False, False, True):
        async with life.deps.db.transaction() as tx:
            await show.notice(
                tx, life.deps, incident, "n", "Look", detail="d", mentions=["U0ANA"], buttons=buttons, anew=anew
            )
        await life.work()

    assert (
        life.chat.posts[before:]
        == [(incident.channel_id, None, Notice(text="Look", detail="d", mentions=("U0ANA",), buttons=tuple(buttons)))]
        * 2
    )


async def test_what_is_shown_waits_in_the_outbox_until_it_is_sent(life):
    incident = await life.opened(big())

    async with life.deps.db.transaction() as tx:
        effect = await show.notice(tx, life.deps, incident, "n", "Look")

    async with life.deps.db.read() as db:
        kept = await effects.get(db, effect.id)
    assert (kept.stream, kept.priority, kept.state) == (f"incident:{incident.id}", show.URGENT + 1, "pending")


async def test_timeline_entry_with_the_same_reference_is_kept_once(life):
    incident = await life.opened(big())
    [entry] = await life.timeline(incident, TimelineKind.ALERT)

    async with life.deps.db.transaction() as tx:
        await show.timeline_entry(tx, entry.model_copy(update={"id": "2" * 32}))

    assert await life.timeline(incident, TimelineKind.ALERT) == [entry]


@pytest.mark.parametrize(
    ("fields", "has_own"),
    [
        ({"severity": Severity.P1}, True),
        ({"severity": Severity.P2}, False),
        ({"severity": Severity.P2, "channel_id": "C1"}, True),
        ({"severity": Severity.P1, "channel_id": "C1", "thread_ts": "1.0"}, False),
    ],
    ids=["P1 before its channel", "P2 before its thread", "lowered", "channel could not be opened"],
)
def test_who_has_a_channel(fields, has_own):
    assert show.has_channel(samples.incident(**fields)) is has_own


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (99, "99 s"),
        (100, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (4800, "1 h 20 min"),
        (86400, "1 d"),
        (187200, "2 d 4 h"),
    ],
)
def test_durations_as_people_say_them(seconds, words):
    assert show.in_words(timedelta(seconds=seconds)) == words


def test_big_incidents_go_first():
    assert show.priority_of(samples.incident()) < show.priority_of(samples.incident(severity=Severity.P2))
