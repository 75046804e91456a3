"""Security and fairness incidents are for their owners: private, and summed up nowhere else."""

import json

import pytest

from incident_copilot.domain.catalog import OnCall, SeverityPolicy, Team, TypePolicy
from incident_copilot.domain.content import Digest
from incident_copilot.domain.effect import Invite, OpenChannel, ShowTo
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.log import LogKind
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import declare, for_managers, subscribing

from .life import CATALOG, Life, again, big, over, tiny

SECRET = "Answers to refunds hold a stranger's address"
TEAMS = (Team(name="security", on_call=OnCall(primary="U0SEC")), Team(name="legal-and-ethics"))


@pytest.fixture
def life(db, clock):
    return Life(db, clock, catalog=CATALOG.model_copy(update={"teams": (*CATALOG.teams, *TEAMS)}))


async def test_what_is_restricted_opens_in_private_for_its_owner_and_is_told_to_nobody_else(life, clock):
    vic = await life.person("vic")
    await subscribing.subscribe(life.deps, vic, Severity.P3, by_mail=False)
    await life.take(big())
    leak = big("PromptInjectionWave", summary=SECRET)
    first = await life.opened(leak)
    await life.take(over(leak, clock))
    await life.take(again(leak, clock), big("JailbreakAnswered", summary=SECRET))

    assert (first.private, first.team, first.incident_type) == (True, "security", "prompt_injection")
    assert await life.running() == [1, 2]
    assert [row.payload["person"] for row in await life.log(first, LogKind.PAGED)] == ["U0SEC"]
    told = [(place, content) for place, _, content in life.chat.posts if SECRET in content.model_dump_json()]
    assert told
    assert not {"CANNOUNCE", "COPERATOR", "CINTERNAL"} & {place for place, _ in told}
    assert [one.private for one in life.chat.deeds if isinstance(one, OpenChannel)] == [False, True]
    assert Invite(people=("U0SEC",)) in life.chat.deeds
    assert [one.content.card.incident.number for one in life.chat.deeds if isinstance(one, ShowTo)][-1] == 1
    with pytest.raises(DecisionRefused, match="A prompt injection incident is not summed up for others: security"):
        await for_managers.for_managers(life.deps, first.id)


async def test_restricted_incident_with_nobody_to_bring_in_is_told_to_the_operators_without_its_words(life):
    incident = await life.opened(big("FairnessGap", summary=SECRET))

    said = [content for place, _, content in life.chat.posts if place == "COPERATOR"]
    assert [one.text for one in said] == [
        f"{incident.label} is P0 critical and restricted, and there is nobody to bring in."
    ]
    assert SECRET not in json.dumps([one.model_dump(mode="json") for one in said])


async def test_digest_names_the_kind_of_a_small_restricted_alert_and_not_its_words(db, clock):
    policy = SeverityPolicy(weights={"security": {"compliance": 0.0}})
    life = Life(db, clock, catalog=CATALOG.model_copy(update={"severity": policy}))
    await life.take(tiny("WeakCipher", summary=SECRET, labels={"incident_type": "security"}), tiny())
    clock.forward(3600)
    await life.tick_digest()

    (digest,) = [content for _, _, content in life.chat.posts if isinstance(content, Digest)]
    assert {one.name: one.summary for one in digest.entries} == {
        "Security alert": "Its words are for whom it concerns.",
        "DiskFilling": "High 5xx ratio on checkout",
    }


async def test_catalogue_opens_a_type_to_all_and_a_person_keeps_private_what_they_declared(life, db, clock):
    types = {"security": TypePolicy(restricted=False)}
    open_life = Life(db, clock, catalog=CATALOG.model_copy(update={"types": types}))
    shared = await open_life.opened(big("IntrusionDetected"))
    ana = await life.person("ana")
    declared = await declare.declare(life.deps, person=ana, title="Strange answers", private=True)
    await life.work()

    assert (shared.private, shared.by_invitation) == (False, False)
    assert declared.incident.by_invitation
    assert await life.log(declared.incident, LogKind.PAGED) == []
