"""How rules, runbooks and specialists have done, for one person; those that come last first."""

from collections.abc import Sequence

from incident_copilot.pipeline.forget import NOTHING, Learned
from incident_copilot.slack.views import blocks as b

MOST = 20


def learned(known: Sequence[Learned]) -> b.Rendered:
    """Return a line for each, with the name that resets it."""
    heading = f"How suggestions turned out, by {len(known)} who made them" if known else NOTHING
    return b.message(
        heading,
        [
            b.header(heading),
            *(b.lines(_rows(one)) for one in known[:MOST]),
            b.footer(f"and {len(known) - MOST} more") if len(known) > MOST else None,
            b.footer("Newer suggestions count more. /incident learned reset NAME forgets one, and is logged.")
            if known
            else None,
        ],
    )


def _rows(one: Learned) -> list[list[b.Element]]:
    last = " · comes last" if one.is_demoted else ""
    return [
        [b.words(one.said, "bold", limit=200), b.space(f" · {one.record}{last}")],
        [b.words(one.effect, limit=300), b.space(" · "), b.words(one.name, limit=200)],
    ]
