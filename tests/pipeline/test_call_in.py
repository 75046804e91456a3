"""People are brought in by people: invited, or called by a mention, with who did it in the log."""

import pytest

from incident_copilot.domain.catalog import Team
from incident_copilot.domain.content import Notice, Press
from incident_copilot.domain.effect import Invite
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person
from incident_copilot.pipeline import call_in, run
from incident_copilot.pipeline.reviewing import record, words

from .life import CATALOG, Life, big, small


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


def last_notice(life):
    return [content for _, _, content in life.chat.posts if isinstance(content, Notice)][-1]


async def sentences(life, incident, *kinds):
    """What the postmortem says of rows of these kinds."""
    found = await record.read(life.deps, incident.id)
    return [words.sentence(found, row) for row in found.rows(*kinds)]


async def test_people_are_invited_to_a_channel_and_mentioned_in_a_thread(life):
    ana = await life.person("ana")
    incident, in_thread = await life.opened(big()), await life.opened(small())

    outcome = await call_in.invite(life.deps, incident.id, ana, ["U0BEN", "U0GUS", "U0BEN"])
    await call_in.invite(life.deps, in_thread.id, ana, ["U0BEN"])
    await life.work()

    assert outcome.text == "<@U0BEN>, <@U0GUS>: invited to INC-1."
    assert Invite(people=("U0BEN", "U0GUS")) in life.chat.deeds
    assert (last_notice(life).text, last_notice(life).mentions) == ("Ana asks you to join INC-2.", ("U0BEN",))
    assert await sentences(life, incident, LogKind.INVITED) == ["The primary on call invited Ben, Gus."]


async def test_team_is_called_by_whoever_is_on_call_for_it_and_a_person_by_name(life):
    ana, ben = await life.person("ana"), await life.person("ben")
    incident = await life.opened(big())

    first = await call_in.page(life.deps, incident.id, ben, team="shop", why=" the database is gone ")
    await life.work()
    called = last_notice(life)
    await run.acknowledge(life.deps, incident.id, ana)
    second = await call_in.page(life.deps, incident.id, ana, who="U0CARA")
    await life.work()

    assert (first.text, second.text) == ("<@U0ANA> (shop) is called to INC-1.", "<@U0CARA> is called to INC-1.")
    assert called.text == "Ben calls you to INC-1. High 5xx ratio on checkout: P1 high, open."
    assert (called.mentions, called.detail) == (("U0ANA",), "the database is gone")
    assert [button.press for button in called.buttons] == [Press.ACKNOWLEDGE]
    assert last_notice(life).buttons == ()
    assert Invite(people=("U0CARA",)) in life.chat.deeds
    assert (await sentences(life, incident, LogKind.PAGED))[-2:] == [
        "Responder 1 called Ana (primary on call of shop).",
        "The commander called Cara.",
    ]


async def test_both_are_done_at_once_and_in_a_thread_nobody_is_invited(life):
    ben = await life.person("ben")
    incident = await life.opened(small())

    outcome = await call_in.bring_in(life.deps, incident.id, ben, ["U0CARA"], "shop", "")
    await call_in.bring_in(life.deps, incident.id, ben, [], "shop", "")
    await call_in.bring_in(life.deps, incident.id, ben, ["U0SAM"], None, "")
    await life.work()

    assert outcome.text == "<@U0ANA> (shop) is called to INC-1."
    assert len(await life.log(incident, LogKind.INVITED)) == 2
    assert [row.payload["turn"] for row in await life.log(incident, LogKind.PAGED)] == ["primary"] * 3
    assert not [deed for deed in life.chat.deeds if isinstance(deed, Invite)]


async def test_who_cannot_come_or_call_is_refused(life):
    nobody = CATALOG.model_copy(update={"teams": (Team(name="shop"),)})
    life.chat.people["U0OLD"] = Person(id="U0OLD", name="Old", is_deactivated=True)
    incident = await life.opened(big())
    ana, gus = await life.person("ana"), await life.person("gus")
    deps, id_ = life.deps, incident.id

    async def told(doing):
        return await life.refused(incident, doing)

    assert await told(call_in.invite(deps, id_, ana, [])) == "Name 1 to 20 people, as in /incident invite @ben @cara."
    assert await told(call_in.invite(deps, id_, ana, [f"U0P{n}" for n in range(30)])) == (
        "Name 1 to 20 people, as in /incident invite @ben @cara."
    )
    assert await told(call_in.invite(deps, id_, ana, ["U0OLD"])) == "Old is a bot or has left; nobody was invited."
    assert await told(call_in.page(deps, id_, ana, who="U0GUS")) == (
        "<@U0GUS> is not a full member of this workspace and cannot be called."
    )
    assert await told(call_in.page(deps, id_, ana, team="shop", why="x" * 1_501)) == (
        "Say why in at most 1500 characters; that is 1501."
    )
    assert await told(call_in.page(deps, id_, ana)) == "Name a person or a team: shop, finders."
    assert "cannot call people" in await told(call_in.page(deps, id_, gus, team="shop"))
    alone = Life(life.deps.db, life.clock, catalog=nobody)
    assert await told(call_in.page(alone.deps, id_, ana, team="shop")) == (
        "Nobody is on call for shop in catalog.yaml. Name a person."
    )


def test_team_is_named_by_itself_or_by_a_service_of_it():
    named = [call_in.team_named(CATALOG, word) for word in ("SHOP", "search", "nothing")]

    assert [team and team.name for team in named] == ["shop", "finders", None]
