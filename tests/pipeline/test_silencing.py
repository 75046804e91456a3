"""Silences elsewhere: read, so that what is silenced there opens nothing here; and made there after an approval."""

import json
from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from incident_copilot.domain.content import Announcement, Card
from incident_copilot.domain.effect import Show
from incident_copilot.domain.incident import Ending
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Choice, ProposalState
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import decide, mute, read_silences, resolve, silencing
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.plugins import Config, build
from incident_copilot.sandbox.world import Outage, World, load_scenario
from incident_copilot.store import jobs

from .conftest import AT_ALERTMANAGER, BASE_URL, instance
from .life import Life, big, over, small

HOUR = timedelta(hours=1)
SILENCES = f"{BASE_URL}/alertmanager/api/v2/silences"
DISK = small("DiskFull", labels={"disk": "b", "pod": "p1"})


class Line(httpx.ASGITransport):
    """The line to the world; the answers to as many posts as it `loses` do not arrive."""

    loses = 0

    async def handle_async_request(self, request):
        answer = await super().handle_async_request(request)
        if request.method == "POST" and self.loses:
            self.loses -= 1
            raise httpx.ReadTimeout("", request=request)
        return answer


@pytest.fixture
async def there(clock):
    """The world whose Alertmanager is read, and a client to it."""
    world = World(load_scenario("bad_deploy"), clock(), clock, BASE_URL)
    world.line = Line(app=Starlette(routes=[Mount("/world", routes=world.routes())]))
    async with httpx.AsyncClient(transport=world.line) as http:
        world.http = http
        yield world


@pytest.fixture
def life(db, clock, there):
    instances = (
        instance("silence_sources", "alertmanager", AT_ALERTMANAGER),
        instance("actions", "silence", AT_ALERTMANAGER),
    )
    return Life(db, clock, silencing=build(Config(instances=instances), there.http, clock, {}))


@pytest.fixture
def bare(db, clock):
    return Life(db, clock)


async def silence(there, clock, *, lasts=HOUR, comment="racks are moved", **matchers):
    """Somebody silences alerts at Alertmanager."""
    body = {
        "matchers": [{"name": name, "value": value} for name, value in matchers.items()],
        "startsAt": clock().isoformat(),
        "endsAt": (clock() + lasts).isoformat(),
        "createdBy": "rosa",
        "comment": comment,
    }
    answer = await there.http.post(SILENCES, json=body)
    return answer.json()["silenceID"]


async def tick(life):
    """Have the silences read, as the clock does."""
    async with life.deps.db.transaction() as tx:
        at = life.clock()
        key = f"read:{at.isoformat()}"
        await jobs.enqueue_tick(tx, workspace_id="w", kind=Work.SILENCES, key=key, lane="tick:silences", run_at=at)
    await life.work()


async def ask(life, *what, lasts=HOUR, reason="", who="ana"):
    outcome = await silencing.propose(
        life.deps, (await life.by_number(1)).id, await life.person(who), what, lasts, reason
    )
    await life.work()
    return outcome.proposal


async def approve(life, put):
    ben = await life.person("ben")
    await decide.vote(life.deps, put.id, put.version, Choice.APPROVE, ben)
    await life.work()
    return await life.proposal(put.id)


def card_of(life, number):
    contents = [deed.content for deed in life.chat.deeds if isinstance(deed, Show)]
    cards = [one.card if isinstance(one, Announcement) else one for one in contents]
    return [one for one in cards if isinstance(one, Card) and one.incident.number == number][-1]


# --- read ---


async def test_what_is_silenced_there_opens_nothing_here_until_it_ends(life, there, clock):
    await silence(there, clock, alertname="DiskFull")
    await tick(life)

    await life.take(DISK)
    await life.take(small())
    before = await life.running()
    clock.forward(3_601)
    await tick(life)

    assert (before, await life.running()) == ([1], [1])
    assert (await life.alert(DISK)).incident_id == (await life.by_number(1)).id
    assert await mute.lines(life.deps) == []


