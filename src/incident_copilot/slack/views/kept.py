"""Where a document or action items are kept outside of the chat: one line a place, with a button to put it right."""

from typing import Literal

from incident_copilot.domain.content import Kept, KeptAt
from incident_copilot.slack.views import blocks as b

MOST_PLACES = 10


def kept(shown: Kept) -> b.Rendered:
    """Return the message: where it is, where it is on its way to, and where it is not and why."""
    style: Literal["primary"] | None = "primary" if any(place.problem for place in shown.places) else None
    buttons = [shown.again] if shown.again else []
    there = sum(place.is_there for place in shown.places)
    return b.message(
        f"{shown.what}: {there} of {len(shown.places)} there",
        [
            b.lines([[b.label(shown.what)]]),
            b.bullets([*map(_place, shown.places[:MOST_PLACES]), *b.more(len(shown.places) - MOST_PLACES)]),
            b.actions([b.button(again.label, again.press, again.value, style) for again in buttons]),
        ],
    )


def _place(place: KeptAt) -> list[b.Element]:
    name = b.words(place.name, limit=150)
    if place.problem:
        return [name, b.space(": "), b.label("not there. "), b.words(place.problem, limit=300)]
    if not place.is_there:
        return [name, b.space(": on its way")]
    return [name, b.space(": "), b.link(place.link, "open it") if place.link else b.words("there")]
