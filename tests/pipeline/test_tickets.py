"""Action items become tickets, each once; what is closed there is done here and the other way round."""

import re
from datetime import date, timedelta

import pytest

from incident_copilot.domain.content import KeptAt, Notice
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.postmortem import ActionItem
from incident_copilot.domain.ticket import TicketState
from incident_copilot.errors import DecisionRefused, OutcomeUnknown, VendorRefused, VendorUnavailable
from incident_copilot.pipeline import look_at_tickets, tickets, tracking
from incident_copilot.pipeline.reviewing import record, words
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.ports import Receipt
from incident_copilot.store import action_items, incidents, tracked_items

from .life import Life, big


class Tracker:
    """A tracker in memory; `trouble` is raised instead of opening, `blind` instead of looking."""

    name = "issues of acme/shop"

    def __init__(self):
        self.opened, self.states, self.looked = {}, {}, []
        self.trouble = self.blind = None
        self.loses_it = False

    async def open(self, wanted):
        if isinstance(self.trouble, OutcomeUnknown) and not self.loses_it:
            self._keep(wanted)
        if self.trouble:
            raise self.trouble
        return self._keep(wanted)

    def _keep(self, wanted):
        number = str(len(self.opened) + 1)
        self.opened[wanted.key], self.states[number] = (number, wanted), TicketState.OPEN
        return Receipt(ref={"key": number}, link=f"https://github.com/acme/shop/issues/{number}")

    async def find(self, wanted):
        if self.blind and self.opened:
            raise self.blind
        number, _ = self.opened.get(wanted.key, (None, None))
        return Receipt(ref={"key": number}, link="https://found.example") if number else None

    async def close(self, wanted):
        return await self._set(wanted, TicketState.CLOSED)

    async def reopen(self, wanted):
        return await self._set(wanted, TicketState.OPEN)

    async def _set(self, wanted, state):
        if self.trouble:
            raise self.trouble
        self.states[wanted.ref["key"]] = state
        return Receipt(ref=wanted.ref)

    async def state(self, ref):
        self.looked.append(ref["key"])
        if self.blind:
            raise self.blind
        return self.states[ref["key"]]


@pytest.fixture
def tracker():
    return Tracker()


@pytest.fixture
def life(db, clock, tracker):
    return Life(db, clock, trackers={"shop": tracker}, public_url="https://copilot.example/")


@pytest.fixture
async def incident(life):
    incident = await life.opened(big())
    await add(life, incident, "Alert on pool waits")
    return incident


async def add(life, incident, text, **fields):
    async with life.deps.db.transaction() as tx:
        await incidents.lock(tx, incident.id)
        return await action_items.add(tx, "w", ActionItem(text=text, kind="detect", incident_id=incident.id, **fields))


async def file(life, incident, tracker=None):
    return await tickets.file(life.deps, incident.id, await life.person("ana"), tracker)


async def items(life, incident):
    async with life.deps.db.read() as db:
        return await action_items.of_incident(db, incident.id)


async def states(life, incident):
    return [(one.is_open, one.external and one.external.state) for one in await items(life, incident)]


def shown(life, incident):
    return life.chat.shown[incident.channel_id, "tickets"].places


def notice(life, incident):
    return life.chat.shown[incident.channel_id, "notice:ticket:1"].text


async def change(life, incident, number, **fields):
    """Change an item as the command does, and have its ticket follow."""
    async with life.deps.db.transaction() as tx:
        locked = await incidents.lock(tx, incident.id)
        item = await action_items.get(tx, incident.id, number)
        kept = await action_items.save(tx, item.model_copy(update=fields))
        await tracking.mirror(tx, life.deps, locked, kept, "U0ANA")
    await life.work()


async def test_each_open_item_gets_one_ticket_with_what_it_is_about(life, incident, tracker):
    await add(life, incident, "Raise the limit", due=date(2026, 12, 5))
    await add(life, incident, "Was done meanwhile", done_at=life.clock())

    said = await file(life, incident)
    await life.work()

    wanted = [wanted for _, wanted in tracker.opened.values()]
    assert said.text == "I open 2 tickets for INC-1 at issues of acme/shop."
    assert [one.title for one in wanted] == ["INC-1: Alert on pool waits", "INC-1: Raise the limit"]
    assert wanted[1].text == (
        "Raise the limit\n\nFollows from INC-1: High 5xx ratio on checkout.\n\nType: detect. Owner: nobody yet.\n\n"
        "Due: 2026-12-05.\n\nhttps://copilot.example/incidents/1/postmortem"
    )
    assert {one.since for one in wanted} == {incident.opened_at}
    assert shown(life, incident) == (
        KeptAt(name="1 Alert on pool waits (1, open)", link="https://github.com/acme/shop/issues/1", is_there=True),
        KeptAt(name="2 Raise the limit (2, open)", link="https://github.com/acme/shop/issues/2", is_there=True),
    )
    with pytest.raises(DecisionRefused, match="Every open action item of INC-1 has its ticket"):
        await file(life, incident)


