"""After an action in an incident that monitors raised: the figures that were told since say whether it helped."""

from datetime import timedelta

import pytest

from incident_copilot.domain.action import Verify
from incident_copilot.domain.incident import Status
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.observation import Figure
from incident_copilot.domain.proposal import Choice, ProposalState
from incident_copilot.pipeline import act, decide, measure_figures, verify_by_people
from incident_copilot.pipeline.measure_figures import Acted
from incident_copilot.store import alerts

from .flags import Flags, entries
from .samples import alert
from .test_monitor import BOT, DAY, Watching, accuracy

CANARY = {"after": [{"action": "shift", "params": {"percent": "50"}}]}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def life(db, clock, request):
    flags = Flags()
    canary = CANARY | {"verify": getattr(request, "param", True)}
    told = Watching(db, clock, adapters=flags.adapters(clock), entries=entries(shift=canary))
    told.watch(BOT)
    return told


async def fallen(life):
    """An accuracy was .98 for ten days and is .89 now; return the incident of it."""
    for day in range(2, 12):
        await life.told(accuracy(980, 1000), ago=day * DAY)
    await life.told(accuracy(890, 1000))
    await life.look()
    return await life.newest()


async def shifted(life, incident, percent="10"):
    """Have the traffic shifted, by Ana's wish and Ben's approval; return the proposal."""
    put = (await act.request(life.deps, incident.id, await life.person("ana"), "shift", {"percent": percent})).proposal
    return await approved(life, put)


async def approved(life, put):
    await decide.vote(life.deps, put.id, put.version, Choice.APPROVE, await life.person("ben"))
    await life.work()
    return put


async def verified(life, incident):
    return [(row.actor, row.payload["healthy"]) for row in await life.log(incident, LogKind.VERIFIED)]


def said(life, put):
    """What stands at last about the effect of an action."""
    (found,) = [content for (_, slot), content in life.chat.shown.items() if slot == f"notice:verified:{put.id}"]
    return found


async def test_figures_since_an_action_verify_it_watch_it_and_let_the_canary_go_on(life):
    incident = await fallen(life)
    put = await shifted(life, incident)

    await life.go_on(minutes=1)
    await life.told(accuracy(97, 100))
    await life.go_on(minutes=1)
    assert await verified(life, incident) == []

    await life.told(accuracy(686, 700))
    await life.go_on(minutes=1)
    assert await verified(life, incident) == [("policy:verify", True)]
    assert said(life, put).text == (
        "Send 10 % of the traffic to the new model. It worked: AiQualityDrop: support-bot accuracy "
        "0.89 (95 % 0.869 to 0.908, n 1,000) before, 0.979 (95 % 0.966 to 0.987, n 800) since, usually 0.98; "
        "back to what is usual."
    )
    assert (await life.newest()).status is Status.MITIGATED

    for _ in range(16):
        await life.told(accuracy(49, 50))
        await life.go_on(minutes=1)
    assert "It has held for 15 min: AiQualityDrop: support-bot accuracy 0.89" in said(life, put).text

    [step] = [one for one in await life.proposals(incident, ProposalState.OPEN) if "50 %" in one.title]
    await approved(life, step)
    await life.told(accuracy(1780, 2000), ago=-MINUTE)
    await life.go_on(minutes=2)
    assert await verified(life, incident) == [("policy:verify", healthy) for healthy in (True, True, False)]
    assert "It did not help so far: AiQualityDrop: support-bot accuracy 0.89" in said(life, step).text
    assert said(life, step).text.endswith("since, usually 0.98; not back to what is usual.")


@pytest.mark.parametrize(("life", "helped"), [(True, True), ({"for_min": 120}, False)], indirect=["life"])
async def test_where_too_little_was_told_a_person_is_asked_in_the_end_and_their_word_goes_on(life, helped):
    incident = await fallen(life)
    put = await shifted(life, incident)
    await life.told(accuracy(97, 100), ago=-MINUTE)
    await life.go_on(minutes=119)
    assert (incident.id, f"notice:verified:{put.id}") not in life.chat.shown
    await life.go_on(minutes=2)

    asked = said(life, put)
    assert asked.text.endswith(
        "Whether it helped could not be checked: AiQualityDrop: support-bot accuracy 0.89 (95 % 0.869 to 0.908, "
        "n 1,000) before, 0.97 (95 % 0.915 to 0.99, n 100) since, usually 0.98; not sure yet with 100 cases since, "
        "about 328 are needed. Please look, and say."
    )
    assert (asked.mentions, [one.label for one in asked.buttons]) == (("U0BEN",), ["It helped", "It did not help"])

    ben = await life.person("ben")
    outcome = await verify_by_people.answer(life.deps, put.id, ben, helped=helped)
    await life.work()

    assert outcome.text == f"Noted: it {'helped' if helped else 'did not help'}."
    assert await verified(life, incident) == [("U0BEN", helped)]
    assert any("50 %" in one.title for one in await life.proposals(incident)) is helped
    again = verify_by_people.answer(life.deps, put.id, ben, helped=not helped)
    assert (await life.refused(incident, again)).startswith("That was said already: It ")


