"""The noise lane for one person: what opened no incident, each with Promote, and rules to paste."""

from incident_copilot.domain.noise import NoiseCount
from incident_copilot.pipeline.noise import ADVISED, PROPOSED, Lane, said
from incident_copilot.slack import text as inert
from incident_copilot.slack.views import blocks as b

MOST_ENTRIES = 20
LONGEST_RULES = 2_400


def lane(shown: Lane) -> b.Rendered:
    """Return what was noise, most frequent first."""
    more = len(shown.counted) - MOST_ENTRIES
    total = sum(one.times for one in shown.counted)
    heading = f"{total} alerts opened no incident" if shown.counted else "Nothing was noise"
    return b.message(
        heading,
        [
            b.header(heading),
            *(_entry(one) for one in shown.counted[:MOST_ENTRIES]),
            b.footer(f"and {more} more: incident-copilot noise") if more > 0 else None,
            *([b.lines([[b.space(PROPOSED)]]), b.code(shown.rules, LONGEST_RULES)] if shown.rules else []),
            *(
                [b.lines([[b.label(ADVISED)]]), b.bullets([[b.words(one, limit=400)] for one in shown.advice])]
                if shown.advice
                else []
            ),
        ],
    )


def _entry(one: NoiseCount) -> b.Block:
    what = f"{said(one)}, last {inert.utc(one.last_at)}. {one.why}"
    return {
        "type": "section",
        "text": b.plain(what, 500),
        "accessory": b.button("Promote", "promote", one.fingerprint, said_as=f"Promote {one.name} to an incident"),
    }
