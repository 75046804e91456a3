"""PagerDuty, Opsgenie, Grafana OnCall and a calendar, in memory: who is on call as recorded, and what they are told."""

import json

import httpx

from incident_copilot.plugins import Config, PluginInstance, build

from .targets import recorded

SECRET = "COPILOT_SECRET"
INSTANCES = [
    ("schedules", "pagerduty", {}),
    ("schedules", "opsgenie", {}),
    ("schedules", "grafana_oncall", {"url": "https://oncall.example.net/oncall"}),
    ("schedules", "ical", {"calendars": {"web": "https://calendar.example.net/web.ics"}}),
    ("pagers", "pagerduty", {}),
    ("pagers", "opsgenie", {}),
    ("alert_sources", "pagerduty", {}),
    ("alert_sources", "opsgenie", {}),
]


class PagingServices:
    """What each of them was told, as short words; with `refuses` PagerDuty takes no page."""

    def __init__(self):
        self.told, self.refuses = [], False

    def plugins(self, clock):
        """The copilot's plugins for them."""
        instances = [
            PluginInstance(
                kind=kind, plugin=name, name=name, options=options, secret_env=SECRET if name != "ical" else None
            )
            for kind, name, options in INSTANCES
        ]
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        return build(Config(instances=tuple(instances)), client, clock, {SECRET: "s3cret"})

    def _answer(self, request):
        host, path = request.url.host, request.url.path
        if host == "events.pagerduty.com":
            return self._page(json.loads(request.content))
        if host == "api.opsgenie.com" and request.method == "POST":
            return self._alert(path.removeprefix("/v2/alerts").strip("/"), json.loads(request.content))
        if host == "calendar.example.net":
            return httpx.Response(200, text=recorded("ical_calendar")["text"])
        answers = {
            "oncalls": "pagerduty_oncalls_with_users",
            "on-calls": "opsgenie_oncalls",
            "next-on-calls": "opsgenie_next_oncalls",
            "SBM7DV7BKFUYU": "grafana_oncall_schedule",
            "U4DNY931HHJS5": "grafana_oncall_user",
        }
        return httpx.Response(200, json=recorded(answers[path.rstrip("/").rpartition("/")[2]]))

    def _page(self, said):
        if self.refuses:
            return httpx.Response(400, json={"status": "invalid event", "message": "Invalid routing key"})
        self.told.append(("pagerduty", said["event_action"], said["dedup_key"]))
        return httpx.Response(202, json=recorded("pagerduty_enqueued"))

    def _alert(self, path, said):
        alias, _, act = path.rpartition("/")
        self.told.append(("opsgenie", act or "create", said.get("alias", alias)))
        return httpx.Response(202, json=recorded("opsgenie_accepted"))


def done_at_pagerduty(event, key, by):
    """The webhook by which PagerDuty tells what somebody did to a page."""
    agent = {"type": "user_reference", "summary": by, "id": "PUSR001"}
    data = {"id": "PGR0VU2", "type": "incident", "status": event, "incident_key": key, "title": "INC"}
    told = {"id": f"01{event.upper()}", "event_type": f"incident.{event}", "occurred_at": "2026-10-24T22:10:00Z"}
    return json.dumps({"event": told | {"agent": agent, "data": data}}).encode()


def done_at_opsgenie(action, key, by):
    """The webhook by which Opsgenie tells what somebody did to an alert."""
    told = recorded("opsgenie")
    return json.dumps(told | {"action": action, "alert": told["alert"] | {"alias": key, "username": by}}).encode()