async def test_lost_answer_is_looked_for_before_another_ticket_is_opened(life, incident, tracker):
    tracker.trouble = OutcomeUnknown("GitHub: no answer")
    await file(life, incident)
    tracker.blind = VendorUnavailable("GitHub: HTTP 503")
    await life.go_on(seconds=5)
    tracker.blind = None
    await life.go_on(minutes=2)

    (item,) = await items(life, incident)
    assert len(tracker.opened) == 1
    assert (item.external.key, item.external.url, item.external.state) == ("1", "https://found.example", "open")


async def test_what_is_not_found_after_its_time_is_opened_after_another_look(life, incident, tracker):
    tracker.trouble, tracker.loses_it = OutcomeUnknown("GitHub: no answer"), True
    await file(life, incident)
    await life.work()
    tracker.trouble = None
    for _ in range(10):
        await life.go_on(seconds=15)

    assert (len(tracker.opened), await states(life, incident)) == (1, [(True, "open")])


async def test_ticket_that_is_refused_is_told_loudly_and_opened_by_a_click(life, incident, tracker):
    tracker.trouble = VendorRefused("GitHub: HTTP 410: Issues has been disabled in this repository", 410)
    await file(life, incident)
    await life.go_on(hours=1)
    failed = await states(life, incident)
    (told,) = [one for _, _, one in life.chat.posts if isinstance(one, Notice) and "was not opened" in one.text]
    tracker.trouble = None
    await file(life, incident, "shop")
    await life.work()

    assert failed == [(True, "failed")]
    assert told.text == (
        "The ticket of action item 1 of INC-1 was not opened: "
        "GitHub: HTTP 410: Issues has been disabled in this repository"
    )
    assert (told.mentions, [one.label for one in told.buttons]) == (("U0ANA",), ["Open missing tickets"])
    assert await states(life, incident) == [(True, "open")]


async def test_done_here_is_closed_there_and_opened_again_with_it(life, incident, tracker):
    await change(life, incident, 1, done_at=life.clock(), done_by="U0ANA")
    await change(life, incident, 1, done_at=None, done_by=None)
    await file(life, incident)
    await life.work()

    await change(life, incident, 1, done_at=life.clock(), done_by="U0ANA")
    closed = (await states(life, incident), dict(tracker.states))
    await change(life, incident, 1, done_at=None, done_by=None)

    assert closed == ([(False, "closed")], {"1": TicketState.CLOSED})
    assert (await states(life, incident), tracker.states) == ([(True, "open")], {"1": TicketState.OPEN})


async def test_ticket_that_cannot_be_closed_is_told_and_left(life, incident, tracker):
    await file(life, incident)
    await life.work()
    tracker.trouble = VendorRefused("Jira: the workflow of OPS-1 has no transition to closed; move it there", 0)

    await change(life, incident, 1, done_at=life.clock(), done_by="U0ANA")

    assert notice(life, incident) == (
        "The ticket of action item 1 of INC-1 was not closed: "
        "Jira: the workflow of OPS-1 has no transition to closed; move it there"
    )
    assert await states(life, incident) == [(False, "open")]
    tracker.states["1"] = TicketState.CLOSED
    await life.run_job(Work.TICKETS, incident)
    assert (await states(life, incident), await life.log(incident, LogKind.TICKET_CLOSED)) == ([(False, "closed")], [])


