"""What an incident would change in a runbook, for one person to read before others do."""

from incident_copilot.pipeline.learn_runbook import Change
from incident_copilot.slack.views import blocks as b

MOST_LINES = 60


def change(incident_id: str, shown: Change) -> b.Rendered:
    """Return the difference and the button that puts it before others as a pull request."""
    lines = shown.diff.splitlines()
    left_out = len(lines) - MOST_LINES
    told = f"Drafted from the record of {shown.label}. Nothing changes unless a pull request is merged."
    return b.message(
        shown.title,
        [
            b.lines([[b.label(shown.title)], [b.space(told)]]),
            b.code("\n".join(lines[:MOST_LINES]), 2_500, MOST_LINES),
            b.footer(f"and {left_out} more lines in the pull request") if left_out > 0 else None,
            b.actions([b.button("Open a pull request", "put_change", f"{incident_id}:{shown.hash}", "primary")]),
        ],
    )
