"""Take people, hosts and secrets out of what leaves the house; the same one gets the same placeholder."""

from collections.abc import Iterable, Mapping
from typing import Any

from incident_copilot.domain.redaction import Redactor

HOST_LABELS = frozenset({"instance", "host", "hostname", "node", "pod", "pod_ip", "container_id", "nodename"})
KEPT = frozenset(
    {
        *("id", "incident_id", "fingerprint", "evidence_ids", "key", "kind", "shape", "source", "status", "came"),
        *("at", "as_of", "opened_at", "taken_at", "starts_at", "ends_at", "severity", "service", "version", "previous"),
        *("name", "environment", "incident_type", "runbook", "section", "unit", "state", "by"),
    }
)
"""Fields of a case that hold names of things and times, never words of people; a hash among them is no secret."""
DROPPED = frozenset({"link", "links", "author", "runbook_url"})
"""They lead into the house, or name somebody."""
SHORTEST = 3


class Anonymous:
    """Anonymises one case."""

    def __init__(
        self, people: Mapping[str, str], alerts: Iterable[Mapping[str, str]], known: Iterable[str] = ()
    ) -> None:
        """`people` are names by chat id, `alerts` the labels of each alert, `known` secrets to hide exactly."""
        self._redactor = Redactor(tuple(known))
        hosts = sorted({value for labels in alerts for name, value in labels.items() if name in HOST_LABELS and value})
        self._names = {host: f"[host-{number}]" for number, host in enumerate(hosts, 1)}
        for number, (chat_id, name) in enumerate(sorted(people.items()), 1):
            self._names |= {chat_id: f"[person-{number}]", name: f"[person-{number}]"}

    def text(self, text: str) -> str:
        """Return a text without them."""
        for name in sorted(self._names, key=len, reverse=True):
            if len(name) >= SHORTEST:
                text = text.replace(name, self._names[name])
        return self._redactor.redact(text)

    def value(self, value: Any) -> Any:
        """Return JSON without them."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(one) for one in value]
        if isinstance(value, dict):
            return {name: self._field(name, one) for name, one in value.items() if name not in DROPPED}
        return value

    def _field(self, name: str, value: Any) -> Any:
        return value if name in KEPT and not isinstance(value, dict) else self.value(value)
