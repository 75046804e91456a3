"""The weekly digest for one person."""

from incident_copilot.pipeline.weekly import Weekly
from incident_copilot.slack.views import blocks as b


def weekly(shown: Weekly) -> b.Rendered:
    """Return the digest."""
    rows = b.bullets([[b.words(line, limit=500)] for line in shown.lines])
    method = "Patterns are of the last 90 days. Tests, private and merged incidents and false alarms do not count."
    return b.message(shown.heading, [b.header(shown.heading), rows, b.footer(method)])