async def test_silence_that_is_ended_there_or_lengthened_is_followed(life, there, clock):
    silence_id = await silence(there, clock, service="search")
    await silence(there, clock, alertname="Other")
    await tick(life)
    await life.take(DISK)
    there._state.silences[1] = there._state.silences[1].model_copy(update={"comment": "longer"})

    await there.http.delete(f"{BASE_URL}/alertmanager/api/v2/silence/{silence_id}")
    clock.forward(1)
    await tick(life)

    assert await life.running() == [1]
    assert await mute.lines(life.deps) == [
        'M-2: alertname="Other" until 21 Nov 13:00 UTC, at alertmanager by rosa: longer'
    ]


async def test_silence_there_is_on_the_card_of_an_incident_that_runs(life, there, clock):
    await life.take(DISK)
    await silence(there, clock, alertname="DiskFull")
    clock.forward(60)
    await tick(life)

    assert card_of(life, 1).silences == (
        'alertname="DiskFull" is muted at alertmanager until 21 Nov 13:00 UTC: racks are moved',
    )


async def test_while_the_source_is_away_what_it_said_last_counts_until_its_own_end(life, there, clock):
    await silence(there, clock, service="search")
    await tick(life)
    there.outages["alertmanager"] = Outage(status=503)
    await tick(life)
    clock.forward(30)
    await tick(life)

    await life.take(DISK)
    [_, gap] = await mute.lines(life.deps)
    before = await life.running()
    clock.forward(3_600)
    await tick(life)

    assert gap.startswith("alertmanager: silences were last read 21 Nov 12:00 UTC: alertmanager: HTTP 503")
    assert (before, await life.running()) == ([], [1])


async def test_source_that_never_answered_says_so(life, there):
    there.outages["alertmanager"] = Outage(status=503)

    await tick(life)

    [gap] = await mute.lines(life.deps)
    assert gap.startswith("alertmanager: silences were last read never: ")


async def test_more_silences_than_are_read_are_counted(life, there, clock, monkeypatch):
    monkeypatch.setattr(read_silences, "MOST_READ", 1)
    await silence(there, clock, alertname="A")
    await silence(there, clock, alertname="B", lasts=2 * HOUR)

    await tick(life)

    assert await mute.lines(life.deps) == [
        'M-1: alertname="B" until 21 Nov 14:00 UTC, at alertmanager by rosa: racks are moved',
        "alertmanager: silences were last read 21 Nov 12:00 UTC: 1 more silences than are read",
    ]


async def test_silence_there_is_not_ended_as_a_mute_here(life, there, clock):
    await silence(there, clock, alertname="A")
    await tick(life)

    with pytest.raises(DecisionRefused, match="M-1 was made at alertmanager; use /incident unsilence 1"):
        await mute.unmute(life.deps, await life.person("ana"), 1)


# --- made ---


async def test_approved_a_silence_is_made_with_exactly_the_matchers_that_were_shown(life, there):
    await life.take(DISK, small("DiskFull", labels={"disk": "b", "rack": "r7"}))

    put = await ask(life, reason="reindex")
    before = list(there.silences)
    done = await approve(life, put)

    [made] = there.silences
    shown = json.loads(put.shown["params"]["matchers"])
    wanted = {"alertname": "DiskFull", "cluster": "eu-1", "disk": "b", "env": "production"}
    wanted |= {"service": "search", "severity": "warning"}
    assert {one["name"]: one["value"] for one in shown} == wanted
    assert put.title == f"Silence {', '.join(f'{name}={value}' for name, value in wanted.items())} for 1 h"
    assert before == []
    assert [one.model_dump() for one in made.matchers] == shown
    assert (made.ends_at - made.starts_at, made.created_by) == (HOUR, "incident-copilot (U0BEN)")
    assert made.comment == f"INC-1: reindex [{put.id}-1]"
    assert done.state is ProposalState.CARRIED_OUT
    assert await life.due(Work.VERIFY) is None
    [row] = await life.log(await life.by_number(1), LogKind.CARRIED_OUT)
    assert row.payload["outcome"] == done.outcome


