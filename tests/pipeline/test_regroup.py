"""People merge and split incidents, and what they say counts for later alerts of the same kinds."""

from datetime import timedelta

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.domain.content import Announcement, Card
from incident_copilot.domain.effect import Show
from incident_copilot.domain.incident import Ending, Severity
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Choice, ProposalState
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import decide, regroup, resolve
from incident_copilot.store import alerts, incidents

from .life import Life, again, big, over, small, tiny

SLOW, FULL = small("SearchSlow"), small("DiskFull")


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def reasons(life, number):
    incident = await life.by_number(number)
    async with life.deps.db.read() as db:
        return [one.reason for one in await incidents.memberships(db, incident.id)]


async def counts(life, number):
    incident = await life.by_number(number)
    async with life.deps.db.read() as db:
        return await alerts.counts(db, incident.id)


async def merge(life, number, into, who="ben"):
    incident, person = await life.by_number(number), await life.person(who)
    outcome = await regroup.merge(life.deps, incident.id, person, into)
    await life.work()
    return outcome.text


async def split(life, number, *wanted, who="ben"):
    incident, person = await life.by_number(number), await life.person(who)
    outcome = await regroup.split(life.deps, incident.id, person, wanted)
    await life.work()
    return outcome.text


async def end(life, *numbers):
    """End incidents, as false alarms so that nothing reopens them, and let their alerts resolve."""
    ben = await life.person("ben")
    for number in numbers:
        incident = await life.by_number(number)
        async with life.deps.db.read() as db:
            fired = await alerts.of_incident(db, incident.id)
        await life.take(*[over(one.alert, life.clock) for one in fired])
        if (await life.by_number(number)).is_running:
            await resolve.resolve(life.deps, incident.id, ben, ending=Ending.FALSE_ALARM, note="", despite_red=True)
        await life.work()


def card_of(life, number):
    """The card of an incident as people see it last."""
    contents = [deed.content for deed in life.chat.deeds if isinstance(deed, Show)]
    cards = [one.card if isinstance(one, Announcement) else one for one in contents]
    return [one for one in cards if isinstance(one, Card) and one.incident.number == number][-1]


# --- merging ---


async def test_merge_moves_the_alerts_ends_the_incident_and_both_cards_say_so(life):
    await life.take(small("SearchSlow"))
    await life.take(big("QueueFull", service="batch"))

    said = await merge(life, 2, into=1)

    [there] = await life.log(await life.by_number(1), LogKind.MERGED)
    [here] = await life.log(await life.by_number(2), LogKind.MERGED)
    assert said == "INC-2 is part of INC-1 now."
    assert (await life.by_number(2)).ending is Ending.MERGED
    assert await life.running() == [1]
    assert await counts(life, 1) == (2, 0)
    assert await reasons(life, 1) == ["opened the incident", "merged from INC-2: by hand"]
    assert (there.actor, there.payload["label"], here.payload["label"]) == ("U0BEN", "INC-2", "INC-1")
    assert card_of(life, 1).regrouped == ("INC-2 was merged into it",)
    assert card_of(life, 2).regrouped == ("Merged into INC-1",)
    assert (await life.by_number(1)).severity is Severity.P1


@pytest.mark.parametrize(
    ("number", "who", "why"),
    [
        (1, "ben", "INC-1 is this incident. Name the one that it belongs to."),
        (7, "ben", "There is no INC-7."),
        (2, "vic", "To merge incidents you need the role responder"),
        (3, "ben", "INC-3 has ended already; nothing was merged."),
    ],
)
async def test_merge_that_cannot_be_is_refused_and_logged(life, number, who, why):
    for service in ("search", "batch", "checkout"):
        await life.take(big("HighErrorRate", service=service))
    await end(life, 3)

    with pytest.raises(DecisionRefused, match=why):
        await merge(life, 1, into=number, who=who)

    [row] = await life.log(await life.by_number(1), LogKind.DENIED)
    assert row.payload["asked"] == "merge incidents"
    assert await life.running() == [1, 2]


