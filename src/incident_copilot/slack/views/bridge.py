"""Where an incident's call is, for one person."""

from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline.opening import BRIDGE
from incident_copilot.slack.views import blocks as b

USAGE = "/incident bridge https://… names the call, /incident bridge huddle the huddle of this channel."


def bridge(incident: Incident) -> b.Rendered:
    """Return the link of the call, or that there is none, and how to name one."""
    link = incident.links.get(BRIDGE)
    said = f"The bridge of {incident.label}" if link else f"{incident.label} has no bridge yet"
    row = [b.space(f"{said}: "), b.link(link, "Join")] if link else [b.space(f"{said}.")]
    return b.message(f"{said}.", [b.lines([row]), b.footer(USAGE)])
