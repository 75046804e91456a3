"""Forms of what people do with a running incident by its menu: bring others in, write a note."""

from collections.abc import Sequence

from incident_copilot.domain.incident import Incident
from incident_copilot.slack.views.modals.parts import View, choice, line, members, modal

MOST_TEAMS = 100


def bring_in(incident: Incident, teams: Sequence[str]) -> View:
    """Return the form that invites people and calls a team."""
    offered = {name: name for name in teams[:MOST_TEAMS]}
    return modal(
        "bring_in",
        f"People of {incident.label}",
        [
            members("who", "Invite", optional=True),
            choice("team", "Call who is on call for", offered, optional=True) if offered else None,
            line("why", "What for?", optional=True, most=300),
        ],
        submit="Bring in",
        kept=incident.id,
    )


def note(incident: Incident) -> View:
    """Return the form that puts a note on the timeline."""
    what = line("text", "What happened?", many_lines=True)
    return modal("note", f"Note for {incident.label}", [what], submit="Add", kept=incident.id)
