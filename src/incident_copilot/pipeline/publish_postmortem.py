"""Put the postmortem where the house keeps them: a repository, a wiki, a folder; by a person's word, as it stands."""

import re
from collections.abc import Sequence

from incident_copilot.domain.document import Document, Form
from incident_copilot.domain.effect import Canvas
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import keeping, ledger, people, postmortem_document, postmortem_markdown, show
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import effects, incidents, postmortems
from incident_copilot.store.db import CLICKS, Tx
from incident_copilot.store.postmortems import StoredPostmortem

WHAT = "publish postmortems"
_ANCHOR = re.compile(r'<a id="source-[0-9]+"></a>')
_WITHIN = re.compile(r"\[(\[[0-9]+\])\]\(#source-[0-9]+\)")
SUMMARY_LINES, LONGEST_TITLE = 5, 200


async def publish(deps: Deps, incident_id: str, person: Person, named: str | None = None) -> Outcome:
    """Have the postmortem put at every target, or at the named one; again brings them up to date.

    Raises:
        DecisionRefused: not allowed, nothing written yet, or no such target; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"asked": WHAT}
    async with ledger.refusals(deps, person, incident_id, asked), deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, incident_id)
        people.require(person, Role.RESPONDER, WHAT)
        targets = _targets(deps, named)
        keeping.require_open_to_all(deps, incident)
        written = await postmortems.get(tx, incident.id)
        if written is None:
            raise DecisionRefused(f"{incident.label} has no postmortem yet: /incident postmortem writes it.")
        await ledger.keep_name(tx, deps, person)
        await _write_canvas(tx, deps, incident, written)
        await _put(tx, deps, incident, written, targets, person.id)
    names = ", ".join(keeping.name_of(deps, target) for target in targets)
    return Outcome(text=f"The postmortem of {incident.label} goes to: {names}.", incident=incident)


async def everywhere(tx: Tx, deps: Deps, incident: Incident, asked_by: str) -> None:
    """Have the postmortem of a locked incident put at every target, where it may leave the house and is written.

    The channel's canvas is within the house.
    """
    written = await postmortems.get(tx, incident.id)
    if written is None or deps.policy.shadow:
        return
    await _write_canvas(tx, deps, incident, written)
    if not (incident.private or incident.test):
        await _put(tx, deps, incident, written, tuple(deps.postmortem_targets), asked_by)


def document(incident: Incident, written: StoredPostmortem, form: Form) -> Document:
    """Return the postmortem as a document in the form that a target takes."""
    summary = [postmortem_markdown.safe(line.text) for line in written.postmortem.section("summary").lines]
    text = written.markdown if form is Form.MARKDOWN else postmortem_document.render(written)
    return Document(
        key=f"postmortem-{incident.label.lower()}",
        name=incident.label,
        title=f"Postmortem of {incident.label}: {incident.title}"[:LONGEST_TITLE],
        summary="\n".join(f"- {line}" for line in summary[:SUMMARY_LINES]),
        text=text,
    )


async def _put(
    tx: Tx, deps: Deps, incident: Incident, written: StoredPostmortem, targets: Sequence[str], asked_by: str
) -> None:
    for target in targets:
        told = document(incident, written, deps.postmortem_targets[target].form)
        what = f"Postmortem of {incident.label}"
        await keeping.put(tx, deps, incident, target, told, what=what, asked_by=asked_by)


async def _write_canvas(tx: Tx, deps: Deps, incident: Incident, written: StoredPostmortem) -> None:
    """Have the postmortem in the canvas of the incident's own channel; a thread has none."""
    if not show.has_channel(incident):
        return
    before = [one.result for one in await effects.by_incident(tx, incident.id) if isinstance(one.deed, Canvas)]
    known = next((one["canvas"] for one in reversed(before) if one.get("canvas")), None)
    deed = Canvas(markdown=_for_canvas(written.markdown), known=known)
    await show.send(tx, deps, incident, deed, stream=f"canvas:{incident.id}", priority=show.LATER)


def _for_canvas(markdown: str) -> str:
    """Return the Markdown without what a canvas shows as text: anchors, and links within the page."""
    return _WITHIN.sub(r"\1", _ANCHOR.sub("", markdown))


def _targets(deps: Deps, named: str | None) -> tuple[str, ...]:
    known = tuple(deps.postmortem_targets)
    if not known:
        raise DecisionRefused("Nothing keeps postmortems: name a place under postmortem_targets in copilot.yaml.")
    if named is None:
        return known
    if named not in known:
        raise DecisionRefused(
            f"There is no {named} under postmortem_targets in copilot.yaml; it has: {', '.join(known)}."
        )
    return (named,)
