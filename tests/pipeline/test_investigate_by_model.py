"""The model tests the brief's causes as a job of its own: shown, stopped, logged, bounded, and never in the way."""

import re
from datetime import timedelta

import pytest
from pydantic import BaseModel

from incident_copilot.domain.catalog import Service
from incident_copilot.domain.content import Button, Press
from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.investigation import Budget, InvestigationState
from incident_copilot.domain.log import LogKind
from incident_copilot.errors import DecisionRefused, VendorUnavailable
from incident_copilot.pipeline import investigate_by_model, read, wakeups
from incident_copilot.pipeline.by_model import telling
from incident_copilot.ports import OfferedTool
from incident_copilot.store import egress, evidence, incidents, investigations, model_calls

from . import samples
from .by_model.scripted import Scripted, another, asks, away, judged, log, says
from .life import CATALOG, Life, big


class Source:
    """A context source that finds a deploy, a pool at its limit and what payments logged."""

    name = "Prometheus"
    finds = frozenset(EvidenceKind)

    def __init__(self):
        self.asked = 0

    async def gather(self, question):
        self.asked += 1
        pool = {"points": samples.points((40, 4), (13, 20)), "unit": "connections", "service": "payments"}
        of_incident = {"incident_id": question.incident.id}
        number = self.asked
        return [
            samples.change(id=f"deploy{number}", diff="-pool_size: 20\n+pool_size: 4", **of_incident),
            samples.evidence(id=f"pool{number}", title="database pool in use of payments", data=pool, **of_incident),
            log("pool exhausted after 30 s", id=f"logs{number}", **of_incident),
        ]

    async def check(self):
        return None


def labelled(given, title):
    """The label of the evidence with this title."""
    return re.search(rf"^(E\d+): .*{re.escape(title)}", given, re.MULTILINE)[1]


def look_at_pool(given):
    return asks("read_metric", metric=labelled(given, "database pool"))


def pool_first(given):
    pool = labelled(given, "database pool")
    return says(judged("H1", 0.1, against=[pool]), judged("H2", 0.9, pool))


@pytest.fixture
def lived(db, clock):
    def live(llm, **policy):
        return Life(db, clock, llm=llm, sources=(Source(),), **policy)

    return live


def notices(life):
    """What the message about the model has shown, as texts with the buttons' labels."""
    shown = [one.content for one in life.chat.deeds if getattr(one, "slot", "") == "notice:model"]
    return [(one.text, [button.label for button in one.buttons]) for one in shown]


async def held(life, incident):
    async with life.deps.db.read() as db:
        return await investigations.latest(db, "w", incident.id)


async def calls(life, incident):
    async with life.deps.db.read() as db:
        return [one.outcome for one in await model_calls.of_incident(db, incident.id)]


async def test_a_look_puts_another_cause_first_and_the_brief_stays_as_it_is(lived):
    life = lived(Scripted(look_at_pool, pool_first))

    incident = await life.opened(big())

    found = await held(life, incident)
    button = Button(press=Press.REASONING, label="Show", value=found.id)
    [shown] = [one.content for one in life.chat.deeds if getattr(one, "slot", "") == "notice:model"]
    assert shown.text == (
        'The model puts "payments v2.31.0 (pool_size 20 -> 4)" first, above'
        ' "payments is at the limit of its connection pool": evidence E1.'
    )
    assert shown.buttons == (button,)
    brief = (await read.brief(life.deps, incident.id)).brief
    assert brief.suspect.cause == "payments is at the limit of its connection pool"
    # A likely cause is not talked down by one opinion: the next specialist is asked too.
    assert sorted(await calls(life, incident)) == [*["answered"] * 4, "it refused"]


async def test_the_log_says_what_the_model_did(lived):
    life = lived(Scripted(look_at_pool, pool_first))
    incident = await life.opened(big())

    [row] = await life.log(incident, LogKind.MODEL_LOOKED)

    told = {name: row.payload[name] for name in ("first", "computed_first", "evidence", "steps", "claims", "struck")}
    assert told == {
        "first": "payments v2.31.0 (pool_size 20 -> 4)",
        "computed_first": "payments is at the limit of its connection pool",
        "evidence": ["pool1"],
        "steps": 4,
        "claims": 12,
        "struck": 6,
    }


