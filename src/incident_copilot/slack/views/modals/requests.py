"""Requests to an AI system: who is affected, and a sample for people to look at."""

from incident_copilot.domain.impact import Impact
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.observation import Interaction
from incident_copilot.pipeline import sampling
from incident_copilot.pipeline.sampling import Sampled
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.views.modals.parts import View, choice, modal

MOST_TEXT = 900
VERDICTS = {"bad": "It is bad", "fine": "It is fine"}
FIELD = "request"
"""Block ids of the form are this and the place of a request in the sample; their ids are kept with the view."""


def affected(incident: Incident, found: Impact | None) -> View:
    """Return who is affected; its button puts the list into the incident."""
    rows = [[b.words(line, limit=300)] for line in found.lines] if found else []
    nothing = "No request to its system since the onset is stored, so nobody can be counted."
    note = (
        "The list holds pseudonyms, no words of users. It is shared where this incident is read, and noted in the log."
    )
    listed = "Share the list" if found and found.bad else None
    return modal(
        "affected",
        "Who is affected",
        [b.lines(rows or [[b.space(nothing)]]), b.footer(note) if listed else None],
        submit=listed,
        kept=incident.id,
    )


def review(sampled: Sampled) -> View:
    """Return the form that shows some requests, redacted, and asks of each whether it was answered badly."""
    incident, requests = sampled.incident, sampled.requests
    blocks = [part for place, one in enumerate(requests) for part in _request(place, one)]
    looked = f"{sampled.looked} looked at so far. {sampling.words(sampled.all)}" if sampled.all else ""
    nothing = "Every request that is known was looked at." if sampled.looked else "No request is known since the onset."
    return modal(
        "review_requests",
        "Look at requests",
        [*(blocks or [b.lines([[b.space(nothing)]])]), b.footer(looked) if looked else None],
        submit="Note it" if requests else None,
        kept="|".join([incident.id, *(one.id for one in requests)])[:3_000],
    )


def _request(place: int, one: Interaction) -> list[b.Block | None]:
    labels = ", ".join(f"{key} {value}" for key, value in sorted(one.labels.items()))
    why = ", ".join(sorted({signal.name or signal.kind for signal in one.signals}))
    return [
        b.lines([[b.label(f"{place + 1}. "), b.date(one.at), b.space(" "), b.words(labels, limit=200)]]),
        b.code(f"Asked: {one.request}", MOST_TEXT),
        b.code(f"Answered: {one.response}", MOST_TEXT),
        b.lines([[b.label("Found wrong: "), b.words(why, limit=200)]]) if why else None,
        choice(f"{FIELD}{place}", "Is the answer bad?", VERDICTS, kind="radio_buttons", optional=True),
    ]
