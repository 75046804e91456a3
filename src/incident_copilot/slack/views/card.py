"""The one card of an incident, edited in place, and its announcement."""

from incident_copilot.domain.content import Announcement, Card
from incident_copilot.domain.incident import Duty, Ending, Incident, Severity, Status
from incident_copilot.pipeline.show import in_words
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.views import roles, words

CROWDED = "Much is happening: what asks nobody for anything is in the thread of this card."
MOST_REGROUPED, MOST_LINKS = 5, 5
MORE = {
    "roles": "Roles…",
    "task": "New task…",
    "note": "Note for the timeline…",
    "bring_in": "Bring people in…",
    "snooze": "Snooze reminders for 30 min",
}
LINK_NAMES = {"source": "Alert", "generator": "Graph"}


def card(shown: Card) -> b.Rendered:
    """Return the card: status, severity, people, service, duration, alerts, suspect, links, and fitting buttons."""
    return b.message(
        notification(shown),
        [
            b.header(words.title(shown.incident)),
            b.lines(_whole(shown)),
            b.actions(buttons(shown.incident), block_id="card"),
            b.footer(CROWDED) if shown.crowded else None,
            b.footer("Shadow mode: nobody was notified.") if shown.shadow else None,
        ],
    )


def announcement(shown: Announcement) -> b.Rendered:
    """Return the message of the announcement channel: short, leading on; for a small incident it is the card itself."""
    incident = shown.card.incident
    if incident.thread_ts or incident.severity in (Severity.P2, Severity.P3):
        return card(shown.card)
    rows = [
        [b.words(words.title(incident), "bold", limit=300)],
        [*_state(incident), b.space(" · "), *_owner(incident)],
        _times(shown.card),
        *_source(shown.card),
        *_suspect(shown.card),
        *([[b.space("It goes on in "), b.channel(incident.channel_id)]] if incident.channel_id else []),
    ]
    offered = [_acknowledge(incident)] if incident.status is Status.OPEN else []
    return b.message(notification(shown.card), [b.lines(rows), b.actions(offered, block_id="announcement")])


def notification(shown: Card) -> str:
    """Return one line for a phone: what, how bad, where it stands, suspect."""
    incident = shown.incident
    parts = [
        f"{words.title(incident)}: {incident.severity_in_words}, {words.status(incident)}",
        f"{shown.firing} alerts firing" if incident.is_running else f"after {_duration(shown)}",
    ]
    if shown.suspect and incident.is_running:
        parts.append(f"Suspect: {shown.suspect}")
    return ". ".join(parts)


def buttons(incident: Incident) -> list[b.Element]:
    """Return the buttons that fit where the incident stands."""
    score = b.button(f"Why {incident.severity}?", "score", incident.id) if incident.score_sheet else None
    if not incident.is_running:
        fitting: list[b.Element | None] = [b.button("Reopen", "reopen", incident.id)]
        if incident.severity in (Severity.P2, Severity.P3) and incident.ending is not Ending.FALSE_ALARM:
            fitting.append(b.button("Write postmortem", "postmortem", incident.id))
    elif incident.status is Status.OPEN:
        fitting = [_acknowledge(incident), _resolve(incident)]
    else:
        fitting = [_resolve(incident)]
    more = _more(incident) if incident.is_running else None
    return [button for button in [*fitting, score, more] if button]


def _more(incident: Incident) -> b.Element:
    """Return the menu of what else people do; each is a command too."""
    offered = {f"{value}:{incident.id}": words for value, words in MORE.items()}
    return b.menu(offered, "more")


def _acknowledge(incident: Incident) -> b.Element:
    return b.button("Acknowledge", "acknowledge", incident.id, "primary", said_as=f"Acknowledge {incident.label}")


def _resolve(incident: Incident) -> b.Element:
    return b.button("Resolve…", "resolve", incident.id, said_as=f"Resolve {incident.label}")


