"""Takes Zabbix's problems, sent by a media type of type Webhook with our script, or with any of the usual templates.

Set-up: 1. In Zabbix, open Alerts, Media types, Create media type, type Webhook. 2. Add the parameters of `TEMPLATE` in
this module, name by name (the macro is the value), and the parameters `address` with
`https://copilot.example.net/webhooks/zabbix` and `secret`. 3. Paste `SCRIPT` of this module as the script. 4. Under
Message templates add Problem, Problem recovery and Problem update. 5. Give a user this media, and an action that sends
to the user, with recovery and update operations.

API: https://www.zabbix.com/documentation/current/en/manual/config/notifications/media/webhook
"""

from collections.abc import Mapping

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields, bodies
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

TEMPLATE = {
    "event_id": "{EVENT.ID}",
    "status": "{EVENT.STATUS}",
    "value": "{EVENT.VALUE}",
    "update": "{EVENT.UPDATE.STATUS}",
    "severity": "{EVENT.SEVERITY}",
    "hostname": "{HOST.NAME}",
    "trigger": "{EVENT.NAME}",
    "trigger_id": "{TRIGGER.ID}",
    "item": "{ITEM.NAME}: {ITEM.VALUE}",
    "details": "{EVENT.OPDATA}",
    "description": "{TRIGGER.DESCRIPTION}",
    "tags": "{EVENT.TAGSJSON}",
    "started": "{EVENT.DATE} {EVENT.TIME}",
    "ended": "{EVENT.RECOVERY.DATE} {EVENT.RECOVERY.TIME}",
    "link": "{$ZABBIX.URL}/tr_events.php?triggerid={TRIGGER.ID}&eventid={EVENT.ID}",
}
"""The parameters of the media type. Times are in the time zone of the Zabbix server, which should be UTC."""
SCRIPT = """var sent = JSON.parse(value), request = new HttpRequest();
request.addHeader('Content-Type: application/json');
request.addHeader('Authorization: Bearer ' + sent.secret);
var address = sent.address;
delete sent.secret;
delete sent.address;
var answer = request.post(address, JSON.stringify(sent));
if (request.getStatus() < 200 || request.getStatus() > 299) { throw request.getStatus() + ' ' + answer; }
return 'OK';
"""

_STATES = {
    "problem": AlertStatus.FIRING,
    "update": AlertStatus.FIRING,
    "1": AlertStatus.FIRING,
    "ok": AlertStatus.RESOLVED,
    "resolved": AlertStatus.RESOLVED,
    "recovery": AlertStatus.RESOLVED,
    "0": AlertStatus.RESOLVED,
}
_TIMES = ("%Y.%m.%d %H:%M:%S", "%Y.%m.%d", "%H:%M:%S %Y.%m.%d")
# Names that templates in the wild give to the same thing.
_NAME = ("trigger", "trigger_name", "event_name", "name", "subject", "alert_subject", "problem", "title")
_TRIGGER = ("trigger_id", "triggerid")
_EVENT = ("event_id", "eventid", "id")
_HOST = ("hostname", "host", "host_name", "hostName", "host.name")
_STATUS = ("status", "event_status", "trigger_status", "event_value", "value")
_SEVERITY = ("severity", "event_severity", "trigger_severity", "priority", "nseverity")
_LINK = ("link", "url", "zabbix_url", "trigger_url", "event_url")


class Options(Frozen):
    """Zabbix needs no options; its secret is the bearer token that the script sends."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return Zabbix(env)


class Zabbix:
    """One Zabbix server."""

    def __init__(self, env: PluginEnv) -> None:
        self._now = env.now
        self._secrets = Secrets(env, "zabbix")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Accept the bearer token of our script, basic auth, or the token of the address for scripts of others."""
        del body
        self._secrets.require_authorization(headers, or_token=True)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the one problem of a body; Zabbix names no delivery."""
        del headers
        sent = Fields.of(self._secrets.source, body)
        return Delivery(alerts=(self._alert(sent),))

    def _alert(self, sent: Fields) -> Alert:
        labels, host = _tags(sent), _given(sent, *_HOST)
        status = _status(sent)
        return alert_fields.alert(
            self._secrets.source,
            self._now(),
            key=_problem(sent, host),
            name=_name(sent),
            status=status,
            severity=_given(sent, *_SEVERITY),
            service=alert_fields.service_in(labels) or host,
            summary=_given(sent, "item", "message", "alert_message", "details"),
            description=_given(sent, "description", "trigger_description"),
            labels=labels | ({"host": host} if host else {}),
            links={"zabbix": _given(sent, *_LINK)},
            starts_at=sent.time("started", *_TIMES) or sent.time("timestamp") or sent.time("clock"),
            ends_at=sent.time("ended", *_TIMES),
        )


def _given(sent: Fields, *names: str) -> str:
    """Return the first text that is there; a macro that Zabbix could not resolve is none."""
    found = (sent.text(name) for name in names if not isinstance(sent.raw(name), Mapping | list))
    return next((text for text in found if text and not text.startswith("{") and text != "*UNKNOWN*"), "")


def _problem(sent: Fields, host: str) -> str:
    """Return what is the same each time the trigger fires on the host; an event's id is of one firing only."""
    trigger = _given(sent, *_TRIGGER)
    return f"{host}|{trigger}" if trigger else _given(sent, *_EVENT) or f"{host}|{_name(sent)}"


def _name(sent: Fields) -> str:
    return _given(sent, *_NAME) or _given(sent, "item") or sent.required("trigger")


def _status(sent: Fields) -> AlertStatus:
    """Return whether the problem is there; a template without a state is only ever used for problems."""
    word = _given(sent, *_STATUS)
    if not word:
        return AlertStatus.FIRING
    if word.lower() not in _STATES:
        raise sent.bad("status", f"is {word[:40]}, not one of {', '.join(_STATES)}")
    return _STATES[word.lower()]


def _tags(sent: Fields) -> dict[str, str]:
    """Return tags: {EVENT.TAGSJSON}, as a text or an object, or {EVENT.TAGS}, which is "name:value, name:value"."""
    name = next((one for one in ("tags", "event_tags") if one in sent), "tags")
    if isinstance(sent.raw(name), Mapping):
        return sent.texts(name)
    if isinstance(sent.raw(name), str):
        listed = sent.text(name)
        if not listed.startswith("["):
            return {} if listed.startswith("{") else alert_fields.tagged(sent.listed(name))
        sent = Fields(sent.source, {name: bodies.load_objects(sent.source, listed.encode())})
    return {tag.text("tag"): tag.text("value") or "true" for tag in sent.each(name) if "tag" in tag}