async def test_drill_and_private_incidents_are_not_merged(life, open_incident):
    await open_incident(life.deps.db)
    await open_incident(life.deps.db, test=True)
    await open_incident(life.deps.db, private=True)

    for number, into, why in (
        (1, 2, "A private incident, or a drill"),
        (3, 1, "A private"),
        (1, 3, "There is no INC-3"),
    ):
        with pytest.raises(DecisionRefused, match=why):
            await merge(life, number, into=into)


# --- splitting ---


async def test_split_opens_an_incident_for_some_alerts_and_says_so_in_both(life):
    await life.take(SLOW)
    await life.take(FULL, small("DiskFull", labels={"disk": "b"}))
    assert await life.running() == [1]

    said = await split(life, 1, "diskfull")

    old, new = await life.by_number(1), await life.by_number(2)
    [here] = await life.log(old, LogKind.SPLIT)
    [there] = await life.log(new, LogKind.SPLIT)
    assert said == "INC-2 is open for DiskFull on search."
    assert (await counts(life, 1), await counts(life, 2)) == ((1, 0), (2, 0))
    assert await reasons(life, 1) == ["opened the incident"]
    assert await reasons(life, 2) == ["opened the incident", "split from INC-1 by Ben"]
    assert (here.payload["label"], there.payload["label"]) == ("INC-2", "INC-1")
    assert card_of(life, 1).regrouped == ("INC-2 was split from it",)
    assert card_of(life, 2).regrouped == ("Split from INC-1",)
    assert "DiskFull on search was split from this incident by Ben and goes on as INC-2." in life.chat.notices()


async def test_split_takes_fingerprints_and_kinds(life):
    more = [small(name) for name in ("A", "B", "C")]
    await life.take(SLOW, *more)

    await split(life, 1, more[0].fingerprint[:8].upper(), "B on search")

    assert {(await life.alert(one)).incident_id for one in more[:2]} == {(await life.by_number(2)).id}
    assert (await life.alert(more[2])).incident_id == (await life.by_number(1)).id


async def test_what_is_split_off_is_at_least_a_p2_and_quiet_where_all_has_resolved(life):
    hint = tiny("DiskFilling", service="search")
    await life.take(SLOW)
    await life.take(hint)
    await life.take(over(hint, life.clock))

    await split(life, 1, "DiskFilling")

    assert (await life.by_number(2)).severity is Severity.P2
    assert await counts(life, 2) == (0, 1)
    [end] = await life.proposals(await life.by_number(2), ProposalState.OPEN)
    assert end.title == "Resolve INC-2"


@pytest.mark.parametrize(
    ("wanted", "who", "why"),
    [
        ("Nothing", "ben", "INC-1 has no such alert. It has: .* on search and 2 more"),
        ("?", "ben", "These are all alerts of INC-1; nothing would be left of it."),
        ("A", "vic", "To split incidents you need the role responder"),
    ],
)
async def test_split_that_cannot_be_is_refused(life, wanted, who, why):
    await life.take(*[small(name) for name in "ABCDEFG"])

    with pytest.raises(DecisionRefused, match=why):
        await split(life, 1, wanted, who=who)

    assert await life.running() == [1]


async def test_incident_that_has_ended_is_not_split(life):
    await life.take(SLOW, FULL)
    await end(life, 1)

    with pytest.raises(DecisionRefused, match=r"INC-1 has ended\. Reopen it first"):
        await split(life, 1, "DiskFull")


async def test_kinds_of_an_incident_are_counted(life):
    await life.take(SLOW, FULL, small("DiskFull", labels={"disk": "b"}))

    kinds = await regroup.kinds(life.deps, (await life.by_number(1)).id)

    assert kinds == {"DiskFull on search": 2, "SearchSlow on search": 1}


# --- what people said counts later ---


