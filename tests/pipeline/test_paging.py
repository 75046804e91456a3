"""Pages at a paging service: one an incident, the same here and there, loud where it fails; and the pause of it all."""

import pytest

from incident_copilot.domain.catalog import OnCall, Team
from incident_copilot.domain.effect import Mail
from incident_copilot.domain.incident import Ending, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.page import PageHeard, is_ours, key_of
from incident_copilot.domain.proposal import ProposalKind, ProposalState
from incident_copilot.errors import DecisionRefused, VendorRefused, VendorUnavailable
from incident_copilot.pipeline import call_in, declare, paging, pausing, receive, resolve, run
from incident_copilot.ports import Delivery
from incident_copilot.store import effects

from .life import CATALOG, Life, big, small
from .test_carry_out import approve
from .test_on_call import PEOPLE


class Pager:
    """A paging service that remembers what it was told, and fails when told to."""

    name = "pagerduty"

    def __init__(self):
        self.told, self.trouble = [], None

    async def send(self, page):
        if self.trouble:
            raise self.trouble
        self.told.append(page)

    @property
    def events(self):
        return [page.event for page in self.told]


@pytest.fixture
def pager():
    return Pager()


@pytest.fixture
def life_with(db, clock, pager):
    def build(**policy):
        on_call = OnCall(primary="U0ANA", secondary="U0BEN", pager="pagerduty")
        teams = (Team(name="shop", on_call=on_call), Team(name="security", on_call=on_call))
        catalog = CATALOG.model_copy(update={"teams": teams, "people": PEOPLE})
        return Life(db, clock, catalog=catalog, pagers={"pagerduty": pager}, **policy)

    return build


async def heard(life, incident, event, by="Ben", delivery_id="d1"):
    """What the paging service tells by its webhook."""
    told = PageHeard(key=key_of("w", incident.id, "pagerduty"), event=event, by=by)
    await receive.receive(life.deps, "pagerduty", Delivery(pages=(told,), delivery_id=delivery_id), b"{}")
    await life.work()
    return await life.newest()


async def test_page_follows_the_incident_from_its_opening_to_its_end(life_with, pager):
    life = life_with(public_url="https://copilot.example.net")
    incident = await life.opened(big())
    ana = await life.person("ana")
    await life.take(big("Another"))

    await run.acknowledge(life.deps, incident.id, ana)
    await resolve.resolve(life.deps, incident.id, ana, ending=Ending.FALSE_ALARM, note="", despite_red=True)
    await life.work()
    await run.reopen(life.deps, incident.id, ana)
    await life.work()

    assert pager.events == ["trigger", "acknowledge", "resolve"]
    first = pager.told[0]
    assert (first.key, first.severity, first.link) == (
        f"incident-copilot:w:{incident.id}:pagerduty",
        "P1",
        "https://copilot.example.net/incidents/1",
    )
    paged = [row.payload for row in await life.log(incident, LogKind.PAGED) if row.payload["turn"] == "pager"]
    assert paged == [{"person": "pager:pagerduty", "turn": "pager"}]


async def test_page_that_is_over_is_not_ended_again(life_with, pager):
    life = life_with()
    incident = await life.opened(big())
    for _ in range(2):
        async with life.deps.db.transaction() as tx:
            await paging.over(tx, life.deps, incident)
        await life.work()

    assert pager.events == ["trigger", "resolve"]


async def test_open_incident_that_comes_back_is_paged_again(life_with, pager):
    life = life_with()
    incident = await life.opened(big())
    ana = await life.person("ana")
    await resolve.resolve(life.deps, incident.id, ana, ending=Ending.FALSE_ALARM, note="", despite_red=True)
    await run.reopen(life.deps, incident.id, ana)
    await life.work()

    assert pager.events == ["trigger", "resolve", "trigger"]


