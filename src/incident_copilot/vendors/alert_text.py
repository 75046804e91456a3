"""Reads an alert out of a title and a few lines as monitoring systems write them for people, in e-mails and chats.

Nothing but wording is known here. What is read is a name, never a sentence to trust: it stays untrusted text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.vendors.alert_fields import environment_in, service_in, severity_in, tagged
from incident_copilot.vendors.alert_words import (
    ALARMING,
    ENVIRONMENTS,
    FACTS,
    FIRING,
    MUTE,
    SENDERS,
    severity_of,
    state_of,
)
from incident_copilot.vendors.bodies import cut

LONGEST_TITLE, MOST_LINES, LONGEST_FACT = 500, 60, 200


@dataclass(frozen=True)
class AlertText:
    """What a title says; `key` is the same when the problem fires and ends, whatever the values are."""

    status: AlertStatus
    name: str
    key: str
    severity: str | None = None
    service: str | None = None
    environment: str | None = None
    labels: dict[str, str] = field(default_factory=dict)


@dataclass
class _Reading:
    """What is known so far; `rest` is still to be read, `beside` belongs to the key and not to the name."""

    rest: str
    status: AlertStatus | None = None
    severity: str | None = None
    service: str | None = None
    environment: str | None = None
    is_mute: bool = False
    is_group: bool = False
    is_called_alert: bool = False
    beside: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)


def read(title: str, body: str = "", hint: AlertStatus | None = None) -> AlertText | None:
    """Return the alert that a title tells of, or None where it is none.

    `hint` is what something else than words says, such as a colour; words win over it.
    """
    reading = _read_title(plain(title))
    if reading.is_mute:
        return None
    facts = _facts(body)
    if facts.get("status", "").lower() in MUTE:
        return None
    severity = reading.severity or severity_in(facts)
    is_alarming = reading.is_called_alert or (reading.severity or "").lower() in ALARMING
    status = reading.status or state_of(facts.pop("status", "")) or hint or (FIRING if is_alarming else None)
    name = reading.rest or facts.get("alertname", "")
    if status is None or not re.search(r"\w{2}", name):
        return None
    labels = {**facts, **reading.labels}
    return AlertText(
        status=status,
        name=name,
        key=_key(name, *reading.beside),
        severity=severity,
        service=reading.service or service_in(labels),
        environment=reading.environment or environment_in(labels),
        labels=labels,
    )


def is_mute(title: str) -> bool:
    """Whether a title is of a kind that is known to be no alert: an acknowledgement, a test, a run of a pipeline."""
    return _read_title(plain(title)).is_mute


def plain(text: str) -> str:
    """Return one line without markup, emoji and addresses."""
    text = cut(" ".join(text.split()), LONGEST_TITLE)
    text = re.sub(r"<([^|<>\s]{1,400})\|([^<>]{0,400})>", r"\2", text)
    text = re.sub(r"\s*\(?\s*<?(?:https?|mailto):[^\s<>()]*>?\s*\)?", " ", text)
    text = re.sub(r"(?<!\w):[a-z0-9_+-]{2,40}:(?!\w)", " ", text)
    text = re.sub(r"[\u2190-\u21ff\u2300-\u27bf\u2900-\u2bff\ufe0f\u200d\U0001f000-\U0001faff]", " ", text)
    text = re.sub(r"[*`~]+|(?<!\w)_+|_+(?!\w)", "", text)
    for written, meant in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(written, meant)
    return " ".join(text.split())


# --- titles that keep the name in a place of their own

_form = partial(re.compile, flags=re.IGNORECASE)
_FORMS = (
    # CloudWatch's e-mails, and its messages in chats, which tell the state by colour alone.
    _form(r'(?P<word>ALARM|OK|INSUFFICIENT_DATA): "(?P<name>[^"]+)"(?: in (?P<region>.+))?'),
    _form(r"CloudWatch Alarm \| (?P<name>[^|]+?) \| (?P<region>[^|]+?) \| Account:.*"),
    # Azure Monitor, three generations.
    _form(
        r"(?P<word>Fired|Resolved): ?(?P<severity>Sev\d) (?:Azure Monitor Alert )?(?P<name>.+?)"
        r"(?: on (?P<resource>\S+)(?: \([^)]*\))?)?(?: at \d.*)?"
    ),
    _form(r"Azure: (?P<word>Activated|Deactivated) Severity: (?P<severity>\d) (?P<name>.+)"),
    _form(r".{0,40}Azure Monitor alert (?:rule )?['\"](?P<name>[^'\"]+)['\"] was (?P<word>\w+).*"),
    # Nagios, then Icinga.
    _form(r"(?P<word>\w+) Service Alert: (?P<host>[^/]+)/(?P<name>.+?) is (?P<severity>\w+)!?"),
    _form(r"(?P<word>\w+) Host Alert: (?P<name>.+?) is \w+!?"),
    _form(r"\[?(?P<word>PROBLEM|RECOVERY)\]?:? (?P<name>.+?) on (?P<host>\S+) is (?P<severity>\w+)!?"),
    # UptimeRobot, Pingdom, Uptime Kuma.
    _form(r"Monitor is (?P<word>DOWN|UP): (?P<name>.+?)(?: \([^)]*\))?"),
    _form(r"(?P<word>DOWN|UP) alert: (?P<name>.+?)(?: \((?P<host>[^)]*)\))? is (?:DOWN|UP)"),
    _form(r"\[(?P<name>[^\]]+)\] ?\[ ?(?P<word>Down|Up) ?\].*"),
    # Google Cloud Monitoring.
    _form(r"\[(?P<word>ALERT|RESOLVED)(?: - (?P<severity>[^\]]+))?\] (?P<name>.+?) on (?P<resource>.+)"),
    # Sentry: the short id is the problem, its first part the project.
    _form(r"\[Sentry\] (?P<beside>(?P<service>[\w-]+)-[0-9A-Z]+) - (?P<name>.+)"),
    # Dynatrace, Zabbix, New Relic, and what many a service says in a sentence.
    _form(r"(?P<word>OPEN|RESOLVED|CLOSED) Problem #?[\w-]+: (?P<name>.+)"),
    _form(r"(?P<word>Resolved|Updated problem) in [\dywdhms ]+: (?P<name>.+)"),
    _form(r"(?:Priority: )?(?P<severity>\w+),? (?:priority )?issue (?:is )?(?P<word>\w+): (?P<name>.+)"),
    _form(
        r"(?:Incident|Alert|Problem|Issue|Monitor) (?:#?[\w-]*\d[\w-]* )?(?:is |was |has been )?(?P<word>\w+)"
        r"(?::| -) ?(?P<name>.+)"
    ),
    _form(
        r"(?:\w+ )?[\"\u201c](?P<name>[^\"\u201d]+)[\"\u201d] (?:is |was |has |been |now |back )*(?P<word>[\w ]+?)[.!]*"
    ),
)
_RUN = _form(
    r"(?:\[[\w.-]+/[\w./-]+\] )?(?:\w+ )?(?:run|build|pipeline|workflow|deploy|deployment|job) "
    r"(?:#?\d+ )?(?:of \S+ |for \S+ )?(?:has |was |is )?"
    r"(?:failed|passed|succeeded|successful|started|finished|completed|cancelled|canceled|fixed|broken|skipped)\b.*"
)
_BRACKET = re.compile(r"\[([^\]]*)\] ?[:|-]? ?")
_PREFIX = re.compile(r"([A-Za-z][A-Za-z _-]{0,24}?\d?)(?: ?#[\w-]+)? ?(?::| \||\|| [-\u2013\u2014]) (?=\S)")
_NOUN = re.compile(r"^(?:alert|alarm|incident|problem|issue|monitor|check|event) (?:is |was )?")
_SHOUTED = re.compile(r"([A-Z]{2,}(?:_[A-Z]+)?)(?: #\d+)? (?=\S)")
_NUMBER = re.compile(r"(?:\[?#\d+\]?|\(\d+\)) ?[:|-]? ?")
_TAIL = _form(
    r"(.+?)(?:,? (?:(?:is|are|was|were|has|have|been|went|now|back|still|state|status)(?: ?: ?| ))+"
    r"| ?[-\u2013\u2014|:] "
    r"| (?=resolved|recovered|firing|triggered|cleared|back to|(?-i:DOWN|UP|OK|CRITICAL|WARNING)\b))"
    r"([a-z-]+|back to normal)[.!]*"
)


def _read_title(text: str) -> _Reading:
    reading = _Reading(text)
    if _RUN.fullmatch(text):
        reading.is_mute = True
        return reading
    if not _by_form(reading):
        _peel(reading)
        reading.rest = _without_values(reading.rest)
        _cut_tail(reading)
    if reading.is_group:
        _split_group(reading)
    reading.rest = _without_values(reading.rest)
    return reading


def _by_form(reading: _Reading) -> bool:
    """Read a title of one of the forms; False where it is of none."""
    for found in (form.fullmatch(reading.rest) for form in _FORMS):
        said = {name: held.strip() for name, held in found.groupdict().items() if held} if found else {}
        # Without a word the form itself tells what it is: Sentry writes when something breaks.
        word = said.pop("word", "")
        if not said or (word and state_of(word) is None and word.lower() not in MUTE):
            continue
        reading.is_mute = word.lower() in MUTE
        reading.status = state_of(word) if word else FIRING if "beside" in said else None
        reading.rest = said.pop("name")
        reading.severity = _severity(said.pop("severity", ""))
        reading.service = said.pop("service", "").lower() or None
        reading.beside = [said.pop(place) for place in ("beside", "host", "resource") if place in said][:1]
        reading.labels = said | ({"host": reading.beside[0]} if found and found.groupdict().get("host") else {})
        return True
    return False


def _severity(word: str) -> str | None:
    """Azure's is a bare digit; a state in its place, as Nagios has it, is none."""
    return word if word.isdigit() else severity_of(word)


