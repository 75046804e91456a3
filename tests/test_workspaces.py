"""Many workspaces in one program: each row, effect and request finds its own, with its own token."""

import contextlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from environment import own_environment
from incident_copilot import app
from incident_copilot.domain.base import new_id
from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import Effect, EffectClass, Invite, Place, RunAction, Show, Target
from incident_copilot.domain.incident import Incident, Severity, Status
from incident_copilot.errors import ChatRefused, ConfigError, VendorRefused
from incident_copilot.pipeline.suggest import ROLLBACK
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.settled import slack_token
from incident_copilot.slack.seal import new_key
from incident_copilot.store import incidents, jobs, proposals
from incident_copilot.store.outages import Outage
from pipeline import samples
from whole import settings_for, with_tables, workspace

__all__ = ["own_environment"]
pytestmark = pytest.mark.usefixtures("own_environment")
OTHER = "T0OTHER"


def oauth(whole, **changes):
    """The settings of a copilot that people install by themselves."""
    given = {
        "slack_bot_token": None,
        "slack_app_token": None,
        "slack_client_id": whole.sandbox.client_id,
        "slack_client_secret": whole.sandbox.client_secret,
        "slack_signing_secret": whole.sandbox.signing_secret,
        "install_key": new_key(),
        "workspaces": "*",
    }
    return settings_for(whole, **{**given, **changes})


@contextlib.asynccontextmanager
async def two_workspaces(tmp_path, **changes):
    """A program that is installed in the sandbox's workspace, and in one whose token the sandbox does not know."""
    async with workspace(tmp_path) as whole:
        settings = oauth(whole, **changes)
        await with_tables(settings)
        async with app.program(settings) as built:
            installs = built.workspaces.installs
            granted = {"scope": "chat:write", "authed_user": {"id": "U0ANA"}}
            for team, token in ((whole.sandbox.team_id, whole.sandbox.bot_token), (OTHER, "xoxb-other")):
                made = await installs.add(built.deps, {**granted, "team": {"id": team}, "access_token": token})
                await built.workspaces.installed(made)
            yield whole, built


def effect(workspace_id, deed):
    now = datetime.now(UTC)
    return Effect(
        id=new_id(now),
        workspace_id=workspace_id,
        incident_id=None,
        stream="s",
        seq=1,
        deed=deed,
        effect_class=EffectClass.READ_BACK,
        run_at=now,
        created_at=now,
    )


async def test_each_effect_goes_out_with_the_token_of_its_workspace(tmp_path):
    shown = Show(place=Place.ANNOUNCE, slot="s", content=Notice(text="hello"))
    async with two_workspaces(tmp_path) as (whole, built):
        chat = app_chat(built)
        posted = await chat.deliver(effect("default", shown), Target(channel="incidents"))
        found = await chat.look_up(effect("default", shown), Target(channel="incidents"), datetime.now(UTC))
        person = await chat.person("U0ANA")
        said = await chat.message(posted["channel"], posted["ts"])
        whole.sandbox.expect_refusal("message_not_in_streaming_state", "chat.stopStream")
        with pytest.raises(ChatRefused, match="message_not_in_streaming_state"):
            await chat.end_stream(posted["channel"], posted["ts"], posted["ts"], "over")
        whole.sandbox.expect_refusal("invalid_auth", times=3)
        with pytest.raises(ChatRefused, match="invalid_auth"):
            await chat.deliver(effect(OTHER, shown), Target(channel="C0000001"))
        with pytest.raises(ChatRefused, match="invalid_auth"):
            await (await built.workspaces.of(OTHER)).identity.me()

        assert built.workspaces.known(OTHER).client.token == "xoxb-other"
        assert (found, person.name, said.text) == (None, "ana", "hello")


def app_chat(built):
    """The chat as the outbox sees it."""
    return built.outbox._couriers._chat._courier._chat


async def test_a_token_is_used_as_it_was_last_seen_while_the_database_does_not_tell(tmp_path):
    async with two_workspaces(tmp_path) as (_, built):
        before = (await built.workspaces.of(OTHER)).client.token
        async with built.deps.db.transaction() as tx:
            await tx.execute(sa.text("ALTER TABLE installations RENAME TO hidden"))
        built.workspaces._asked_at.clear()

        assert (await built.workspaces.of(OTHER)).client.token == before


async def test_requests_are_heard_by_the_workspace_they_come_from(tmp_path):
    async with two_workspaces(tmp_path) as (whole, built):
        spaces = built.workspaces
        here, there = whole.sandbox.team_id, OTHER
        picked = [await spaces.pick({"team_id": team}) for team in (here, there, "T0NOBODY")]
        over = await spaces.pick({"team_id": there, "event": {"type": "app_uninstalled"}})
        gone = await spaces.pick({"team_id": there})
        tokens = [(await spaces.of(name)).client.token for name in (there, "default")]
        async with built.deps.db.transaction() as tx:
            await tx.exec_driver_sql("ALTER TABLE installations RENAME TO away")
        away = await spaces.pick({"team_id": here})
        last_seen = (await spaces.of("default")).client.token

        assert picked == [spaces.home.bolt, spaces.known(there).bolt, 403]
        assert (over, gone, away) == (200, 403, 503)
        assert tokens == ["", whole.sandbox.bot_token]
        assert last_seen == whole.sandbox.bot_token


