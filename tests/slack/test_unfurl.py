"""Links to incidents show the incident, in the message and in the side pane, to those who may see it."""

import pytest
import slack_samples as given_a
import sqlalchemy as sa
from slack_bolt.request.async_request import AsyncBoltRequest

from incident_copilot.pipeline.deps import Policy
from incident_copilot.sandbox import Fault
from incident_copilot.slack.views.entity import entity

PAGES = "https://copilot.example.com"


@pytest.fixture
def more():
    """Incidents have pages."""
    return {"policy": Policy(public_url=f"{PAGES}/")}


@pytest.fixture
async def general(sandbox, copilot):
    """A channel with the bot in it, in a workspace whose manifest names the domain of the pages."""
    sandbox.workspace.unfurl_domains = ("copilot.example.com",)
    await sandbox.person("ben").invite("#general", sandbox.bot_user_id)
    return sandbox.channel("#general")


async def written(sandbox, text, who="ana"):
    ts = await sandbox.person(who).say("#general", text)
    return sandbox.channel("#general").messages[ts]


async def test_link_shows_the_incident_and_opens_to_more_of_it(sandbox, copilot, general):
    await copilot.open(commander="U0BEN", declared_by="U0ANA")
    await copilot.find()
    ana, gus = sandbox.person("ana"), sandbox.person("gus")
    await ana.invite("#general", "gus")

    message = await written(sandbox, f"see <{PAGES}/incidents/1/postmortem?x=1> and {PAGES}/incidents/99")
    await sandbox.until(lambda: message.attachments)
    url = f"{PAGES}/incidents/1/postmortem?x=1"
    await ana.open_entity(message, url)
    await sandbox.until(lambda: "U0ANA" in sandbox.workspace.agent.details)
    await gus.open_entity(message, url)
    await sandbox.until(lambda: "U0GUS" in sandbox.workspace.agent.details)

    [shown] = message.attachments
    payload = shown["entity"]["entity_payload"]
    assert shown["text"].startswith("*INC-1 HighErrorRate on checkout* · *status* open · *priority* P1 high")
    assert shown["entity"]["external_ref"] == {"id": (await copilot.now_is()).id, "type": "incident"}
    assert payload["fields"]["assigned_to"] == {"type": "slack#/types/user", "user": {"user_id": "U0BEN"}}
    assert payload["fields"]["description"]["value"].startswith("Suspect: payments v2.31.0")
    assert {one["key"]: one["value"] for one in payload["custom_fields"]} == {
        "alerts": "0 firing, 0 resolved",
        "order": "33: P1 30, nobody has acknowledged +3",
        "channel": general.id,
    }
    details = sandbox.workspace.agent.details
    assert details["U0ANA"]["url"] == f"{PAGES}/incidents/1"
    assert details["U0GUS"] == {"status": "not_found"}


async def test_nothing_is_shown_of_private_incidents_other_pages_or_when_slack_or_the_database_is_away(
    sandbox, copilot, general, caplog
):
    caplog.set_level("INFO", "incident_copilot")
    await copilot.open(private=True, commander="U0BEN", channel_id="C0SECRET")
    await copilot.open(id="e" * 32, correlation_key="e", service=None)
    secret = await written(sandbox, f"{PAGES}/incidents/1", "ben")
    other = await written(sandbox, f"{PAGES}/healthz {PAGES}/incidents/x https://elsewhere.example/incidents/2")

    sandbox.faults.add("chat.unfurl", Fault("error"))
    away = await written(sandbox, f"{PAGES}/incidents/2")
    await sandbox.until(lambda: "chat.unfurl" in caplog.text)
    shown = await written(sandbox, f"{PAGES}/incidents/2")
    await sandbox.until(lambda: shown.attachments)
    async with copilot.deps.db.transaction() as tx:
        await tx.execute(sa.text("ALTER TABLE hypotheses RENAME TO away"))
    lost = await written(sandbox, f"{PAGES}/incidents/2")
    await sandbox.until(lambda: caplog.text.count("a link was not shown") == 2)

    said = {"type": "link_shared", "user": "U0ANA", "channel": general.id, "message_ts": shown.ts, "links": []}
    body = {"type": "event_callback", "event_id": "Ev1", "team_id": sandbox.team_id, "event": said}
    await copilot.app.async_dispatch(AsyncBoltRequest(body=body | {"is_ext_shared_channel": True}, mode="socket_mode"))

    assert [one.attachments for one in (secret, other, away, lost)] == [[], [], [], []]


def test_incident_of_which_little_is_known_is_shown_with_little():
    made = entity(given_a.card(incident=given_a.incident(channel_id=None, service=None), suspect=None), PAGES)

    assert set(made["entity_payload"]["fields"]) == {"status", "priority", "date_created"}
    assert [one["key"] for one in made["entity_payload"]["custom_fields"]] == ["alerts"]
    assert "app_unfurl_url" not in made
