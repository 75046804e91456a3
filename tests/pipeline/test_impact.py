"""Who is affected by trouble with an AI system: counted, listed for those who may read it, and judged by sample."""

import base64
from datetime import timedelta

import pytest

from incident_copilot.domain.effect import Upload
from incident_copilot.domain.impact import Impact
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.observation import Figure, Interaction, Signal, SignalKind, Snapshot
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import impact, sampling
from incident_copilot.store import interactions, observations

from .life import Life, big
from .samples import NOON

DROP = big("ModelAccuracyDrop", service="search", labels={"system": "answers", "incident_type": "quality_degradation"})


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def told(life, requests, counted=None):
    """Store requests, and how many there were in all."""
    async with life.deps.db.transaction() as tx:
        await interactions.add_all(tx, "w", requests)
        if counted:
            figure = Figure(metric="performance.requests", value=counted)
            snapshot = Snapshot(system="answers", id="s1", at=NOON + timedelta(seconds=30), figures=(figure,))
            await observations.add_all(tx, "w", [snapshot])


def request(number, *, bad=False, user=None, **fields):
    signals = (Signal(kind=SignalKind.SAFETY_VIOLATION, name="pii"),) if bad else ()
    at = NOON + timedelta(seconds=1 + number)
    return Interaction(system="answers", id=f"r{number}", at=at, user=user, signals=signals, **fields)


async def test_affected_users_and_requests_are_counted_and_the_share_of_all_is_estimated(life, clock):
    incident = await life.opened(DROP)
    await told(life, [request(n, bad=n < 4, user=f"u{n % 2}") for n in range(20)], counted=1000)
    clock.forward(60)

    found = await impact.impact(life.deps, incident.id)

    assert (found.known, found.bad, found.users, found.requests) == (20, 4, 2, 1000)
    assert found.lines == [
        "4 of 20 known requests to answers since 12:00 UTC were answered badly (20.0%, 8.1% to 41.6% at 95 %).",
        "2 users met one of these.",
        "Of all 1,000 requests that is 81 to 416; more users than these met it.",
    ]


async def test_nobody_is_counted_where_no_request_is_stored(life):
    incident = await life.opened(DROP)

    assert await impact.impact(life.deps, incident.id) is None
    refused = await life.refused(incident, impact.share(life.deps, incident.id, await life.person("ana")))
    assert refused == "No request that is known was answered badly."


async def test_list_goes_into_the_incident_alone_and_the_log_says_who_shared_it(life, clock):
    incident = await life.opened(DROP)
    await told(life, [request(1, bad=True, user="=cmd()", score=0.25, labels={"version": "v2"}), request(2)])
    clock.forward(60)

    said = await impact.share(life.deps, incident.id, await life.person("ana"))
    await life.work()

    (shared,) = [one for one in life.chat.deeds if isinstance(one, Upload)]
    assert (said.text, shared.place, shared.name) == (
        f"The list of 1 requests is in {incident.label}.",
        "incident",
        f"{incident.label}-affected.csv",
    )
    assert base64.b64decode(shared.content).decode().splitlines() == [
        "time,user,request,score,feedback,signals,labels",
        "2026-11-21T12:00:02+00:00,'=cmd(),r1,0.25,,pii,version=v2",
    ]
    assert [(row.actor, row.payload) for row in await life.log(incident, LogKind.AFFECTED_LISTED)] == [
        ("U0ANA", {"requests": 1})
    ]


async def test_incident_that_names_no_system_has_no_requests(life):
    incident = await life.opened(big("Strange", service=None, labels={}))

    assert await impact.affected(life.deps, incident.id) == "time,user,request,score,feedback,signals,labels\n"


def test_without_a_number_of_all_requests_none_is_estimated():
    found = Impact(system="a", since=NOON, until=NOON, known=0, bad=0, users=0, low=0.0, high=1.0)

    assert found.lines == [
        "0 of 0 known requests to a since 12:00 UTC were answered badly (none known).",
        "0 users met one of these.",
    ]


async def test_people_judge_a_sample_of_both_strata_and_the_incident_is_told_what_it_says_of_all(life, clock):
    incident = await life.opened(DROP)
    await told(life, [request(n, bad=n < 10) for n in range(40)])
    clock.forward(60)
    ana = await life.person("ana")

    first = await sampling.sample(life.deps, incident.id, ana)
    marks = {one.id: bool(one.signals) for one in first.requests}
    said = await sampling.judge(life.deps, incident.id, ana, {**marks, "r-unknown": True})
    await life.work()
    second = await sampling.sample(life.deps, incident.id, ana)

    assert [bool(one.signals) for one in first.requests] == [True, True, False, False]
    assert (first.looked, first.all, said.text) == (0, None, "Noted: 2 of 4 are bad.")
    assert not {one.id for one in first.requests} & {one.id for one in second.requests}
    assert second.looked == 4
    assert life.chat.notices()[-1] == (
        f"2 of 4 requests that people looked at were answered badly. {sampling.words(second.all)}"
    )
    assert sampling.words(second.all) == "Of all that are known that is about 25%, 9% to 74% at 95 %."
    assert [row.payload for row in await life.log(incident, LogKind.REQUESTS_JUDGED)] == [{"requests": 4, "bad": 2}]


async def test_sample_takes_from_one_stratum_what_the_other_lacks(life, clock):
    incident = await life.opened(DROP)
    await told(life, [request(n, bad=n > 0) for n in range(9)])
    clock.forward(60)

    drawn = await sampling.sample(life.deps, incident.id, await life.person("ana"))

    assert sorted(bool(one.signals) for one in drawn.requests) == [False, True, True, True]


async def test_who_may_not_respond_sees_no_requests_and_an_empty_word_counts_nothing(life):
    incident = await life.opened(DROP)
    with pytest.raises(DecisionRefused):
        await sampling.sample(life.deps, incident.id, await life.person("vic"))

    refused = await life.refused(incident, sampling.judge(life.deps, incident.id, await life.person("ana"), {}))

    assert refused == "Say of one request at least whether it was answered badly."