async def test_people_stop_it_and_it_ends_before_its_next_step(lived):
    async def stops(given):
        incident = await life.newest()
        async with life.deps.db.read() as db:
            running = await investigations.latest(db, "w", incident.id)
        await investigate_by_model.stop(life.deps, running.id, await life.person("ana"))
        return look_at_pool(given)

    model = Scripted(stops, pool_first)
    life = lived(model)

    incident = await life.opened(big())

    found = await held(life, incident)
    assert (found.is_running, found.why, found.stopped_by) == (False, "people stopped it", "U0ANA")
    assert len(model.seen) == 1
    assert [row.actor for row in await life.log(incident, LogKind.MODEL_STOPPED)] == ["U0ANA"]
    assert notices(life)[-1] == ("The model was stopped before it had an answer. The computed brief stands.", [])


async def test_what_has_ended_cannot_be_stopped_and_viewers_may_not(lived):
    life = lived(Scripted(look_at_pool, pool_first))
    incident = await life.opened(big())
    found = await held(life, incident)

    with pytest.raises(DecisionRefused, match="does not look into it any more"):
        await investigate_by_model.stop(life.deps, found.id, await life.person("ana"))
    with pytest.raises(DecisionRefused, match="you need the role responder"):
        await investigate_by_model.stop(life.deps, found.id, await life.person("vic"))

    assert len(await life.log(incident, LogKind.DENIED)) == 2


@pytest.mark.parametrize("reason", ["no answer in 20 s", "it refused"])
async def test_without_an_answer_the_computed_brief_stands_and_one_line_says_why(lived, reason):
    life = lived(Scripted(away(reason)))

    incident = await life.opened(big())

    assert notices(life)[-1] == (
        f"The model did not help: no usable answer: {reason}. The computed brief stands.",
        [],
    )
    assert (await read.brief(life.deps, incident.id)).brief.suspect is not None


async def test_a_process_that_dies_loses_one_step_and_no_more(lived):
    def dies(given):
        raise RuntimeError("killed")

    model = Scripted(look_at_pool, dies, pool_first)
    life = lived(model)
    incident = await life.opened(big())
    steps_before = (await held(life, incident)).spent.steps

    await life.go_on(minutes=1)

    found = await held(life, incident)
    assert (steps_before, found.spent.steps) == (1, 4)
    assert len(model.seen) == 5
    assert found.result.above == "H1"


LEDGER_DB = "connections used of ledger-db, around the beginning"
BECAUSE = "The connections used of ledger-db went from 40 % to 100 %."
BELOW = CATALOG.model_copy(
    update={
        "services": (
            Service(name="checkout", team="shop", tier=1, user_facing=True, depends_on=("payments",)),
            Service(name="payments", team="shop", depends_on=("ledger-db", "vault")),
            Service(name="ledger-db"),
            Service(name="vault", model=False),
        )
    }
)


class Nearest(Source):
    """The same source, which is asked about the first two services only, as its settings say; and what vault does."""

    def __init__(self):
        super().__init__()
        self.questions = []

    async def gather(self, question):
        self.questions.append(question.services)
        full = {"points": samples.points((40, 40), (13, 100)), "unit": "%", "service": question.services[0]}
        of_incident = {"incident_id": question.incident.id, "query": None}
        if question.services == ("ledger-db",):
            told = {"title": "connections used of ledger-db", "summary": "100 % at 12:00 UTC, 40 % before 11:30."}
            return [samples.evidence(id="full", data=full, **told, **of_incident)]
        secret = full | {"service": "vault"}
        return [
            *await super().gather(question),
            samples.evidence(id="secret", title="unseals of the vault", data=secret, **of_incident),
        ]


