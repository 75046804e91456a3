"""Takes JSON of any sender, mapped to alerts by JMESPath expressions in copilot.yaml.

Set-up: 1. Let the sender post JSON to `https://copilot.example.net/webhooks/NAME`, NAME being the entry's name in
copilot.yaml, with the header `Authorization: Bearer SECRET`; or with the secret in the header that the option `header`
names; or signed with HMAC SHA-256 in hex in the header that `signature_header` names; or, as the last resort, with
`?token=SECRET` in the address. 2. Write the expressions: `name` at least, `status` if it also says that problems end.
3. Try them: `incident-copilot source test NAME body.json`.

API: https://jmespath.org/specification.html
"""

from collections.abc import Mapping
from typing import Annotated, Any

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator, Field

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields, bodies, signatures
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets


def _compiles(expression: str) -> str:
    try:
        jmespath.compile(expression)
    except JMESPathError as error:
        first = str(error).splitlines()[0]
        raise ValueError(f"is not a JMESPath expression: {first}") from None
    return expression


Expression = Annotated[str, AfterValidator(_compiles)]
"""A JMESPath expression."""


class Options(Frozen):
    """Where in a body things are, as JMESPath expressions; all but `each` and `delivery_id` are asked of each alert.

    `each` finds a list of alerts in the body, which is else one alert, or a list of them. `status` finds a word that is
    in `firing`, in `resolved`, or in `ignored` for events that say nothing; any other is unknown. Without `status`
    every body fires. `key` finds the sender's id of the problem, `labels` an object.
    """

    name: Expression
    each: Expression | None = None
    delivery_id: Expression | None = None
    status: Expression | None = None
    firing: tuple[str, ...] = ("firing", "alerting", "alert", "open", "triggered", "problem", "down", "true", "1")
    resolved: tuple[str, ...] = ("resolved", "ok", "closed", "recovered", "up", "false", "0")
    ignored: tuple[str, ...] = ("ping", "test")
    key: Expression | None = None
    severity: Expression | None = None
    service: Expression | None = None
    environment: Expression | None = None
    summary: Expression | None = None
    description: Expression | None = None
    labels: Expression | None = None
    links: dict[str, Expression] = Field(default_factory=dict)
    starts_at: Expression | None = None
    ends_at: Expression | None = None
    expression: Expression | None = None
    header: str | None = None
    signature_header: str | None = None
    signature_prefix: str = ""


_FOUND = (
    "name", "status", "key", "severity", "service", "environment", "summary", "description", "labels", "starts_at",
    "ends_at", "expression",
)  # fmt: skip


def create(env: PluginEnv, options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return Generic(env, options)


class Generic:
    """One sender whose bodies the operator has described."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._now, self._options = env.now, options
        self._secrets = Secrets(env, "generic")
        self._states = {word.lower(): AlertStatus.FIRING for word in options.firing}
        self._states |= {word.lower(): AlertStatus.RESOLVED for word in options.resolved}

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Check the signature or the header that the options name; else accept a bearer token or one of the address."""
        options = self._options
        if options.signature_header:
            given = headers.get(options.signature_header.lower(), "").removeprefix(options.signature_prefix)
            signatures.require_sha256(self._secrets.source, given, body, self._secrets.texts)
        elif options.header:
            self._secrets.require_header(headers, options.header.lower())
        else:
            self._secrets.require_authorization(headers, or_token=True)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the alerts of a body, under the id that an expression finds."""
        del headers
        source, options = self._secrets.source, self._options
        sent = bodies.load_objects(source, body)
        whole = sent[0] if len(sent) == 1 else sent
        items = self._search(options.each, whole) if options.each else sent
        told = [self._told(self._found(item)) for item in (items if isinstance(items, list) else [items])]
        return Delivery(
            alerts=tuple(alert for one in told for alert in one.alerts),
            delivery_id=Fields(source, {"delivery_id": self._search(options.delivery_id, whole)}).text("delivery_id")
            or None,
            ignored=", ".join(one.ignored for one in told if one.ignored) or None,
            unknown=", ".join(one.unknown for one in told if one.unknown) or None,
        )

    def _search(self, expression: str | None, data: Any) -> Any:
        """Return what an expression finds; None where it cannot be asked of this body."""
        try:
            return jmespath.search(expression, data) if expression else None
        except JMESPathError:
            return None

    def _found(self, item: Any) -> Fields:
        """Return what the expressions find, by the names of the options."""
        found = {name: self._search(getattr(self._options, name), item) for name in _FOUND}
        links = {kind: self._search(expression, item) for kind, expression in self._options.links.items()}
        return Fields(self._secrets.source, found | {"links": links})

    def _told(self, found: Fields) -> Delivery:
        word = found.text("status").lower()
        if word in {one.lower() for one in self._options.ignored}:
            return Delivery(ignored=word)
        if self._options.status is None:
            return Delivery(alerts=(self._alert(found, AlertStatus.FIRING),))
        if word not in self._states:
            return Delivery(unknown=f"status {word or 'is missing'}")
        return Delivery(alerts=(self._alert(found, self._states[word]),))

    def _alert(self, found: Fields, status: AlertStatus) -> Alert:
        service = found.text("service")
        # Without a key name and labels tell one problem from another, and the service has to be among them.
        labels = found.texts("labels") | ({"service": service} if service else {})
        return alert_fields.alert(
            found.source,
            self._now(),
            key=found.text("key"),
            name=found.required("name"),
            status=status,
            severity=found.text("severity"),
            service=service,
            environment=found.text("environment"),
            summary=found.text("summary"),
            description=found.text("description"),
            labels=labels,
            links=found.texts("links"),
            starts_at=found.time("starts_at"),
            ends_at=found.time("ends_at"),
            expression=found.text("expression"),
        )