def _peel(reading: _Reading) -> None:
    """Take off what stands before the name, one word or bracket after the other."""
    while reading.rest:
        if number := _NUMBER.match(reading.rest):
            reading.rest = reading.rest[number.end() :]
            continue
        bracket = _BRACKET.match(reading.rest)
        found = bracket or _PREFIX.match(reading.rest) or _SHOUTED.match(reading.rest)
        if found is None or not (_learn(reading, found.group(1), bracket is not None) or bracket):
            return
        reading.rest = reading.rest[found.end() :]


def _learn(reading: _Reading, token: str, in_brackets: bool) -> bool:
    """Take in what a word before the name says; False where it says nothing known."""
    word, _, tags = token.partition(" on {")
    word = re.sub(r"[:,].*", "", word).strip().lower()
    reading.labels |= tagged(tags.rstrip("}").split(",")) if tags else {}
    reading.beside += [tags] if tags else []
    parts = re.split(r" - | \| ", token)
    if word in MUTE and not (in_brackets and word in ENVIRONMENTS):
        reading.is_mute = True
    elif word in SENDERS:
        reading.is_called_alert |= word.endswith("alert")
    elif state := state_of(word) or state_of(_NOUN.sub("", word)):
        reading.status = reading.status or state
        reading.is_group |= in_brackets and word in ("firing", "resolved")
    elif severity := severity_of(word):
        reading.severity = reading.severity or severity_of(token) or severity
        reading.is_called_alert |= in_brackets and word[-1].isdigit()
    elif in_brackets and len(parts) > 1:
        for part in parts:
            _learn(reading, part, in_brackets)
    elif in_brackets and word in ENVIRONMENTS:
        reading.environment = word
        reading.beside.append(word)
    else:
        reading.beside += [token] if in_brackets else []
        return False
    return True


