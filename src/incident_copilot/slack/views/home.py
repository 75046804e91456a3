"""App Home: running incidents, and what waits for somebody's decision."""

from collections.abc import Mapping, Sequence

from incident_copilot.analysis.words import duration
from incident_copilot.domain.heartbeat import Heartbeat
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.priority import Priority
from incident_copilot.domain.proposal import Proposal
from incident_copilot.domain.source_health import SourceHealth
from incident_copilot.pipeline.my_work import Work
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.views import words
from incident_copilot.slack.views.modals.parts import View
from incident_copilot.slack.views.waiting import row
from incident_copilot.slack.views.work import MOST, mine, others

MOST_BLOCKS = 100
MOST_INCIDENTS = 20
MOST_WAITING = 12
"""In all: each is a block of its own with its button."""
MOST_SOURCES = 30
MOST_HEARTBEATS = 5
NO_WORK = Work()


def home(
    running: Sequence[tuple[Incident, Sequence[Proposal]]],
    sources: Sequence[SourceHealth] = (),
    priorities: Mapping[str, Priority] = {},
    work: Work = NO_WORK,
    page_url: str | None = None,
    measured: str = "",
) -> View:
    """Return the home tab: one's own work, each running incident with its open proposals, how the alert sources do."""
    declare = b.actions(
        [
            b.button("Declare an incident", "declare", "home", "primary"),
            b.button("Settings", "settings", "home"),
            b.button("Automation", "automation", "home"),
        ]
    )
    room = MOST_WAITING
    shown: list[b.Block] = []
    own = {put.id for _, put in work.decisions[:MOST]}
    for incident, all_waiting in running[:MOST_INCIDENTS]:
        waiting = [put for put in all_waiting if put.id not in own]
        shown += _incident(incident, waiting, priorities.get(incident.id), room)
        room = max(0, room - len(waiting))
    more = len(running) - MOST_INCIDENTS
    blocks = [
        *mine(work),
        b.header("Running incidents" if running else "Nothing is on fire"),
        b.lines([[b.space("No incident is running.")]]) if not running else None,
        *shown,
        b.footer(f"and {more} more: /incident list") if more > 0 else None,
        declare,
        *others(work, page_url),
        b.footer(measured) if measured else None,
        *_sources(sources),
    ]
    return {"type": "home", "blocks": b.fit([block for block in blocks if block], MOST_BLOCKS)}


def closed() -> View:
    """Return the home tab of somebody who may see no incident."""
    told = "Incidents are shown to members of this workspace. Ask an admin if you should see them."
    return {"type": "home", "blocks": [b.header("Incidents"), b.footer(told)]}


def _sources(sources: Sequence[SourceHealth]) -> list[b.Block | None]:
    """Return a line for each source; one that is silent, late or not understood is what people look for here."""
    if not sources:
        return []
    more = len(sources) - MOST_SOURCES
    return [
        b.header("Alert sources"),
        b.lines([_source(one) for one in sources[:MOST_SOURCES]]),
        b.footer(f"and {more} more") if more > 0 else None,
    ]


def _source(one: SourceHealth) -> list[b.Element]:
    heard = [b.space("last delivery "), b.date(one.last_at)] if one.last_at else [b.space("nothing delivered yet")]
    lag = [b.space(f" · alerts come {duration(one.lag_s)} after they start")] if one.lag_s is not None else []
    dead = [b.space(f" · {one.not_understood} not understood: /incident dead")] if one.not_understood else []
    beats = [part for beat in one.heartbeats[:MOST_HEARTBEATS] for part in _heartbeat(beat)]
    more = len(one.heartbeats) - MOST_HEARTBEATS
    beats += [b.space(f" · and {more} more watchdogs")] if more > 0 else []
    return [b.words(one.source, "bold", limit=100), b.space("  "), *heard, *lag, *dead, *beats]


def _heartbeat(beat: Heartbeat) -> list[b.Element]:
    usual = f", every {duration(beat.usual_s)}" if beat.usual_s else ""
    said = "silent: last heard " if beat.silent_since else "heard "
    return [b.space(" · "), b.words(beat.named, limit=100), b.space(f" {said}"), b.date(beat.last_at), b.space(usual)]


def _incident(incident: Incident, waiting: Sequence[Proposal], priority: Priority | None, room: int) -> list[b.Block]:
    owner = b.person(incident.acknowledged_by) if incident.acknowledged_by else b.label("nobody yet")
    where = [b.space(" in "), b.channel(incident.channel_id)] if incident.channel_id else []
    rows: list[list[b.Element]] = [
        [b.words(words.title(incident), "bold", limit=300), *where],
        [
            b.space(f"{incident.severity_in_words} · {words.status(incident)} · since "),
            b.date(incident.started_at),
            b.space(" · owner: "),
            owner,
        ],
        *([[b.space("Priority "), b.words(priority.text, limit=300)]] if priority else []),
    ]
    listed = [b.lines(rows), *(row(incident, put) for put in waiting[:room])]
    more = b.lines(b.more(len(waiting) - room, "wait for a decision: /incident proposals"))
    return [block for block in (*listed, more, {"type": "divider"}) if block]
