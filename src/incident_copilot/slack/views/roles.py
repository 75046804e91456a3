"""Who has which role in an incident, each with a button that takes it or gives it back; and the form that assigns."""

from incident_copilot.domain.incident import Duty, Incident
from incident_copilot.slack import text as inert
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.views.modals.parts import View, choice, member, modal


def roles(incident: Incident, note: str = "") -> b.Rendered:
    """Return the list, for one person; `note` says what came of the last click."""
    held = [f"{name(incident, duty)}: {_who(incident, duty)}" for duty in incident.all_duties]
    text = f"{f'{note} ' if note else ''}Roles of {incident.label}. {'; '.join(held)}."
    return b.Rendered(inert.to_one_person(text), [b.header(f"Roles of {incident.label}"), *_rows(incident, note)])


def form(incident: Incident, duty: Duty = Duty.COMMANDER, note: str = "") -> View:
    """Return the form that gives somebody a role, below who has which."""
    offered = {one.value: name(incident, one) for one in incident.all_duties}
    initial = duty.value if duty in incident.all_duties else next(iter(offered))
    return modal(
        "assign",
        f"Roles of {incident.label}",
        [*_rows(incident, note), choice("duty", "Role", offered, initial=initial), member("who", "Who?")],
        submit="Assign",
        kept=incident.id,
    )


def name(incident: Incident, duty: Duty) -> str:
    """Return what a role is called, as it begins a line."""
    called = incident.called(duty)
    return called[0].upper() + called[1:]


def _rows(incident: Incident, note: str) -> list[b.Block]:
    said = [b.ours(inert.to_one_person(note))] if note else []
    return [*said, *(_row(incident, duty) for duty in incident.all_duties)]


def _row(incident: Incident, duty: Duty) -> b.Block:
    called, who = name(incident, duty), incident.holder(duty)
    told = b.ours(inert.to_one_person(f"{called}: {_who(incident, duty)}", 200))
    if not incident.is_running:
        return told
    value = f"{incident.id}/{duty.value}/{who or ''}"
    if who:
        button = b.button("Make free", "role_back", value, said_as=f"Make the role {called} free")
    else:
        button = b.button("Take", "role_take", value, said_as=f"Take the role {called}")
    return {**told, "accessory": button}


def _who(incident: Incident, duty: Duty) -> str:
    who = incident.holder(duty)
    return f"<@{who}>" if who else "nobody yet"
