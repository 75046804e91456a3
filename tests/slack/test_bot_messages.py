"""What messages of other bots become: attachments, blocks and plain words, new and edited."""

from datetime import UTC, datetime

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import BadPayload
from incident_copilot.slack import bot_messages
from incident_copilot.slack.identity import Me

ME = Me(user_id="U0COPILOT", bot_id="B0COPILOT", team_id="T1", url="https://acme.slack.com/")
NOW = datetime(2026, 11, 21, 9, 10, tzinfo=UTC)
TS, LATER = "1795251600.000100", "1795251660.000200"
AT, AT_LATER = (datetime.fromtimestamp(float(ts), UTC) for ts in (TS, LATER))
FIRING, RESOLVED = AlertStatus.FIRING, AlertStatus.RESOLVED
FIRES, ENDS = "[FIRING:1] SlowPages shop", "[RESOLVED] SlowPages shop"


def said(**fields):
    """A message of an app."""
    profile = {"id": "B0G", "name": "Grafana Cloud", "app_id": "A0G", "team_id": "T1"}
    usual = {"type": "message", "channel": "C0ALERTS", "ts": TS, "text": "", "user": "U0G", "bot_id": "B0G"}
    return usual | {"bot_profile": profile} | fields


def edited(before, after):
    """The event of an edit."""
    changed = {"type": "message", "subtype": "message_changed", "channel": "C0ALERTS", "ts": LATER, "hidden": True}
    return changed | {"message": said(**after), "previous_message": said(**before)}


def alerts(event):
    found = bot_messages.read(event, ME, NOW)
    return list(found[1].alerts) if found else []


def one(event):
    (alert,) = alerts(event)
    return alert


def attached(**fields):
    return {"attachments": [{"id": 1, "fallback": "[no preview available]"} | fields]}


def test_attachment_is_told_in_the_words_all_sources_share():
    event = said(
        **attached(
            title=FIRES,
            title_link="https://grafana.example/a/1",
            color="a30200",
            text="*Alert* pages are slow\n<https://grafana.example/d|Dashboard>",
            fields=[{"title": "Severity", "value": "major", "short": True}, {"title": "Env", "value": "prod"}],
        )
    )

    source, delivery = bot_messages.read(event, ME, NOW)
    (alert,) = delivery.alerts
    assert (source, delivery.delivery_id) == ("slack-grafana-cloud", f"slack:C0ALERTS:{TS}")
    assert alert.model_dump(exclude={"fingerprint", "annotations"}) == {
        "source": "slack-grafana-cloud",
        "name": "SlowPages",
        "status": FIRING,
        "severity": "major",
        "service": "shop",
        "environment": "prod",
        "summary": FIRES,
        "description": "Alert pages are slow\nDashboard\nSeverity: major\nEnv: prod",
        "labels": {"severity": "major", "env": "prod"},
        "links": {
            "message": "https://acme.slack.com/archives/C0ALERTS/p1795251600000100",
            "source": "https://grafana.example/a/1",
        },
        "starts_at": AT,
        "ends_at": None,
        "expression": None,
    }


RICH = [{"type": "text", "text": "[FIRING:1] "}, {"type": "text", "text": "SlowPages"}]
SAME = {
    "text": ({"text": FIRES}, {"text": ENDS}),
    "title": (attached(title=FIRES), attached(title=ENDS)),
    "pretext": (attached(pretext=FIRES, title="View"), attached(pretext=ENDS, title="View")),
    "attachment's text": (attached(text=f"{FIRES}\nmore"), attached(text=f"{ENDS}\nmore")),
    "fallback": (attached(fallback=FIRES), attached(fallback=ENDS)),
    "colour": (attached(title="SlowPages shop", color="danger"), attached(title="SlowPages shop", color="good")),
    "colour of the message": (
        {"text": "Slow pages"} | attached(color="#D63232"),
        {"text": "Slow pages"} | attached(color="36a64f"),
    ),
    "header": (
        {"blocks": [{"type": "header", "text": {"type": "plain_text", "text": FIRES}}]},
        {"blocks": [{"type": "header", "text": {"type": "plain_text", "text": ENDS}}]},
    ),
    "section": (
        {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": f"*<https://x.example|{FIRES}>*"}}]},
        {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": f"*{ENDS}*"}}]},
    ),
    "blocks of an attachment": (
        attached(color="#d13212", blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": "Slow pages"}}]),
        attached(color="#2eb886", blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": "Slow pages"}}]),
    ),
    "rich text": (
        {"blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": RICH}]}]},
        {"text": "[RESOLVED] SlowPages"},
    ),
}


@pytest.mark.parametrize(("fires", "ends"), SAME.values(), ids=SAME)
def test_firing_and_resolved_are_one_problem_wherever_they_are_said(fires, ends):
    fired, ended = one(said(**fires)), one(said(ts=LATER, **ends))

    assert (fired.status, ended.status) == (FIRING, RESOLVED)
    assert (ended.ends_at, ended.fingerprint) == (AT_LATER, fired.fingerprint)


def test_names_and_values_of_a_section_are_read():
    fields = [
        {"type": "mrkdwn", "text": "*Service:*\nshop"},
        {"type": "mrkdwn", "text": "*Severity*\ncritical"},
        {"type": "mrkdwn", "text": "Env: prod"},
    ]
    context = {"type": "context", "elements": [{"type": "image"}, {"type": "mrkdwn", "text": "Team: web"}]}
    blocks = [{"type": "section", "fields": fields}, context, {"type": "divider"}]

    alert = one(said(text="Problem: Slow pages", blocks=blocks))

    assert (alert.service, alert.severity, alert.environment, alert.labels["team"]) == (
        "shop", "critical", "prod", "web",
    )  # fmt: skip