def _cut_tail(reading: _Reading) -> None:
    """Take off a state behind the name: "is down", "has recovered", "resolved"."""
    found = _TAIL.fullmatch(reading.rest)
    if found is None:
        return
    name, word = found.group(1), found.group(2).lower()
    reading.is_mute |= word in MUTE and word not in ENVIRONMENTS
    # Not every severity: "CPU is high" is the name of a rule.
    if (state_of(word) and word not in _EVERYDAY) or word in ALARMING:
        reading.rest = name
        reading.status = reading.status or state_of(word)
        reading.severity = reading.severity or severity_of(found.group(2))


_EVERYDAY = frozenset({"open", "opened", "started", "live"})
"""What is said of many a thing: registration is open."""
_CAMEL = re.compile(r"[A-Z][a-z0-9]*(?:[A-Z][A-Za-z0-9]*)+")
_IN_PARENTHESES = re.compile(r" ?\(([^()]*)\)$")


def _split_group(reading: _Reading) -> None:
    """Alertmanager writes the name, what alerts are grouped by, and in parentheses what else they share.

    What they share differs from one notification to the next, so it is no part of the key.
    """
    if shared := _IN_PARENTHESES.search(reading.rest):
        reading.rest = reading.rest[: shared.start()]
        for word in shared.group(1).split():
            reading.environment = reading.environment or (word if word.lower() in ENVIRONMENTS else None)
            reading.severity = reading.severity or severity_of(word)
    name, *grouped = reading.rest.split() or [""]
    if grouped and _CAMEL.fullmatch(name):
        reading.rest = name
        reading.beside += grouped
        reading.service = grouped[0] if len(grouped) == 1 else None