async def test_what_is_too_little_for_a_watch_is_held_against_all_since_the_action(life):
    incident = await fallen(life)
    put = await shifted(life, incident)
    await life.told(accuracy(980, 1000), ago=-MINUTE)

    await life.go_on(minutes=2)
    for _ in range(16):
        await life.go_on(minutes=1)

    assert "It has held for 15 min" in said(life, put).text


@pytest.mark.parametrize("life", [{"metric": "quality.accuracy", "group": "language=de"}], indirect=True)
async def test_the_figure_that_decides_is_shown_before_anybody_approves(life):
    incident = await fallen(life)

    put = (await act.request(life.deps, incident.id, await life.person("ana"), "shift", {"percent": "10"})).proposal

    assert put.shown["verified_by"] == "quality.accuracy (language=de), by what is sent after it"


async def read(life, incident, wanted=None, *, acted=None, members=None):
    """The texts and states of readings since an action a minute ago, or since a time."""
    at = acted or life.clock() - MINUTE
    if members is None:
        async with life.deps.db.read() as db:
            members = await alerts.belonging(db, incident.id)
    found = await measure_figures.figures(
        life.deps, incident, members, wanted or Verify(), Acted(first=at, at=at, since=at)
    )
    return [(one.healthy, one.text) for one in found]


async def test_a_figure_that_actions_yaml_names_is_read_whoever_raised_the_incident(life):
    await fallen(life)
    life.clock.forward(60)
    await life.told(Figure(metric="retrieval.hit_rate", group="language=de", successes=900, n=1000), ago=3 * DAY)
    await life.told(Figure(metric="retrieval.hit_rate", group="language=de", successes=300, n=1000), ago=2 * MINUTE)
    await life.told(Figure(metric="retrieval.hit_rate", group="language=de", successes=900, n=1000))
    incident = (await life.newest()).model_copy(update={"started_at": life.clock() - 1.5 * MINUTE})
    named = Verify(metric="retrieval.hit_rate", group="language=de", system="support-bot")

    (found,) = await read(life, incident, named, members=[])
    [unknown] = await read(life, incident, Verify(metric="quality.tone"), members=[alert(labels={"system": "new"})])

    assert found == (
        True,
        (
            "support-bot hit rate (language=de) 0.3 (95 % 0.272 to 0.329, n 1,000) before, "
            "0.9 (95 % 0.88 to 0.917, n 1,000) since, usually 0.9; back to what is usual"
        ),
    )
    assert unknown == (None, "new tone: nothing is known of it from before the action")


async def test_what_is_looked_at_by_the_hour_waits_for_a_whole_hour(life):
    incident = await fallen(life)
    named = Verify(metric="cost.usd", system="support-bot")

    [waits] = await read(life, incident, named)

    ready = life.clock() + timedelta(hours=1 if life.clock().minute == 0 else 2)
    assert waits == (None, f"support-bot usd: it is looked at by whole hours, at {ready:%H}:00 UTC")


async def test_figures_that_were_folded_count_from_the_next_hour_on(life):
    incident = await fallen(life)
    acted = life.clock() + MINUTE
    await life.told(accuracy(500, 1000), ago=-2 * MINUTE)
    await life.told(accuracy(980, 1000), ago=-timedelta(hours=2))
    life.clock.forward(timedelta(hours=6).total_seconds())

    [(healthy, text)] = await read(life, incident, acted=acted)

    assert (healthy, "0.98 (95 % 0.969 to 0.987, n 1,000) since" in text) == (True, True)


async def test_each_of_the_weak_signals_that_alerted_together_is_read(life):
    await life.told(Figure(metric="performance.throughput_per_s", value=3.0))
    await life.told(Figure(metric="quality.satisfaction", value=3.1, n=10), ago=MINUTE)
    await life.look()
    incident = await life.newest()
    life.clock.forward(120)
    await life.told(Figure(metric="performance.throughput_per_s", value=30.0))

    found = dict(await read(life, incident))

    name = "AiSignalsTogether: support-bot"
    assert found == {
        True: f"{name} throughput per s 3 before, 30 since, usually 20; back to what is usual",
        None: f"{name} satisfaction 3.1 before, usually 4; nothing was told of it since",
    }