async def test_what_people_split_is_not_joined_by_score_again_and_the_card_says_why(life):
    await life.take(SLOW, FULL)
    await split(life, 1, "DiskFull")
    await end(life, 1, 2)

    await life.take(again(SLOW, life.clock))
    await life.take(again(FULL, life.clock))

    assert await life.running() == [3, 4]
    why = "apart from INC-3: people kept it apart from SearchSlow on search on 21 November"
    assert await reasons(life, 4) == [f"opened the incident, {why}"]
    assert card_of(life, 4).regrouped == (f"A{why[1:]}",)
    assert card_of(life, 4).joined == ()
    assert [one for one in await life.proposals(await life.by_number(4)) if one.title.startswith("Merge")] == []


async def test_what_people_split_joins_again_after_ninety_days(life):
    await life.take(SLOW, FULL)
    await split(life, 1, "DiskFull")
    await end(life, 1, 2)
    life.clock.forward(timedelta(days=91).total_seconds())

    await life.take(again(SLOW, life.clock))
    await life.take(again(FULL, life.clock))

    assert await life.running() == [3]


async def test_what_people_split_is_not_joined_for_its_service_either_however_late(life):
    await life.take(SLOW, FULL)
    await split(life, 1, "DiskFull")
    await end(life, 1, 2)
    await life.take(again(SLOW, life.clock))
    life.clock.forward(3_600)

    await life.take(again(FULL, life.clock))

    assert await life.running() == [3, 4]
    assert card_of(life, 4).regrouped[0].startswith("Apart from INC-3: people kept it apart")


async def test_alert_that_was_split_off_does_not_reopen_what_it_was_split_from(life):
    await life.take(SLOW, FULL)
    await split(life, 1, "DiskFull")
    await life.take(over(SLOW, life.clock))
    ben = await life.person("ben")
    old = await life.by_number(1)
    await resolve.resolve(life.deps, old.id, ben, ending=Ending.RESOLVED, note="", despite_red=True)
    await end(life, 2)

    await life.take(again(small("DiskFull", labels={"disk": "c"}), life.clock))

    assert await life.running() == [3]


async def test_what_people_merged_joins_with_less(life):
    await life.take(small("KubePodCrashLooping", service="payments"))
    await life.take(small("KubePodNotReady", service="checkout"))
    assert await life.running() == [1, 2]
    await merge(life, 2, into=1)
    await end(life, 1)

    await life.take(again(small("KubePodCrashLooping", service="payments"), life.clock))
    await life.take(again(small("KubePodNotReady", service="checkout"), life.clock))

    assert await life.running() == [3]
    [_, why] = await reasons(life, 3)
    assert "people merged it with KubePodCrashLooping on payments on 21 November" in why


async def test_what_people_merged_joins_though_nothing_else_ties_it(life):
    await life.take(small("SearchSlow"))
    await life.take(big("QueueFull", service="batch"))
    await merge(life, 2, into=1)
    await end(life, 1)

    await life.take(again(small("SearchSlow"), life.clock))
    await life.take(again(big("QueueFull", service="batch"), life.clock))

    assert await life.running() == [3]


async def test_merge_that_was_rejected_is_not_proposed_again(life):
    await life.take(small("KubePodCrashLooping", service="payments"))
    await life.take(small("KubePodNotReady", service="checkout"))
    incident, ben = await life.by_number(2), await life.person("ben")
    [put] = [one for one in await life.proposals(incident, ProposalState.OPEN) if one.title.startswith("Merge")]
    await decide.vote(life.deps, put.id, put.version, Choice.REJECT, ben)
    await end(life, 1, 2)

    await life.take(again(small("KubePodCrashLooping", service="payments"), life.clock))
    await life.take(again(small("KubePodNotReady", service="checkout"), life.clock))

    assert await life.running() == [3, 4]
    assert [one for one in await life.proposals(await life.by_number(4)) if one.title.startswith("Merge")] == []


async def test_merging_what_was_split_takes_the_word_back(life):
    await life.take(SLOW, FULL)
    await split(life, 1, "DiskFull")
    await merge(life, 2, into=1)
    await end(life, 1)

    await life.take(again(SLOW, life.clock))
    await life.take(again(FULL, life.clock))

    assert await life.running() == [3]
    assert (await life.alert(FULL)).alert.status is AlertStatus.FIRING