_NUM = r"[-+]?\d[\d.,]*(?: ?(?:%|[a-z]{1,3}(?:/s)?|/s|percent|seconds?|minutes?|hours?))?"
_VALUES = tuple(
    _form(pattern)
    for pattern in (
        r" ?[(\[][^()\[\]]*(?:\d ?(?:%|[smh]\b|min|sec|hour|day)|[<>=]|\bvalue\b|\bcurrent)[^()\[\]]*[)\]]$",
        rf"[ ,;:-]* {_NUM} ?(?:>=?|<=?) ?{_NUM}$",
        rf"[ ,;:-]*(?:(?<=\w)[:=]| (?:is|was|at|=|currently|current value|value)) ?[:=]? ?{_NUM}$",
        r" (?:for|since|after|in) \d[\d: .]*(?:s|m|h|d|min|mins|minutes?|hours?|seconds?|days?)?(?: \d+[smh])*$",
        r" (?:at|on|since) \d{1,4}[-/:.]\d.*$",
        r"[ ,;:.!-]+$",
    )
)


def _without_values(name: str) -> str:
    """Return the name without what differs each time; a threshold such as "above 90%" is part of the rule."""
    before = None
    while before != name:
        before = name
        for values in _VALUES:
            name = values.sub("", name) or name
    return name.strip(" \"'")


def _key(*parts: str) -> str:
    words = re.findall(r"[^\s,;()\[\]{}\"']+", " ".join(parts).casefold())
    return " ".join(word for word in words if word not in {"on", "is", "has", "the", "-", "|"})


def _facts(body: str) -> dict[str, str]:
    """Return what lines such as "Service: checkout" say, the first of each."""
    facts: dict[str, str] = {}
    for name, value in _named_lines(body):
        if (label := FACTS.get(name)) and value and len(value) <= LONGEST_FACT:
            facts.setdefault(label, value)
    return facts


def _named_lines(body: str) -> Iterator[tuple[str, str]]:
    for line in body.splitlines()[:MOST_LINES]:
        found = re.match(r"[\s>\u2022-]*([A-Za-z][A-Za-z_ ]{1,24}?)\s*[:=]\s*(\S.*)", plain(line))
        if found:
            yield found.group(1).lower().replace("_", " "), found.group(2).strip(" \"'")