async def test_closed_there_is_done_here_and_opened_again_there_is_not(life, incident, tracker):
    await add(life, incident, "Raise the limit")
    await file(life, incident)
    await life.work()

    tracker.states["1"] = TicketState.CLOSED
    await life.run_job(Work.TICKETS, incident)
    closed = await states(life, incident)
    tracker.states["1"] = TicketState.OPEN
    await life.run_job(Work.TICKETS, incident)

    rows = await life.log(incident, LogKind.TICKET_ASKED, *[kind for _, kind, _ in tracking.AFTER.values()])
    found = await record.read(life.deps, incident.id)
    assert closed == [(False, "closed"), (True, "open")]
    assert await states(life, incident) == [(True, "open"), (True, "open")]
    assert [words.sentence(found, row) for row in rows] == [
        "The primary on call asked for tickets at shop, for action items 1, 2.",
        "The copilot opened the ticket 1 of action item 1 at shop.",
        "The copilot opened the ticket 2 of action item 2 at shop.",
        "People at shop closed the ticket 1 of action item 1 at shop.",
        "People at shop opened again the ticket 1 of action item 1 at shop.",
    ]


async def test_ticket_that_was_deleted_is_told_and_may_be_opened_anew(life, incident, tracker):
    await file(life, incident)
    await life.work()
    tracker.states["1"] = TicketState.LOST
    await life.run_job(Work.TICKETS, incident)

    assert notice(life, incident) == "The ticket 1 of action item 1 is gone at issues of acme/shop."
    assert shown(life, incident) == (
        KeptAt(
            name="1 Alert on pool waits (1, lost)",
            link="https://github.com/acme/shop/issues/1",
            problem="It was deleted there.",
        ),
    )
    tracker.opened.clear()
    assert (await file(life, incident)).text == "I open 1 ticket for INC-1 at issues of acme/shop."


async def test_item_that_is_changed_here_meanwhile_is_left_alone(life, incident, tracker):
    await file(life, incident)
    await life.work()
    async with life.deps.db.read() as db:
        (before,) = await tracked_items.since(db, "w", life.clock())
    await change(life, incident, 1, done_at=life.clock(), done_by="U0ANA")

    async with life.deps.db.transaction() as tx:
        await look_at_tickets.follow(tx, life.deps, before, TicketState.OPEN)

    assert await states(life, incident) == [(False, "closed")]


async def test_tracker_that_does_not_answer_is_asked_once_and_operators_are_told(life, incident, tracker):
    await add(life, incident, "Raise the limit")
    await file(life, incident)
    await life.work()
    tracker.blind = VendorUnavailable("GitHub: HTTP 503 for GET")
    await life.run_job(Work.TICKETS, incident)
    told = life.chat.notices()[-1]
    tracker.blind = None
    await life.run_job(Work.TICKETS, incident)

    assert tracker.looked == ["1", "1", "2"]
    assert told == "issues of acme/shop: tickets are not looked at. GitHub: HTTP 503 for GET"
    assert life.chat.shown["COPERATOR", "notice:ops:tracker:shop"].text == "issues of acme/shop answers again."


def test_with_many_tickets_each_waits_its_turn(life):
    many = list(range(100))
    turns = []
    for _ in range(5):
        turns.append(look_at_tickets.in_turn(life.deps, many))
        life.clock.forward(timedelta(minutes=10).total_seconds())

    assert {len(turn) for turn in turns} == {look_at_tickets.AT_ONCE}
    assert {number for turn in turns for number in turn} == set(many)
    assert look_at_tickets.in_turn(life.deps, many[:3]) == [0, 1, 2]


async def test_tracker_that_was_taken_out_of_the_file_is_said_to_be(life, incident, tracker):
    await file(life, incident)
    life.deps.trackers.pop("shop")
    await life.work()

    assert notice(life, incident).endswith("was not opened: copilot.yaml has no tracker shop any more")


async def test_without_a_tracker_or_items_it_says_what_to_do(db, clock, life, tracker):
    incident = await life.opened(big())
    ana = await life.person("ana")

    for other, named, because in (
        (Life(db, clock), None, "Nothing keeps tickets: name a place under trackers in copilot.yaml."),
        (life, "jira", "There is no jira under trackers in copilot.yaml; it has: shop."),
        (life, None, "INC-1 has no open action items."),
    ):
        with pytest.raises(DecisionRefused, match=re.escape(because)):
            await tickets.file(other.deps, incident.id, ana, named)


async def test_tracker_that_goes_while_an_answer_is_looked_for_is_said_to_have_gone(life, incident, tracker):
    tracker.trouble, tracker.loses_it = OutcomeUnknown("GitHub: no answer"), True
    await file(life, incident)
    await life.work()
    life.deps.trackers.pop("shop")
    await life.go_on(seconds=30)

    assert notice(life, incident).endswith("was not opened: copilot.yaml has no tracker shop any more")
