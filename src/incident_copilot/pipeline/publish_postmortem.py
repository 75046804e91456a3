"""Put the postmortem where the house keeps them: a repository, a wiki, a folder; by a person's word, as it stands."""

import re
from collections.abc import Sequence

from incident_copilot.domain.document import Document, Form
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import canvas, keeping, ledger, postmortem_document, postmortem_markdown, run
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import postmortems
from incident_copilot.store.db import Tx
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
    async with run.asked(deps, incident_id, person, WHAT) as (tx, incident):
        targets = keeping.named(deps.postmortem_targets, named, "postmortem_targets", "postmortems")
        keeping.require_open_to_all(deps, incident)
        written = await postmortems.get(tx, incident.id)
        if written is None:
            raise DecisionRefused(f"{incident.label} has no postmortem yet: /incident postmortem writes it.")
        await ledger.keep_name(tx, deps, person)
        await canvas.write(tx, deps, incident, _for_canvas(written.markdown))
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
    await canvas.write(tx, deps, incident, _for_canvas(written.markdown))
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


def _for_canvas(markdown: str) -> str:
    """Return the Markdown without what a canvas shows as text: anchors, and links within the page."""
    return _WITHIN.sub(r"\1", _ANCHOR.sub("", markdown))
