"""Past drills with their scorecards, for one person."""

from collections.abc import Sequence

from incident_copilot.pipeline import scoring
from incident_copilot.pipeline.drill_history import Past
from incident_copilot.slack import text as inert
from incident_copilot.slack.views import blocks as b


def history(past: Sequence[Past]) -> b.Rendered:
    """Return the drills, newest first; the text tells how each went and against which."""
    if not past:
        return b.message("No drill is over yet.", [])
    text = " ".join(f"{one.heading}. {one.trend}" for one in past)
    return b.Rendered(
        inert.to_one_person(text),
        b.fit([b.header("Past drills"), *(block for one in past for block in _drill(one) if block)], b.MOST_BLOCKS),
    )


def _drill(one: Past) -> list[b.Block | None]:
    marks = [[b.words(scoring.line(mark), limit=300)] for mark in one.drill.marks]
    return [b.ours(f"*{inert.to_one_person(one.heading, 500)}*"), b.bullets(marks), b.footer(one.trend)]
