"""An answer as it grows: what is being done, then what is known with what it rests on, then two buttons to judge it."""

import re
from collections.abc import Sequence

from incident_copilot.pipeline.answer import Answer, Step
from incident_copilot.pipeline.facts import Cite, Fact
from incident_copilot.slack import text as inert
from incident_copilot.slack.links import permalink
from incident_copilot.slack.views import blocks as b

MOST_FACTS, MOST_STORED = 30, 10
HELPFUL, NOT_HELPFUL = "helpful", "not_helpful"
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+|~!&])")


def plan() -> b.Block:
    """Return the chunk that names the list of steps."""
    return {"type": "plan_update", "title": "How this is answered"}


def step(one: Step) -> b.Block:
    """Return a step as the chunk that makes or changes its task."""
    return {"type": "task_update", "id": one.id, "title": b.plain(one.title, 250)["text"], "status": one.status}


def heading(shown: Answer) -> b.Block:
    """Return what the answer is about; it is what notifications and screen readers say."""
    return {"type": "markdown_text", "text": f"**{_plain(shown.heading)}**\n"}


def blocks(shown: Answer, url: str) -> list[b.Block]:
    """Return facts with links to what they rest on, below sentences of a model what is stored, and notes."""
    listed = _listed(shown.facts, MOST_FACTS, url)
    stored = _listed(shown.stored, MOST_STORED, url)
    notes = [b.footer(inert.defang(note)) for note in shown.notes]
    below = [b.footer("As it is stored, without the model:"), *stored] if stored else []
    return b.fit([*listed, *below, *notes], b.MOST_BLOCKS - 2)


def judged(shown: Answer) -> list[b.Block]:
    """Return the buttons that ask whether the answer helped; none where there was no answer."""
    if shown.id is None:
        return []
    element = {
        "type": "feedback_buttons",
        "action_id": "feedback",
        "positive_button": _choice("Helpful", HELPFUL, shown.id),
        "negative_button": _choice("Not helpful", NOT_HELPFUL, shown.id),
    }
    return [{"type": "context_actions", "elements": [element]}]


def _choice(words: str, value: str, answer_id: str) -> b.Element:
    return {"text": b.plain(words, 75), "value": f"{value}:{answer_id}", "accessibility_label": words}


def _listed(facts: Sequence[Fact], most: int, url: str) -> list[b.Block]:
    listed = b.bullets([_fact(one, url) for one in facts[:most]])
    more = [b.footer(f"and {len(facts) - most} more")] if len(facts) > most else []
    return [*([listed] if listed else []), *more]


def _fact(one: Fact, url: str) -> list[b.Element]:
    links = dict.fromkeys(found for cite in one.cites if (found := _link(cite, url)))
    row = [b.words(one.text, limit=500)]
    for number, (link, is_elsewhere) in enumerate(links, 1):
        row += [b.space(" "), b.link(link, f"[{number}]", show_host=is_elsewhere)]
    return row


def _link(cite: Cite, url: str) -> tuple[str, bool] | None:
    """Return an address, and whether it leads out of the chat, to a host that an alert may have chosen."""
    if elsewhere := inert.link(cite.link):
        return elsewhere, True
    return (within, False) if (within := permalink(url, cite.ref)) else None


def _plain(text: str) -> str:
    """Return text in which markdown finds no markup: links are dead, mentions too."""
    return _MARKUP.sub(r"\\\1", inert.bare(text, 280))