async def test_one_whose_answer_was_lost_is_found_and_not_made_twice(life, there, clock):
    await life.take(DISK)
    put = await ask(life)
    there.line.loses = 1

    await approve(life, put)
    for _ in range(3):
        clock.forward(60)
        await life.work()

    done = await life.proposal(put.id)
    assert (there.line.loses, len(there.silences)) == (0, 1)
    assert (done.state, done.outcome) == (
        ProposalState.CARRIED_OUT,
        f"Silenced {put.shown['target']} at silence until 13:00 UTC ({there.silences[0].id}).",
    )


async def test_undo_is_a_proposal_too(life, there, clock):
    await life.take(DISK)
    await approve(life, await ask(life))
    await tick(life)

    ana = await life.person("ana")
    put = (await silencing.propose_end(life.deps, (await life.by_number(1)).id, ana, 1)).proposal
    done = await approve(life, put)

    assert put.title.startswith('End the silence of alertname="DiskFull"')
    assert done.state is ProposalState.CARRIED_OUT
    assert there.silences[0].ends_at == clock()


async def test_typed_matchers_are_taken_as_they_are(life, there):
    await life.take(DISK)

    put = await ask(life, "alertname=Disk*", "service=search", lasts=2 * HOUR)

    assert put.title == "Silence alertname=Disk*, service=search for 2 h"
    assert put.service == "search"


async def test_silence_is_for_one_alert_by_name(life):
    await life.take(DISK)
    await life.take(small())
    await life.take(over(small(), life.clock))

    assert (await ask(life)).title.startswith("Silence alertname=DiskFull")
    await life.take(big("X", service="search"))
    assert (await ask(life, "X")).title.startswith("Silence alertname=X")


@pytest.mark.parametrize(
    ("what", "change", "why"),
    [
        ((), {}, r"Which alert\? It has: DiskFull, SlowSearch\. Or write label=value\."),
        (("Nothing",), {}, r"Which alert\?"),
        (("DiskFull", "SlowSearch"), {}, r"Which alert\?"),
        (("disk=",), {}, "Write label=value, twelve at most"),
        (("DiskFull",), {"who": "vic"}, "To silence alerts you need the role responder"),
        (("DiskFull",), {"lasts": timedelta(days=8)}, "7 days at most"),
    ],
)
async def test_silence_that_cannot_be_is_refused_and_logged(life, what, change, why):
    await life.take(DISK)
    await life.take(small())

    with pytest.raises(DecisionRefused, match=why):
        await ask(life, *what, **change)

    assert len(await life.log(await life.by_number(1), LogKind.DENIED)) == 1


async def test_without_the_action_people_are_told_what_to_set_up(bare):
    await bare.take(DISK)

    with pytest.raises(DecisionRefused, match="list the action silence in copilot"):
        await ask(bare)


async def test_while_the_other_side_is_away_nothing_is_proposed(life, there):
    await life.take(DISK)
    there.outages["alertmanager"] = Outage(status=503)

    with pytest.raises(DecisionRefused, match="silence could not be asked, so nothing is proposed"):
        await ask(life)


async def test_incident_that_has_ended_needs_no_silence(life):
    await life.take(DISK)
    incident, ben = await life.by_number(1), await life.person("ben")
    await resolve.resolve(life.deps, incident.id, ben, ending=Ending.FALSE_ALARM, note="", despite_red=True)

    with pytest.raises(DecisionRefused, match=r"INC-1 has ended\."):
        await ask(life)


async def test_only_silences_elsewhere_are_ended_there(life):
    await life.take(DISK)
    ana = await life.person("ana")
    await mute.mute(life.deps, ana, ["search"], HOUR, "here")

    for number in (1, 7):
        with pytest.raises(DecisionRefused, match=f"There is no silence {number} elsewhere"):
            await silencing.propose_end(life.deps, (await life.by_number(1)).id, ana, number)