async def test_team_that_is_called_by_a_person_is_paged_but_not_for_a_test(life_with, pager):
    life = life_with()
    incident = await life.opened(small())
    ana = await life.person("ana")
    drill = (await declare.declare(life.deps, ana, title="Drill", test=True)).incident

    for one in (incident, drill):
        await call_in.page(life.deps, one.id, ana, team="shop")
        await call_in.page(life.deps, one.id, ana, who="U0BEN")
    await life.work()

    assert [(page.event, page.summary) for page in pager.told] == [
        ("trigger", f"INC-1 {incident.title}"),
    ]


async def test_nobody_is_paged_twice_nor_in_shadow_mode(life_with, pager):
    await life_with().opened(big(source="pagerduty"))
    await life_with(shadow=True).opened(big("Elsewhere", service="search", labels={"cluster": "us-1"}))

    assert pager.told == []


async def test_page_that_was_resolved_there_is_not_opened_again_by_us(life_with, pager):
    life = life_with()
    incident = await life.opened(big())
    await heard(life, incident, "resolve")

    await life.go_on(minutes=10)

    assert pager.events == ["trigger"]


async def test_who_acknowledges_there_has_taken_it_here(life_with, pager):
    life = life_with()
    incident = await life.opened(big())

    taken = await heard(life, incident, "acknowledge")
    again = await heard(life, incident, "acknowledge", delivery_id="d2")
    await life.go_on(minutes=31)

    assert (taken.status, taken.acknowledged_by, taken.commander) == (Status.ACKNOWLEDGED, "U0BEN", "U0BEN")
    assert again.acknowledged_at == taken.acknowledged_at
    assert pager.events == ["trigger"]
    [row] = await life.log(incident, LogKind.PAGE_HEARD)
    assert (row.actor, row.payload) == (
        "pager:pagerduty",
        {"pager": "pagerduty", "event": "acknowledge", "person": "U0BEN"},
    )
    assert "INC-1 was acknowledged at pagerduty by <@U0BEN>." in life.chat.notices()
    assert not [text for text in life.chat.notices() if text.startswith("Nobody has acknowledged")]


async def test_stranger_acknowledges_without_leading_and_a_resolve_asks_people_here(life_with, pager):
    life = life_with()
    incident = await life.opened(big())

    taken = await heard(life, incident, "acknowledge", by=None)
    still = await heard(life, incident, "resolve", by="zoe@acme.test", delivery_id="d2")

    assert (taken.status, taken.acknowledged_by) == (Status.ACKNOWLEDGED, None)
    assert (still.status, still.is_running) == (Status.ACKNOWLEDGED, True)
    assert "The page of INC-1 was resolved at pagerduty. Does it work again?" in life.chat.notices()


async def test_what_is_heard_late_or_of_no_page_changes_nothing(life_with, pager):
    life = life_with()
    incident = await life.opened(big())
    ana = await life.person("ana")
    await run.set_status(life.deps, incident.id, ana, Status.MITIGATED)
    mitigated = await heard(life, incident, "acknowledge", delivery_id="d0")
    replayed = await heard(life, incident, "resolve", delivery_id="d0")
    stranger = incident.model_copy(update={"id": "f" * 32})
    await heard(life, stranger, "acknowledge", delivery_id="d3")
    await heard(life, incident, None, delivery_id="d4")
    await resolve.resolve(life.deps, incident.id, ana, ending=Ending.FALSE_ALARM, note="", despite_red=True)
    ended = await heard(life, incident, "acknowledge", delivery_id="d5")

    assert (mitigated.status, replayed.status, ended.status) == (Status.MITIGATED, Status.MITIGATED, Status.RESOLVED)


async def test_page_that_fails_is_loud_and_people_are_reached_another_way(life_with, pager):
    life = life_with(can_mail=True)
    pager.trouble = VendorRefused("PagerDuty: HTTP 400: invalid routing key", status=400)

    incident = await life.opened(big())

    text = "pagerduty did not page anybody for INC-1: PagerDuty: HTTP 400: invalid routing key Please take it."
    notice = life.chat.shown[incident.channel_id, "notice:page:failed:pagerduty"]
    assert (notice.text, notice.mentions) == (text, ("U0ANA", "U0BEN"))
    async with life.deps.db.read() as db:
        mails = [one.deed for one in await effects.by_incident(db, incident.id) if isinstance(one.deed, Mail)]
    assert [mail.to for mail in mails] == [("ana@acme.test", "ben@acme.test")]
    assert len(await life.log(incident, LogKind.UNDELIVERED)) >= 1


