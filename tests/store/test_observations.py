"""Figures, interactions and verdicts are kept once and read in bounded windows; both databases do it alike."""

from datetime import timedelta

from incident_copilot.domain.observation import Figure, Interaction, Observed, Signal, SignalKind, Snapshot
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.store import interactions, observations, verdicts

DAY = timedelta(days=1)


def snapshot(at, *figures, told="one", system="support-bot", **labels):
    return Snapshot(system=system, id=told, at=at, figures=figures, labels=labels)


async def test_a_snapshot_told_twice_is_kept_once(any_db, clock):
    accuracy = Figure(metric="quality.accuracy", successes=90, n=100, value=0.9, baseline=0.95, history=(0.94, 0.95))
    age = Figure(metric="feature.age", group="country=de", counts={"<18": 3, "18+": 97})
    told = snapshot(clock(), accuracy, age, version="7")
    async with any_db.transaction() as tx:
        assert await observations.add_all(tx, "w", []) == 0
        assert await observations.add_all(tx, "w", [told]) == 2
        assert await observations.add_all(tx, "w", [told]) == 0

    async with any_db.read() as view:
        found = await observations.between(view, "w", "support-bot", clock() - DAY, clock())
        assert await observations.between(view, "elsewhere", "support-bot", clock() - DAY, clock()) == []
    assert sorted(found, key=lambda one: one.figure.metric) == [
        Observed(at=clock(), figure=age, labels={"version": "7"}),
        Observed(at=clock(), figure=accuracy, labels={"version": "7"}),
    ]


async def test_a_window_is_read_oldest_first_and_keeps_the_newest(any_db, clock):
    start = clock()
    told = [
        snapshot(start + timedelta(minutes=minute), Figure(metric=metric, value=minute), told=f"{minute}")
        for minute in range(3)
        for metric in ("cost.usd", "cost.tokens")
    ]
    async with any_db.transaction() as tx:
        await observations.add_all(tx, "w", [*told, snapshot(start, Figure(metric="cost.usd", value=9), system="a")])

    until = start + timedelta(minutes=2)
    async with any_db.read() as view:
        both = await observations.between(view, "w", "support-bot", start, until)
        newest = await observations.between(view, "w", "support-bot", start - DAY, until, ["cost.usd"], limit=2)
        assert await observations.systems(view, "w", start - DAY) == ["a", "support-bot"]
        assert await observations.systems(view, "w", start) == ["support-bot"]
    assert sorted(one.figure.value for one in both) == [1, 1, 2, 2]
    assert [one.figure.value for one in newest] == [1, 2]


async def test_old_figures_and_interactions_are_forgotten(any_db, clock):
    said = [Interaction(system="bot", id=f"{day}", at=clock() - day * DAY) for day in range(3)]
    async with any_db.transaction() as tx:
        await observations.add_all(
            tx, "w", [snapshot(one.at, Figure(metric="cost.usd", value=1), told=one.id) for one in said]
        )
        await interactions.add_all(tx, "w", said)
        assert await observations.forget_before(tx, "w", clock() - DAY) == 2
        assert await interactions.forget_before(tx, "w", clock() - DAY) == 2

    async with any_db.read() as view:
        assert await interactions.between(view, "w", "bot", clock() - 9 * DAY, clock()) == said[:1]


async def test_interactions_are_kept_once_and_read_newest_or_worst_first(any_db, clock):
    leak = Signal(kind=SignalKind.SAFETY_VIOLATION, name="pii.email", score=1.0)
    bad = Interaction(system="bot", id="bad", at=clock(), request="q" * 3000, score=0.1, signals=(leak,), user="u1")
    good = Interaction(system="bot", id="good", at=clock() + DAY, scores={"relevance": 0.9}, score=0.9, feedback=1)
    unscored = Interaction(system="bot", id="new", at=clock() + 2 * DAY, labels={"version": "7"})
    async with any_db.transaction() as tx:
        assert await interactions.add_all(tx, "w", []) == frozenset()
        assert await interactions.add_all(tx, "w", [bad, good]) == {("bot", "bad"), ("bot", "good")}
        assert await interactions.add_all(tx, "w", [good, unscored]) == {("bot", "new")}

    window = ("w", "bot", clock() - DAY, clock() + 9 * DAY)
    async with any_db.read() as view:
        assert await interactions.between(view, *window) == [unscored, good, bad]
        assert await interactions.between(view, *window, worst_first=True) == [bad, good, unscored]
        assert await interactions.between(view, *window, limit=1) == [unscored]


async def test_the_last_verdict_of_a_metric_stands(any_db, clock):
    first = Verdict(
        system="bot",
        monitor="quality",
        metric="quality.accuracy",
        outcome=Outcome.FINE,
        kind=SignalKind.QUALITY_DROP,
        incident_type=AiIncident.QUALITY,
        at=clock(),
    )
    fired = first.model_copy(update={"outcome": Outcome.FIRING, "p": 0.001, "since": clock(), "details": {"ks": 0.2}})
    other = first.model_copy(update={"system": "another", "group": "language=de"})
    async with any_db.transaction() as tx:
        await verdicts.save(tx, "w", [])
        await verdicts.save(tx, "w", [first, other])
        await verdicts.save(tx, "w", [fired])

    async with any_db.read() as view:
        assert await verdicts.of(view, "w") == [other, fired]
        assert await verdicts.of(view, "w", "bot") == [fired]
    async with any_db.transaction() as tx:
        await verdicts.forget(tx, "w", [fired])
        assert await verdicts.of(tx, "w") == [other]