def _whole(shown: Card) -> list[list[b.Element]]:
    incident = shown.incident
    return [
        _state(incident),
        *_priority(shown),
        _people(incident),
        _times(shown),
        _alerts(shown),
        *b.more(len(shown.regrouped) - MOST_REGROUPED, "merges and splits before"),
        *[[b.words(text, limit=300)] for text in shown.regrouped[-MOST_REGROUPED:]],
        *_muted(shown),
        *[[b.words(text, limit=300)] for text in shown.silences],
        *_source(shown),
        *_suspect(shown),
        *([[b.label("Legal hold: "), b.space("nothing of it is erased")]] if incident.legal_hold else []),
        *[[b.label("Vendor "), b.words(text, limit=500)] for text in shown.vendors],
        *[[b.label("Deadline "), *b.timed(text, limit=300)] for text in shown.deadlines],
        *_tasks(shown),
        *([[b.label("Related: "), b.words(", ".join(incident.related), limit=300)]] if incident.related else []),
        *_links(incident),
    ]


def _priority(shown: Card) -> list[list[b.Element]]:
    return [[b.label("Priority "), b.words(shown.priority.text, limit=300)]] if shown.priority else []


def _source(shown: Card) -> list[list[b.Element]]:
    return [[b.label("Comes from: "), b.words(shown.source, limit=300)]] if shown.source else []


def _suspect(shown: Card) -> list[list[b.Element]]:
    return [[b.label("Suspect: "), b.words(shown.suspect, limit=300)]] if shown.suspect else []


def _state(incident: Incident) -> list[b.Element]:
    where = [
        part for part in (incident.service, incident.team and f"team {incident.team}", incident.environment) if part
    ]
    state = words.status(incident)
    return [
        b.label(f"{state[0].upper()}{state[1:]}"),
        b.space(" · "),
        b.label(incident.severity_in_words),
        b.space(" · "),
        b.words(" · ".join(where) or "service unknown", limit=250),
    ]


def _owner(incident: Incident) -> list[b.Element]:
    if incident.acknowledged_by:
        return [b.space("Owner: "), b.person(incident.acknowledged_by)]
    return [b.space("Owner: "), b.label("nobody yet")]


def _people(incident: Incident) -> list[b.Element]:
    commander = b.person(incident.commander) if incident.commander else b.space("nobody yet")
    others = [
        element
        for duty, who in incident.duties.items()
        for element in (b.space(f" · {roles.name(incident, duty)}: "), b.person(who))
    ]
    return [*_owner(incident), b.space(f" · {roles.name(incident, Duty.COMMANDER)}: "), commander, *others]


def _times(shown: Card) -> list[b.Element]:
    incident = shown.incident
    started = [b.space("Started "), b.date(incident.started_at)]
    if not incident.is_running:
        return [*started, b.space(f" · ended after {_duration(shown)}")]
    return [*started, b.space(f" · running for {_duration(shown)} at the last change")]


def _alerts(shown: Card) -> list[b.Element]:
    row = [b.label("Alerts: "), b.space(f"{shown.firing} firing, {shown.resolved} resolved")]
    if shown.joined:
        more = len(shown.joined) - 2
        row.append(b.space(" · joined: "))
        row.append(b.words("; ".join(shown.joined[:2]) + (f"; and {more} more" if more > 0 else ""), limit=400))
    return row


def _muted(shown: Card) -> list[list[b.Element]]:
    """Return how many alerts are kept out by which: 12 alerts muted by ClusterDown."""
    said = [f"{count} {'alert' if count == 1 else 'alerts'} muted by {name}" for name, count in shown.muted.items()]
    return [[b.words("; ".join(said), limit=300)]] if said else []


def _tasks(shown: Card) -> list[list[b.Element]]:
    if not (shown.tasks_open or shown.tasks_done):
        return []
    return [[b.label("Tasks: "), b.space(f"{shown.tasks_open} open, {shown.tasks_done} done")]]


def _links(incident: Incident) -> list[list[b.Element]]:
    row: list[b.Element] = []
    for name, url in list(incident.links.items())[:MOST_LINKS]:
        row += [b.space(" · ")] if row else [b.label("Links: ")]
        row.append(b.link(url, LINK_NAMES.get(name, name.capitalize())))
    left_out = len(incident.links) - MOST_LINKS
    row += [b.space(f" · and {left_out} more")] if left_out > 0 else []
    return [row] if row else []


def _duration(shown: Card) -> str:
    return in_words((shown.incident.ended_at or shown.now) - shown.incident.started_at)
