"""The canvas of an incident is written anew once for all that changes together, and only where there can be one."""

import pytest

from incident_copilot.domain.content import Card
from incident_copilot.domain.effect import Canvas
from incident_copilot.domain.hypothesis import Statement
from incident_copilot.domain.incident import Ending, Status
from incident_copilot.errors import ChatUnavailable
from incident_copilot.pipeline import living_brief, resolve, run
from incident_copilot.store import incidents

from . import samples
from .life import Life, big, small


@pytest.fixture
def life(db, clock):
    return Life(db, clock, canvas=True)


def written(life):
    return [deed for deed in life.chat.deeds if isinstance(deed, Canvas)]


def status(deed):
    return deed.markdown.partition("## Where it stands\n\n- ")[2].partition(",")[0]


async def test_what_changes_together_is_written_once_with_the_brief(life):
    incident = await life.opened(big())
    before = written(life)
    await life.go_on(seconds=10)
    first = written(life)
    await run.acknowledge(life.deps, incident.id, await life.person("ana"))
    await run.set_status(life.deps, incident.id, await life.person("ana"), Status.MITIGATED)
    await life.go_on(seconds=10)

    assert before == []
    assert len(first) == 1
    assert [status(deed) for deed in written(life)] == ["open", "mitigated"]
    assert "## What is known" in first[0].markdown


async def test_incident_in_a_thread_has_none(life):
    await life.opened(small())
    await life.go_on(seconds=10)

    assert written(life) == []


async def test_incident_that_has_moved_to_a_thread_has_none_any_more(life):
    incident = await life.opened(big())
    async with life.deps.db.transaction() as tx:
        found = await incidents.lock(tx, incident.id)
        await incidents.save(tx, found.model_copy(update={"thread_ts": "1.1"}))
    await life.go_on(seconds=10)

    assert written(life) == []


async def test_while_slack_is_away_one_waits_and_the_newest_follows(life):
    incident = await life.opened(big())
    life.chat.trouble["canvas"] = ChatUnavailable("Slack is away", retry_after_s=5)
    await life.go_on(seconds=10)
    await run.acknowledge(life.deps, incident.id, await life.person("ana"))
    await life.go_on(seconds=10)
    life.chat.trouble = {}
    await life.go_on(seconds=90)
    await life.go_on(seconds=90)

    assert [status(deed) for deed in written(life)] == ["open", "acknowledged"]


async def test_what_has_ended_is_not_written_over(life):
    incident = await life.opened(big())
    ana = await life.person("ana")
    await resolve.resolve(life.deps, incident.id, ana, ending=Ending.FALSE_ALARM, note="", despite_red=True)
    await life.go_on(seconds=10)

    assert written(life) == []


async def test_without_the_setting_there_is_none(db, clock):
    plain = Life(db, clock)
    await plain.opened(big())
    await plain.go_on(seconds=10)

    assert written(plain) == []
    assert plain.deps.policy.canvas is False


def test_it_says_who_keeps_it_and_lets_no_text_from_outside_link():
    taken = samples.incident(
        title="[x](https://evil.example) down",
        acknowledged_by="U0ANA",
        commander="U0BEN",
        links={"graph": "https://grafana.example/d/1", "bad": "javascript:alert(1)", "odd": "https://x.example/(a)"},
    )
    card = Card(incident=taken, firing=1, resolved=0, tasks_open=2, tasks_done=1, now=samples.NOON)

    said = living_brief.text_of(card, None).split("\n\n")

    assert said[0] == r"# INC-1 \[x\](https\://evil.example) down"
    assert said[1] == living_brief.KEPT
    assert "- Tasks: 2 open, 1 done\n- Owner: ![](@U0ANA)\n- commander: ![](@U0BEN)" in said[3]
    assert said[4:6] == ["## Links", "- [graph](https://grafana.example/d/1)"]


def test_it_tells_the_suspect_and_the_first_step():
    known = samples.brief(hypotheses=(samples.hypothesis(),), first_step=Statement(text="Roll back", evidence_ids=()))
    card = Card(incident=samples.incident(links={}), firing=1, resolved=0, now=samples.NOON)

    said = living_brief.text_of(card, known).split("\n\n")

    assert said[4] == "## What is known"
    assert said[5].split("\n")[-2].startswith("- Likely cause: ")
    assert said[5].split("\n")[-1] == "- First step: Roll back"
    assert said[6].startswith("As of ")