async def test_steps_ticks_and_what_follows_an_effect_are_of_its_workspace(tmp_path):
    async with two_workspaces(tmp_path) as (_, built):
        spaces, db = built.workspaces, built.deps.db
        other = spaces.known(OTHER).deps
        now = datetime.now(UTC)
        async with db.transaction() as tx:
            await spaces.settled(tx, effect(OTHER, Invite(people=("U0ANA",))))
            assert await spaces.rehouse(tx, effect(OTHER, Invite(people=())), Target(), "is_archived") is False
            outage = Outage(workspace_id=OTHER, since=now, code=None, error="x", try_at=now)
            await spaces.away(tx, outage)
            await spaces.back(tx, outage)
            await jobs.enqueue(tx, workspace_id=OTHER, kind=Work.DIGEST, key="d", lane="d", run_at=now)
        await built.worker.run_due()
        await built.ticker.tick("watch", 60)
        async with db.read() as view:
            ticked = await view.exec_driver_sql("SELECT workspace_id FROM jobs WHERE kind = 'watch'")
            names = sorted(row[0] for row in ticked)
            assert await jobs.dead(view, OTHER) == []
            [job] = (await view.exec_driver_sql("SELECT id FROM jobs WHERE kind = 'digest'")).all()
        parked = jobs.Job(
            id=job[0], workspace_id=OTHER, key="d", kind="digest", lane="d", state="dead", tick=False,
            priority=5, run_at=now, attempts=8, lease_by=None,
        )  # fmt: skip
        async with db.transaction() as tx:
            await spaces.parked(tx, parked, "broke")
            told = await tx.exec_driver_sql("SELECT workspace_id FROM effects")
            assert {row[0] for row in told} == {OTHER}

        assert names == [OTHER, "default"]
        assert (other.workspace_id, other.chat is built.deps.chat) == (OTHER, False)


async def test_an_action_is_approved_by_people_of_the_workspace_of_its_incident(tmp_path):
    async with two_workspaces(tmp_path) as (_, built):
        now = datetime.now(UTC)
        incident = Incident(
            id=new_id(now), workspace_id=OTHER, number=0, title="t", severity=Severity.P1, status=Status.OPEN,
            correlation_key="k", started_at=now, opened_at=now,
        )  # fmt: skip
        put = samples.proposal(incident_id=incident.id, created_at=now, expires_at=now)
        async with built.deps.db.transaction() as tx:
            await incidents.open_new(tx, incident)
            await proposals.add(tx, put)
        acting = built.outbox._couriers._others[RunAction]._actions[ROLLBACK]
        approved = RunAction(proposal_id=put.id, version=1, action=ROLLBACK, params={}, key="k", approved_by=())

        result = await acting.execute(approved)
        with pytest.raises(VendorRefused):
            await acting.dry_run({})

        assert result.summary == "Not carried out: the proposal is no longer approved in this version."
        with pytest.raises(VendorRefused):
            await acting.find(approved, now)
        assert acting.name == ROLLBACK


async def test_plugins_are_for_all_or_for_the_workspace_that_they_name(tmp_path):
    (tmp_path / "two.yaml").write_text(
        "alert_sources:\n"
        "  - {plugin: alertmanager, secret_env: COPILOT_ALERTMANAGER_SECRET}\n"
        f"  - {{plugin: alertmanager, name: theirs, workspace: {OTHER}, secret_env: COPILOT_ALERTMANAGER_SECRET}}\n"
        "context_sources:\n"
        "  - {plugin: loki, options: {url: 'http://loki.example.net'}}\n"
        f"  - {{plugin: loki, name: theirs, workspace: {OTHER}, options: {{url: 'http://loki.example.net'}}}}\n"
        f"  - {{plugin: loki, name: others, workspace: T9, options: {{url: 'http://loki.example.net'}}}}\n"
    )
    async with two_workspaces(tmp_path, config_file=tmp_path / "two.yaml", mode="shadow") as (_, built):
        theirs = built.workspaces.known(OTHER).deps
        elsewhere = {name: deps.workspace_id for name, deps in built.elsewhere.items()}

        assert elsewhere == {"theirs": OTHER}
        assert [one.name for one in theirs.context_sources] == ["Loki", "Loki theirs"]
        assert [one.name for one in built.deps.context_sources] == ["Loki"]


async def test_with_a_token_in_the_settings_there_is_one_workspace(tmp_path):
    async with workspace(tmp_path) as whole:
        settings = settings_for(whole)
        await with_tables(settings)
        async with app.program(settings) as built:
            spaces = built.workspaces

            assert spaces.known("T9") is spaces.home is await spaces.of("T9")
            assert await spaces.pick({"team_id": "T9"}) is spaces.home.bolt
            assert (await spaces.everyone(), built.elsewhere) == ([], {})


async def test_a_token_in_the_settings_stays_the_homes_where_others_install_the_app(tmp_path):
    async with workspace(tmp_path) as whole:
        settings = oauth(whole, slack_bot_token=whole.sandbox.bot_token)
        await with_tables(settings)
        async with app.program(settings) as built:
            assert (await built.workspaces.of("default")).client.token == whole.sandbox.bot_token
            assert await built.workspaces.pick({"team_id": "T9"}) is built.bolt  # whose guard refuses it


async def test_what_an_installation_needs_is_named(tmp_path):
    async with workspace(tmp_path) as whole:
        with pytest.raises(ConfigError, match="set COPILOT_SLACK_CLIENT_ID, COPILOT_SLACK_SIGNING_SECRET too"):
            slack_token(oauth(whole, slack_client_id=None, slack_signing_secret=None))


async def test_an_organisations_token_opens_channels_in_the_first_of_its_workspaces(tmp_path):
    async with two_workspaces(tmp_path) as (whole, built):
        identity = built.workspaces.home.identity
        assert (await identity.me()).team is None
        assert await identity._first_team() == whole.sandbox.team_id
        identity.known = replace(identity.known, team=whole.sandbox.team_id)
        assert await built.channel_id("incidents") == whole.sandbox.channel("incidents").id
