"""Takes what an AI system tells of itself: snapshots of its metrics, and sampled requests with their answers.

Set-up: 1. Make an entry for each system; its name is the system's. 2. Send snapshots as JSON to
`https://copilot.example.net/monitoring/NAME`, and interactions, up to 500 at once, to
`https://copilot.example.net/monitoring/NAME/interactions`, with the header `Authorization: Bearer SECRET`; or signed
with HMAC SHA-256 in hex over the body, in the header that the option `signature_header` names. 3. The fields are in
docs/monitoring.schema.json and docs/interactions.schema.json, the steps in docs/ai-incidents.md.

API: https://json-schema.org/draft/2020-12/schema
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.observation import Figure, Snapshot
from incident_copilot.domain.sampled import Sampled
from incident_copilot.errors import BadPayload
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import bodies, signatures, times, told_figures, told_interactions
from incident_copilot.vendors.secrets import Secrets
from incident_copilot.vendors.told_figures import SECTIONS, Reading

_LONGEST_ID = 160
_MOST_LABELS = 20
_OLDEST = timedelta(days=90)
_OPAQUE = re.compile(r"(?!\d{9,})[A-Za-z0-9_-]{1,64}")
"""An id that tells nothing of a person: no address, and no number that may be a telephone's."""
_AROUND = frozenset({"id", "at", "labels", "system", "interactions", *SECTIONS})


class Options(Frozen):
    """The header of a signature over the body, where one is sent in place of the secret, and what stands before it."""

    signature_header: str | None = None
    signature_prefix: str = ""


def create(env: PluginEnv, options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return AiSystem(env, options)


class AiSystem:
    """One AI system; the entry's name is its name."""

    keeps_people_out = True
    """What it sends is redacted before it is kept, also where nobody understands it."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._now, self._options = env.now, options
        self._secrets = Secrets(env, "ai_system")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Check the signature, or a bearer token."""
        header = self._options.signature_header
        if header:
            given = headers.get(header.lower(), "").removeprefix(self._options.signature_prefix)
            signatures.require_sha256(self._secrets.source, given, body, self._secrets.texts)
        else:
            self._secrets.require_authorization(headers)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return a snapshot, or the interactions of a body that has some. What of it cannot be used is named."""
        del headers
        data = bodies.load(self._secrets.source, body, finite=False)
        strange = [f"{name[:80]} is not known here" for name in sorted(set(data) - _AROUND)]
        if strange and set(data).isdisjoint({"interactions", *SECTIONS}):
            raise self._bad(f"{strange[0]}; send one of {', '.join(SECTIONS)}, or interactions")
        is_batch = "interactions" in data
        return self._interactions(data, strange) if is_batch else self._snapshot(data, strange)

    def _interactions(self, data: Mapping[str, Any], strange: list[str]) -> Delivery:
        items = data["interactions"]
        if not isinstance(items, list) or not items:
            raise self._bad("interactions: is no list, or an empty one; send 1 to 500 objects")
        found, reading = told_interactions.read(items, self._now())
        flagged = (*strange[:5], *reading.flagged)
        if not found:
            raise self._bad("; ".join(flagged[:5]))
        named = [one.model_copy(update={"user": self._pseudonym(one.user)}) for one in found]
        return Delivery(interactions=tuple(named), delivery_id=self._batch_id(data.get("id"), found), flagged=flagged)

    def _snapshot(self, data: Mapping[str, Any], strange: list[str]) -> Delivery:
        reading = told_figures.read(data)
        key = data.get("id")
        if not isinstance(key, str | int) or isinstance(key, bool) or not 0 < len(str(key)) <= _LONGEST_ID:
            raise self._bad(f"id: is missing or no text of at most {_LONGEST_ID}; send the same when it is sent again")
        at = self._time(reading, data.get("at"))
        labels = told_interactions.labels(reading, "labels", data.get("labels"))
        flagged = (*strange[:5], *reading.flagged)
        if not reading.figures:
            raise self._bad("; ".join(flagged[:5]) or f"nothing is told; send one of {', '.join(SECTIONS)}")
        figures = (*reading.figures, _refused(reading))
        snapshot = Snapshot(system=self._secrets.source, id=str(key), at=at, figures=figures, labels=labels)
        return Delivery(snapshots=(snapshot,), delivery_id=str(key), flagged=flagged)

    def _time(self, reading: Reading, value: Any) -> datetime:
        now = self._now()
        at = times.usable(times.read(value), now) if value is not None else now
        if at is None or at < now - _OLDEST:
            reading.flag("at", f"is no time of the last {_OLDEST.days} days; the time of arrival was taken")
            return now
        return min(at, now)

    def _pseudonym(self, user: str | None) -> str | None:
        """Return an id as it is where it is opaque, else a digest that whoever has the secret can make again."""
        if user is None or _OPAQUE.fullmatch(user):
            return user
        return "u-" + hmac.new(self._secrets.texts[0].encode(), user.encode(), hashlib.sha256).hexdigest()[:16]

    def _batch_id(self, key: Any, found: Sequence[Sampled]) -> str:
        """The sender's id, or what the ids of the interactions come to."""
        if isinstance(key, str) and 0 < len(key) <= _LONGEST_ID:
            return key
        return "of:" + hashlib.sha256("\n".join(sorted(one.id for one in found)).encode()).hexdigest()

    def _bad(self, problem: str) -> BadPayload:
        return BadPayload(self._secrets.source, problem)


def _refused(reading: Reading) -> Figure:
    """How many values could not be used, so that a monitor sees a sender that begins to send nonsense."""
    values = len(reading.figures) + reading.left_out
    return Figure(metric="data.out_of_range.snapshot", successes=reading.left_out, n=values)
