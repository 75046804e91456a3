"""Installations: encrypted, found by workspace or organisation, allowed by a list, forgotten when Slack says so."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.log import LogKind
from incident_copilot.errors import ConfigError
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.runbook import Library
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.installs import Installs, Place, place_of
from incident_copilot.slack.seal import Seal, new_key
from incident_copilot.store import action_log, installations

ONE, TWO = new_key(), new_key()


@pytest.fixture
def deps(db):
    return Deps(
        db=db,
        now=lambda: datetime.now(UTC),
        workspace_id="default",
        chat=None,
        catalog=Catalog(),
        runbooks=RunbookIndex.build(Library()),
    )


def granted(team="T1", token="xoxb-one", enterprise=None, *, whole=False):
    """What oauth.v2.access answers."""
    return {
        "access_token": token,
        "scope": "chat:write,commands",
        "bot_user_id": "UBOT",
        "team": None if whole else {"id": team, "name": team},
        "enterprise": {"id": enterprise} if enterprise else None,
        "is_enterprise_install": whole,
        "authed_user": {"id": "U0ANA"},
    }


async def stored(db):
    async with db.read() as view:
        return list((await view.execute(sa.text("SELECT * FROM installations"))).mappings())


def test_a_seal_opens_what_an_older_key_closed_and_closes_it_anew():
    old, both, other = Seal(ONE), Seal(f"{TWO}, {ONE}"), Seal(new_key())
    sealed = old.close("xoxb-1")
    renewed = both.renewed(sealed)

    assert "xoxb-1" not in sealed
    assert (both.open(sealed), Seal(TWO).open(renewed), other.open(sealed)) == ("xoxb-1", "xoxb-1", None)
    assert (both.renewed(renewed), other.renewed(sealed)) == (None, None)


@pytest.mark.parametrize("key", ["", " , ", "short"])
def test_what_is_no_key_is_named(key):
    with pytest.raises(ConfigError, match="incident-copilot new-key"):
        Seal(key)


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"team_id": "T1", "enterprise_id": "E1"}, Place("E1", "T1")),
        ({"team": {"id": "T1"}, "enterprise": {"id": "E1"}}, Place("E1", "T1")),
        ({"team": "T1", "enterprise": "E1"}, Place("", "T1")),
        ({}, Place()),
    ],
)
def test_where_a_request_comes_from_is_read_in_each_of_its_shapes(said, place):
    assert place_of(said) == place


async def test_the_first_keeps_the_rows_of_a_copilot_with_one_token_and_no_column_holds_a_token(db, deps):
    installs = Installs(Seal(ONE), "default", ("*",))

    first, second = await installs.add(deps, granted()), await installs.add(deps, granted("T2", "xoxb-two"))
    again = await installs.add(deps, granted(token="xoxb-new"))

    assert (first.workspace_id, second.workspace_id, again.workspace_id) == ("default", "T2", "default")
    assert [await installs.token(deps, name) for name in ("default", "T2", "T3")] == ["xoxb-new", "xoxb-two", ""]
    assert await installs.live(deps) == ["T2", "default"]
    assert "xoxb" not in str(await stored(db))
    async with db.read() as view:
        log = await action_log.entries(view, chain="workspace:default")
    assert [(row.kind, row.actor) for row in log] == [(LogKind.INSTALLED, "U0ANA")] * 3


async def test_without_a_list_only_the_first_workspace_may_and_may_again(deps):
    installs = Installs(Seal(ONE), "default")
    listed = Installs(Seal(ONE), "default", ("T2", "E9"))

    assert (await installs.add(deps, granted())).workspace_id == "default"
    assert await installs.add(deps, granted("T2")) is None
    assert (await installs.add(deps, granted())).workspace_id == "default"
    assert await listed.add(deps, granted("T3")) is None
    assert (await listed.add(deps, granted("T2"))).workspace_id == "T2"
    assert (await listed.add(deps, granted("T4", enterprise="E9"))).workspace_id == "T4"


async def test_a_whole_organisation_serves_all_its_workspaces_but_those_with_their_own(deps):
    installs = Installs(Seal(ONE), "default", ("*",))
    await installs.add(deps, granted("T1", enterprise="E1"))
    whole = await installs.add(deps, granted(enterprise="E1", token="xoxb-org", whole=True))

    assert (whole.workspace_id, whole.team_id) == ("E1", "")
    assert await installs.workspace_at(deps, Place("E1", "T1")) == "default"
    assert await installs.workspace_at(deps, Place("E1", "T7")) == "E1"
    assert await installs.workspace_at(deps, Place("E2", "T8")) is None
    assert await installs.workspace_at(deps, Place()) is None
    assert (await installs.add(deps, granted(enterprise="E1", whole=True))).workspace_id == "E1"


@pytest.mark.parametrize(
    ("event", "is_over"),
    [
        ({"type": "app_uninstalled"}, True),
        ({"type": "tokens_revoked", "tokens": {"bot": ["UBOT"]}}, True),
        ({"type": "tokens_revoked", "tokens": {"oauth": ["U0ANA"]}}, False),
        ({"type": "message"}, False),
    ],
)
async def test_a_token_is_forgotten_when_slack_says_that_it_is_over(db, deps, event, is_over):
    installs = Installs(Seal(ONE), "default")
    await installs.add(deps, granted())

    noticed = [await installs.noticed(deps, {"team_id": "T1", "event": event}) for _ in range(2)]

    [row] = await stored(db)
    assert noticed == [is_over] * 2
    assert (row["sealed"] == "", row["revoked_at"] is not None) == (is_over, is_over)
    assert await installs.token(deps, "default") == ("" if is_over else "xoxb-one")
    assert await installs.noticed(deps, {"team_id": "T9", "event": {"type": "app_uninstalled"}})


async def test_a_new_key_takes_over_and_a_lost_one_is_said(db, deps, caplog):
    await Installs(Seal(ONE), "default").add(deps, granted())
    await Installs(Seal(f"{TWO},{ONE}"), "default").renew(deps)
    await Installs(Seal(f"{TWO},{ONE}"), "default").renew(deps)

    assert await Installs(Seal(TWO), "default").token(deps, "default") == "xoxb-one"
    assert await Installs(Seal(ONE), "default").token(deps, "default") == ""
    assert "COPILOT_INSTALL_KEY does not open the token of default" in caplog.text


async def test_a_state_is_used_once_and_not_after_its_time(db, clock):
    now = clock()
    async with db.transaction() as tx:
        await installations.begin(tx, "a" * 64, now, now)
        await installations.begin(tx, "b" * 64, now.replace(year=now.year + 1), now)
        assert not await installations.consume(tx, "a" * 64, now)
        assert [await installations.consume(tx, "b" * 64, now) for _ in range(2)] == [True, False]
