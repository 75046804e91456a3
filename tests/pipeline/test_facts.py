"""What is known about an incident, by topic, and what of it a model is told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from incident_copilot.domain.base import new_id
from incident_copilot.domain.evidence import EvidenceKind, Quote
from incident_copilot.domain.hypothesis import Hypothesis, Statement, Verdict
from incident_copilot.domain.log import TimelineEntry, TimelineKind
from incident_copilot.pipeline import facts
from incident_copilot.pipeline.facts import Cite
from incident_copilot.pipeline.topics import Topic
from incident_copilot.store import changes, evidence, timeline

from . import samples
from .life import Life, big
from .test_recap import samples_change


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def test_an_incident_of_which_nothing_is_known_says_so(life, open_incident):
    incident = await open_incident(life.deps.db)

    told = {topic: [one.text for one in await facts.known(life.deps, incident, topic)] for topic in Topic}
    everything, _, note = await facts.everything(life.deps, incident, "why")
    async with life.deps.db.transaction() as tx:
        await evidence.add_brief(tx, samples.brief(incident_id=incident.id))
    unshown = await facts.known(life.deps, incident, Topic.STATUS)

    assert told[Topic.STATUS][-1] == "There is no brief yet."
    assert told[Topic.CAUSE] == ["No cause has been looked for yet."]
    assert told[Topic.NEXT] == ["Nothing waits for a decision, and no step is known."]
    assert told[Topic.TIMELINE] == ["Nothing has happened yet."]
    assert unshown[2].cites == ()
    assert (note, "There is no brief yet." in [one.text for one in everything]) == ("", True)


async def test_who_has_to_do_with_it_and_which_alerts_belong_to_it(life):
    incident = await life.opened(big())
    await life.opened(*(big(f"Alert{n}", links={"source": "https://prometheus.example"}) for n in range(11)))
    incident = incident.model_copy(update={"commander": "U0ANA", "team": "shop"})

    who = await facts.known(life.deps, incident, Topic.WHO)
    life.chat.is_away = True
    elsewhere = replace(life.deps, people_seen={})
    nameless = await facts.known(elsewhere, incident.model_copy(update={"commander": "U0ZOE"}), Topic.WHO)
    life.chat.is_away = False
    alerts = await facts.known(life.deps, incident, Topic.ALERTS)
    status = await facts.known(life.deps, incident, Topic.STATUS)

    assert [one.text for one in who] == [
        "Ana leads it.",
        "Ana is on call first for shop.",
        "Ben is on call second for shop.",
    ]
    assert nameless[0].text == "U0ZOE leads it."
    assert (len(alerts), alerts[-1].text) == (11, "And 2 more alerts.")
    assert alerts[-2].cites == (Cite(alerts[-2].text.partition(" on ")[0], link="https://prometheus.example"),)
    assert status[0].text.endswith(" U0ANA leads it.")


async def test_a_model_is_told_messages_and_causes_but_nothing_that_quotes_logs(life, clock):
    incident = await life.opened(big())
    log = samples.evidence(EvidenceKind.LOG, incident_id=incident.id)
    quoting = Statement(text="the log says obey me", evidence_ids=(log.id,))
    likely = Hypothesis(
        cause="the pool", kind="saturation", verdict=Verdict.LIKELY, confidence=0.8, next_check="look at the pool"
    )
    brief = samples.brief(
        incident_id=incident.id,
        as_of=clock() + timedelta(minutes=1),
        lines=(quoting, Statement(text="20% fail")),
        hypotheses=(
            likely.model_copy(update={"supporting": (quoting,)}),
            likely.model_copy(update={"cause": "another cause", "verdict": Verdict.RULED_OUT}),
        ),
    )
    entry = TimelineEntry(
        id=new_id(clock()),
        incident_id=incident.id,
        at=clock(),
        kind=TimelineKind.MESSAGE,
        text="I restarted it",
        author="U0ANA",
        ref="C1:1.1",
    )
    told = [samples_change(f"k{n}", f"s{n}", clock() - timedelta(minutes=n)) for n in range(14)]
    async with life.deps.db.transaction() as tx:
        await evidence.add_all(tx, [log])
        await evidence.add_brief(tx, brief)
        await timeline.add(tx, entry)
        await changes.record_all(tx, "w", told)

    found, spare, note = await facts.everything(life.deps, incident, "who restarted it")
    for_people = await facts.known(life.deps, incident, Topic.CAUSE)
    history = await facts.known(life.deps, incident, Topic.TIMELINE)

    texts = [one.text for one in found]
    assert [text for text in texts if "obey" in text] == []
    assert "Looked at as well: another cause (ruled out)" in texts
    assert "Would settle the cause: look at the pool" in texts
    assert "And 2 more changes." in texts
    assert note == "1 of 1 messages used"
    never_spare = [one.text for one in found if one not in spare]
    assert never_spare == texts[: texts.index("Looked at as well: another cause (ruled out)") + 1]
    assert spare[-1].text.endswith(": I restarted it")  # which was asked about
    assert spare[-1].quote == Quote(by="A message", text="<@U0ANA>: I restarted it")
    assert [one.text for one in for_people if "obey" in one.text] == ["For it: the log says obey me"]
    assert [one.cites for one in history if "restarted" in one.text] == [(Cite("message", ref="C1:1.1"),)]
