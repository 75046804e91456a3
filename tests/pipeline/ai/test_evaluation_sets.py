"""Sets are read with each problem by its line, and made of what went wrong in an incident."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.domain.observation import Interaction, Signal, SignalKind
from incident_copilot.errors import ConfigError, UnknownThing
from incident_copilot.pipeline.ai import evaluation_sets
from incident_copilot.store import interactions
from pipeline.life import Life, big

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def test_set_is_read_and_what_is_for_people_is_left_out():
    text = '# capitals\n\n{"id": "1", "request": "France?", "expected": "Paris", "response": "Lyon", "faults": ["x"]}\n'

    [case] = evaluation_sets.read(text, NOW)

    assert (case.id, case.request, case.expected, case.response) == ("1", "France?", "Paris", "")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# nothing\n", "the set has 0 cases; it may have 1 to 5000"),
        ("{", "line 1: the body is not JSON: Expecting property name enclosed in double quotes at line 1, column 2"),
        (
            '{"id": "1"}',
            "line 1: has no `id` or no `request`; send both as texts, the id the same when it is sent again",
        ),
        ('{"id": "1", "request": "a"}\n' * 2, "line 2: id 1 is there twice"),
        (
            '{"id": "1", "request": "a", "language": 7}',
            "line 1: language is no language; send it as in en or pt-BR",
        ),
    ],
)
def test_line_that_is_no_case_is_named(text, problem):
    with pytest.raises(ConfigError) as caught:
        evaluation_sets.read(text, NOW)

    assert str(caught.value) == problem


def interaction(key, at, score, *kinds):
    return Interaction(
        system="bot",
        id=key,
        at=at,
        request=f"ask {key}",
        response="no",
        labels={"version": "7"},
        score=score,
        signals=tuple(Signal(kind=kind, name=name) for kind, name in kinds),
    )


async def test_set_of_an_incident_has_its_failing_interactions_the_worst_first(db, clock):
    life = Life(db, clock)
    unsafe = (SignalKind.SAFETY_VIOLATION, "pii.email")
    incident = await life.opened(big(labels={"system": "bot"}))
    at = incident.started_at + timedelta(seconds=1)
    told = [
        interaction("bad", at, 0.2, (SignalKind.LOW_QUALITY, "")),
        interaction("unsafe", at, 0.0, unsafe),
        interaction("fine", at, 0.9),
        interaction("disliked", at, 0.9).model_copy(update={"feedback": -1.0}),
        interaction("before", incident.started_at - timedelta(hours=1), 0.0, unsafe),
    ]
    with pytest.raises(UnknownThing, match="no interaction of bot went wrong during INC-1"):
        await evaluation_sets.exported(life.deps, 1)
    async with db.transaction() as tx:
        await interactions.add_all(tx, life.deps.workspace_id, told)
    clock.forward(60)

    lines = await evaluation_sets.exported(life.deps, 1)

    assert [json.loads(line) for line in lines] == [
        {
            "id": f"INC-1-{key}",
            "request": f"ask {key}",
            "labels": {"version": "7", "incident": "INC-1"},
            "response": "no",
            "faults": faults,
        }
        for key, faults in (("unsafe", ["pii.email"]), ("bad", ["low_quality"]), ("disliked", []))
    ]
    assert len(evaluation_sets.read("\n".join(lines), NOW)) == 3
    with pytest.raises(UnknownThing, match="there is no INC-9"):
        await evaluation_sets.exported(life.deps, 9)