def test_each_attachment_may_be_an_alert():
    event = said(attachments=[{"title": FIRES}, {"title": "[FIRING:1] QueueBacklog mailer"}, {"title": "More"}])

    assert [alert.name for alert in alerts(event)] == ["SlowPages", "QueueBacklog"]


def test_yellow_is_a_warning():
    assert one(said(**attached(title="Slow pages", color="warning"))).severity == "warning"
    assert one(said(**attached(title="CRITICAL: Slow pages", color="daa038"))).severity == "CRITICAL"


@pytest.mark.parametrize("color", ["", "purple", "#cccccc", "#101010", "#3366ff", "#9933cc"])
def test_other_colours_mean_nothing(color):
    assert alerts(said(**attached(title="Slow pages", color=color))) == []


def test_red_pink_counts_as_red():
    assert one(said(**attached(title="Slow pages", color="#e01e5a"))).status is FIRING


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "Good morning"},
        {},
        {"text": "[acme/shop] Run failed: CI - main (abc1234)"} | attached(color="danger", title="CI"),
        attached(title="Acknowledged #12: Slow pages", color="danger"),
    ],
)
def test_message_that_is_no_alert_says_nothing(fields):
    assert bot_messages.read(said(**fields), ME, NOW) is None


# --- edits


def test_edit_to_resolved_resolves():
    event = edited({"text": FIRES}, {"text": ENDS})

    alert = one(event)
    assert (alert.status, alert.starts_at, alert.ends_at) == (RESOLVED, AT_LATER, AT_LATER)
    assert alert.fingerprint == one(said(text=FIRES)).fingerprint
    assert bot_messages.read(event, ME, NOW)[1].delivery_id == f"slack:C0ALERTS:{TS}:{LATER}"


def test_edit_that_changes_the_words_only_is_the_same_state():
    alert = one(edited({"text": FIRES}, {"text": f"{FIRES}\nSeverity: major"}))

    assert (alert.status, alert.starts_at, alert.severity) == (FIRING, AT, "major")


def test_only_alert_of_a_message_stays_itself_under_another_title():
    alert = one(edited({"text": FIRES}, {"text": "Resolved: pages are fast again"}))

    assert (alert.status, alert.name) == (RESOLVED, "pages are fast again")
    assert alert.fingerprint == one(said(text=FIRES)).fingerprint


def test_alerts_of_an_edited_message_are_told_apart_by_name():
    titles = [{"title": FIRES}, {"title": "[FIRING:1] QueueBacklog mailer"}]

    slow, queue, new = alerts(
        edited({"attachments": titles}, {"attachments": [{"title": ENDS}, titles[1], {"title": "Problem: New"}]})
    )

    assert (slow.status, slow.starts_at) == (RESOLVED, AT_LATER)
    assert (queue.status, queue.starts_at) == (FIRING, AT)
    assert (new.status, new.starts_at) == (FIRING, AT_LATER)


def test_edit_without_what_was_before_is_news():
    event = edited({}, {"text": ENDS}) | {"previous_message": None}

    assert one(event).starts_at == AT_LATER


# --- whose messages, and where they are


@pytest.mark.parametrize("subtype", ["bot_message", "file_share", "thread_broadcast"])
def test_messages_of_other_bots_are_read(subtype):
    assert bot_messages.is_of_another_bot(said(subtype=subtype), ME)
    assert bot_messages.is_of_another_bot(edited({}, {"subtype": subtype}), ME)


@pytest.mark.parametrize(
    "event",
    [
        said(bot_id="B0COPILOT"),
        said(user="U0COPILOT"),
        said(bot_id=None),
        said(subtype="channel_join"),
        said(type="reaction_added"),
        said(subtype="message_deleted"),
        edited({}, {"bot_id": "B0COPILOT"}),
        edited({}, {"bot_id": None}),
        edited({}, {}) | {"message": None},
    ],
)
def test_nothing_else_is(event):
    assert not bot_messages.is_of_another_bot(event, ME)


@pytest.mark.parametrize(
    ("fields", "source"),
    [
        ({"username": "Ops / Alerts!"}, "slack-ops-alerts"),
        ({"bot_profile": None}, "slack-b0g"),
        ({"username": "\u8b66\u544a"}, "slack-bot"),
        ({"username": "x" * 200}, "slack-" + "x" * 54),
    ],
)
def test_source_is_named_after_the_bot(fields, source):
    assert bot_messages.read(said(text=FIRES, **fields), ME, NOW)[0] == source


def test_reply_is_linked_in_its_thread():
    alert = one(said(text=FIRES, ts=LATER, thread_ts=TS))

    assert alert.links == {
        "message": f"https://acme.slack.com/archives/C0ALERTS/p1795251660000200?thread_ts={TS}&cid=C0ALERTS"
    }


def test_without_the_workspaces_address_there_is_no_link():
    found = bot_messages.read(said(text=FIRES), Me(user_id="U1", bot_id="B1", team_id="T1"), NOW)

    assert found[1].alerts[0].links == {}


def test_message_of_another_shape_is_named_by_field():
    with pytest.raises(BadPayload, match=r"^slack: attachments is not a list"):
        bot_messages.read(said(attachments={}), ME, NOW)