async def test_pager_that_is_away_is_told_later_and_one_that_is_gone_is_loud(life_with, pager, db, clock):
    life = life_with()
    pager.trouble = VendorUnavailable("PagerDuty: HTTP 503")
    await life.opened(big())
    pager.trouble = None
    await life.go_on(minutes=1)

    assert pager.events == ["trigger"]
    gone = Life(db, clock, catalog=life.deps.catalog)
    await gone.opened(big("Elsewhere", service="payments", labels={"cluster": "us-1"}))
    assert any("copilot.yaml has no pager pagerduty" in text for text in gone.chat.notices())


async def test_escalation_to_a_team_pages_its_pager(life_with, pager):
    life = life_with()
    on_call = OnCall(primary="U0SEC", pager="pagerduty")
    teams = (Team(name="shop", on_call=OnCall(primary="U0ANA")), Team(name="security", on_call=on_call))
    life = Life(
        life.deps.db,
        life.clock,
        catalog=life.deps.catalog.model_copy(update={"teams": teams}),
        pagers={"pagerduty": pager},
    )

    await life.opened(big("PiiLeak", summary="PII in logs"))

    assert pager.events == ["trigger"]


def test_only_keys_that_we_made_are_ours():
    assert is_ours(key_of("w", "1", "pagerduty"))
    assert not is_ours("payments/errors")
    assert not is_ours("incident-copilot:w")


# --- the pause ---


async def test_while_paused_nothing_leaves_but_what_the_chat_shows(life_with, pager, clock):
    life = life_with()
    ben, ana = await life.person("ben"), await life.person("ana")
    with pytest.raises(DecisionRefused, match="To pause what goes out you need the role commander"):
        await pausing.pause(life.deps, ana, "")
    await pausing.pause(life.deps, ben, "a wrong rollout of ours")
    incident = await life.opened(big())
    action = await life.put(incident, ProposalKind.ACTION, rank=0)
    update = await life.put(incident, ProposalKind.UPDATE, rank=0)
    await approve(life, action, "ana")
    await approve(life, update, "cara")
    await life.go_on(minutes=2)
    waiting = [(await life.proposal(one.id)).state for one in (action, update)]
    line = await pausing.line(life.deps)
    shown = (incident.channel_id, "card") in life.chat.shown

    said = await pausing.resume(life.deps, ben)
    await life.work()

    assert (waiting, pager.events, shown) == ([ProposalState.APPROVED] * 2, ["trigger"], True)
    assert line == "Paused by <@U0BEN> since 21 Nov 12:00 UTC; /incident resume ends it."
    assert (said.text, await pausing.line(life.deps)) == ("What was held back goes out now.", None)
    assert [(await life.proposal(one.id)).state for one in (action, update)] == [ProposalState.CARRIED_OUT] * 2
    kinds = [row.kind for row in await life.workspace_log()]
    assert [kind for kind in kinds if kind.startswith("effects:")] == [LogKind.PAUSED, LogKind.RESUMED]
    assert "Ben paused all that goes out: actions, pages, e-mails, updates to customers." in life.chat.notices()


async def test_it_is_paused_and_let_go_once(life_with):
    life = life_with()
    ben = await life.person("ben")
    await pausing.pause(life.deps, ben, "")

    with pytest.raises(DecisionRefused, match="It is paused already"):
        await pausing.pause(life.deps, ben, "")
    await pausing.resume(life.deps, ben)
    with pytest.raises(DecisionRefused, match="Nothing is paused"):
        await pausing.resume(life.deps, ben)
