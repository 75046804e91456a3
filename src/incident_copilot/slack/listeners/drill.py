"""/incident drill: begin a drill, end it, or see what can be drilled and how past ones went."""

from typing import Any

from incident_copilot.domain.person import Person
from incident_copilot.pipeline import drill as drills
from incident_copilot.pipeline import drill_history
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.slack.listeners.asked import Asked, attempted
from incident_copilot.slack.text import to_one_person
from incident_copilot.slack.views import drills as views

USAGE = (
    "`/incident drill NAME` begins one, `drill 7` what the seed 7 makes, `drill new` anything; `drill stop` ends it. "
    "`drill history` shows past ones."
)
NEW, STOP, PAST = ("new", "random", "any"), ("stop", "end"), ("history", "past")
MOST_PAST = 5


async def drill(asked: Asked) -> dict[str, Any]:
    """Do what was typed after `drill`.

    Raises:
        DecisionRefused: there are no drills here.
    """
    word = next((word.lower().replace("-", "_") for word in asked.wish.words), None)
    if word is None and asked.wish.number is None:
        lines = await drills.shown(asked.deps)
        return {"text": "\n".join([*(to_one_person(line, 300) for line in lines), USAGE])}
    if word in PAST:
        shown = views.history(await drill_history.history(asked.deps, MOST_PAST))
        return {"text": shown.text, "blocks": shown.blocks}

    async def act(person: Person) -> Outcome:
        if word in STOP:
            return await drills.stop(asked.deps, person)
        wanted = None if word in NEW else word if word and word != "seed" else asked.wish.number
        return await drills.start(asked.deps, person, wanted)

    return await attempted(asked, act)