async def test_a_service_two_hops_below_is_asked_about_and_is_the_cause_that_the_model_puts_first(db, clock):
    below = asks("ask_source", source="Prometheus", service="ledger-db", window="around the beginning")
    hidden = asks("ask_source", source="Prometheus", service="vault", window="around the beginning")

    def blames(given):
        label = labelled(given, LEDGER_DB)
        why = another("ledger-db", label, confidence=0.45, because=BECAUSE)
        return says(judged("H1", 0.1, against=[label]), judged("H2", 0.1, against=[label]), another=why)

    source, model = Nearest(), Scripted([*below, *hidden], blames)
    life = Life(db, clock, catalog=BELOW, llm=model, sources=(source,))

    incident = await life.opened(big())

    found = await held(life, incident)
    label = labelled(model.seen[1][1], LEDGER_DB)
    assert [services for services in source.questions if len(services) == 1] == [("ledger-db",)]
    async with life.deps.db.read() as reading:
        assert (await evidence.get(reading, "full")).title == LEDGER_DB
    told, buttons = notices(life)[-1]
    assert told == (
        'The model puts "saturation of ledger-db" first, above'
        f' "payments is at the limit of its connection pool": evidence {label}.'
    )
    assert buttons == ["Show"]
    [opinion, *_] = found.opinions
    assert opinion.judgements[-1].because == BECAUSE
    assert opinion.struck == ("H1 at 0.10: what was looked at leaves it at least 0.42",)
    assert [telling.looked(look) for look in found.looks] == [
        "saturation: ask source Prometheus, ledger-db, around the beginning",
        "saturation: ask source Prometheus, vault, around the beginning (nothing new)",
    ]
    assert found.labels[label] == "full"
    briefs = [one.content for one in life.chat.deeds if getattr(one, "slot", "") == "brief"]
    assert len(briefs) == 1
    assert (await read.brief(life.deps, incident.id)).brief.suspect.cause == found.first_cause
    # Of what opted out the model is told nothing, however it asks.
    [_, refused] = [result for _, result in model.seen[1][2]]
    assert refused == "Nobody is asked about vault; ask about checkout, payments, ledger-db."
    assert [facts for _, facts, *_ in model.seen if "vault" in facts] == []


async def test_evidence_that_is_asked_for_is_kept_and_can_be_cited(lived):
    def again(given):
        return asks("ask_source", source="Prometheus", service="payments", window="last 15 minutes")

    def cites(given):
        return says(judged("H1", 0.5, labelled(given, "database pool in use of payments, last 15 minutes")))

    life = lived(Scripted(again, cites))

    incident = await life.opened(big())

    found = await held(life, incident)
    async with life.deps.db.read() as db:
        assert await evidence.get(db, "pool2")
    # The deploy is known already, and is none of what this specialist reads.
    assert {"pool2", "logs2"} <= set(found.labels.values())
    assert "deploy2" not in found.labels.values()


class Offering(Source):
    """The same, with a tool that the operators allow."""

    def __init__(self, *, is_there=True):
        super().__init__()
        self.is_there = is_there

    async def tools(self):
        if not self.is_there:
            raise VendorUnavailable("Prometheus: HTTP 503")
        return [OfferedTool("wiki_search", "Search the wiki.", Words, self.search)]

    async def search(self, words):
        return f"{words.query} of payments: 20 connections, says ana@acme.example"


class Words(BaseModel):
    query: str


async def test_a_tool_that_operators_allow_is_asked_and_its_note_makes_no_cause_surer(db, clock):
    def cites(given):
        return says(judged("H1", 0.9, labelled(given, "Search the wiki."), because="The pool has 20 connections."))

    life = Life(db, clock, llm=Scripted(asks("wiki_search", query="pool"), cites), sources=(Offering(),))

    incident = await life.opened(big())

    found = await held(life, incident)
    [first, *_] = found.opinions
    computed = found.hypotheses[0].confidence
    assert first.judgements[0].because == "A tool says: The pool has 20 connections."
    assert first.judgements[0].confidence == round(computed, 2)
    assert first.struck == (f"H1 at 0.90: its evidence supports {computed:.2f}",)


async def test_what_tools_showed_is_in_the_ledger_as_it_leaves(db, clock):
    life = Life(db, clock, llm=Scripted(asks("wiki_search", query="pool"), away()), sources=(Offering(),))

    incident = await life.opened(big())

    async with life.deps.db.read() as reading:
        sent = [one for one in await egress.of_incident(reading, incident.id) if one.purpose != "brief"]
    first, second = sent[:2]
    assert (first.hidden, second.hidden) == ({}, {"email": 1})
    assert second.characters > first.characters


async def test_a_server_without_an_answer_is_named_with_the_reasons(db, clock):
    life = Life(db, clock, llm=Scripted(look_at_pool, pool_first), sources=(Offering(is_there=False),))

    incident = await life.opened(big())

    assert (await held(life, incident)).missing == {"Prometheus": "HTTP 503"}


async def test_the_same_first_cause_is_not_looked_into_twice(lived):
    model = Scripted(look_at_pool, pool_first)
    life = lived(model)
    incident = await life.opened(big())

    asked = len(model.seen)

    await life.run_job("gather_context", incident)

    assert (asked, len(model.seen)) == (4, 4)


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        (
            {"model_budget_a_day": Budget(steps=1, tokens=9, usd=9, seconds=9)},
            "the budget of 1 steps for today is used up",
        ),
        ({"model_calls_per_hour": 1}, "the model was asked as often this hour as the settings allow"),
    ],
)
async def test_an_incident_that_is_not_looked_into_says_why(lived, policy, why):
    model = Scripted(look_at_pool, pool_first)
    life = lived(model, **policy)

    incident = await life.opened(big())

    assert notices(life) == [(f"The model was not asked: {why}. The computed brief stands.", [])]
    assert (model.seen, await held(life, incident)) == ([], None)


async def test_a_cause_that_comes_when_the_budget_is_used_up_is_not_looked_into(lived):
    model = Scripted(look_at_pool, pool_first)
    life = lived(model, model_budget=Budget(steps=3, tokens=60_000, usd=0.5, seconds=180))
    incident = await life.opened(big())
    async with life.deps.db.transaction() as tx:
        brief = await evidence.latest_brief(tx, incident.id)
        other = brief.hypotheses[0].model_copy(update={"cause": "something else"})
        newer = {"hypotheses": (other, *brief.hypotheses), "as_of": life.clock() + timedelta(seconds=1)}
        await evidence.add_brief(tx, brief.model_copy(update=newer))
        await wakeups.investigate(tx, life.deps, incident.id, at=life.clock())
    told = notices(life)

    await life.work()

    assert len(model.seen) == 2
    assert notices(life) == told


async def test_without_steps_in_the_budget_it_is_off(lived):
    model = Scripted(look_at_pool)
    life = lived(model, model_budget=Budget(steps=0, tokens=1, usd=1, seconds=1))

    await life.opened(big())

    assert (model.seen, notices(life)) == ([], [])


async def running_one(life):
    """An investigation that has begun and whose next step is due."""
    incident = await life.opened(big())
    async with life.deps.db.transaction() as tx:
        before = await investigations.latest(tx, "w", incident.id)
        again = before.model_copy(
            update={
                "id": "f" * 32,
                "state": InvestigationState.RUNNING,
                "looks": (),
                "opinions": (),
                "place": 0,
                "result": None,
            }
        )
        await investigations.add(tx, again)
        await wakeups.investigate(tx, life.deps, incident.id, at=life.clock())
    return incident


async def test_it_ends_with_the_incident(lived):
    model = Scripted(away())
    life = lived(model)
    incident = await running_one(life)
    async with life.deps.db.transaction() as tx:
        await incidents.save(tx, incident.model_copy(update={"ended_at": life.clock()}))

    await life.work()

    assert (await held(life, incident)).why == "the incident is over"


async def test_a_private_incident_is_shown_to_no_model(lived):
    model = Scripted(away())
    life = lived(model)
    incident = await running_one(life)
    asked = len(model.seen)
    async with life.deps.db.transaction() as tx:
        await incidents.save(tx, incident.model_copy(update={"private": True}))

    await life.work()

    assert (await held(life, incident)).why == "no model sees this incident: it is private"
    assert len(model.seen) == asked


async def test_an_investigation_whose_model_was_taken_away_ends(lived, db, clock):
    life = lived(Scripted(away()))
    incident = await running_one(life)
    without = Life(db, clock, sources=(Source(),))

    await without.work()

    assert (await held(life, incident)).is_running is False


async def test_plan_and_progress_are_one_message_that_is_edited_a_few_times(lived):
    alike = says(judged("H1", 0.45, "E4"), judged("H2", 0.45, "E4"))
    seen = []

    async def see(given):
        await life.outbox.run_due()
        seen.append(notices(life)[-1])
        return look_at_pool(given)

    life = lived(Scripted(look_at_pool, alike, see, alike, see, alike))

    incident = await life.opened(big())

    first, second = seen
    text, buttons = first
    assert text == (
        "The model tests the causes, read-only: saturation, then database, then change. "
        "At work: database; 2 of at most 12 steps done."
    )
    assert buttons == ["Stop"]
    assert second[0].endswith("At work: change; 4 of at most 12 steps done.")
    assert len({content for content, _ in notices(life)}) == 3
    posts = [one for _, _, one in life.chat.posts if getattr(one, "text", "").startswith("The model")]
    assert len(posts) == 1
    assert (await held(life, incident)).why == "everybody was asked"
