"""What is e-mailed while the chat is away: a page, the brief, the operators' alarm; plain text and nothing else."""

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.content import BriefView, Notice
from incident_copilot.domain.hypothesis import Statement
from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline.reviewing import inert
from incident_copilot.store.outages import Outage

MOST_LINES = 20


class Letter(Frozen):
    """Subject and text of an e-mail."""

    subject: str
    text: str


def page(incident: Incident, shown: Notice, link: str | None) -> Letter:
    """Return what calls a person to an incident."""
    subject = f"[{incident.label}] {incident.severity_in_words}: {incident.title}"
    return _letter(subject, [shown.text, "", f"{incident.title}", *_where(incident)], link)


def brief(shown: BriefView, link: str | None) -> Letter:
    """Return the brief."""
    incident, known = shown.incident, shown.brief
    more = len(known.lines) - MOST_LINES
    lines = [known.headline, "", *(f"- {_said(line)}" for line in known.lines[:MOST_LINES])]
    lines += [f"- and {more} more in the brief"] if more > 0 else []
    if known.cause:
        lines.append(known.cause)
    if known.first_step:
        lines.append(f"First step: {known.first_step.text}")
    lines += [f"Could not look: {gap.source}: {gap.reason}" for gap in known.gaps]
    return _letter(f"[{incident.label}] brief: {known.headline}", [*lines, *_where(incident)], link)


def news(incident: Incident, link: str | None) -> Letter:
    """Return what somebody is told who subscribed: that it began, or how it ended."""
    happened = "began" if incident.ending is None else f"ended, {incident.ending.value.replace('_', ' ')}"
    subject = f"[{incident.label}] {incident.severity} {incident.severity.word} {happened}: {incident.title}"
    owner = f"Service {incident.service or 'unknown'}, team {incident.team or 'unknown'}."
    why = "You get this because you typed /incident subscribe; /incident subscribe off ends it."
    return _letter(subject, [f"{incident.title}", f"It {happened}.", owner, "", why], link)


def alarm(outage: Outage, waiting: int) -> Letter:
    """Return what operators are told when the chat takes nothing."""
    since = f"{outage.since:%Y-%m-%d %H:%M} UTC"
    if outage.code:
        subject = f"Slack refuses the incident copilot: {outage.code}"
        todo = "Install the app again, and set COPILOT_SLACK_BOT_TOKEN to its token. It is tried once a minute."
    else:
        subject = "Slack does not answer the incident copilot"
        todo = "Pages and briefs go out by e-mail meanwhile. It is tried again every few seconds."
    kept = f"{waiting} messages wait and are kept. Webhooks are taken and stored."
    return _letter(subject, [f"Since {since}: {outage.error}", kept, todo])


def _said(statement: Statement) -> str:
    return statement.text if statement.evidence_ids else f"{statement.text} (not verified)"


def _where(incident: Incident) -> list[str]:
    owner = f"Service {incident.service or 'unknown'}, team {incident.team or 'unknown'}, status {incident.status}."
    return ["", owner, "Slack does not answer just now, so this comes by e-mail."]


def _letter(subject: str, lines: list[str], link: str | None = None) -> Letter:
    """The only link is our own: mail programs make one of every address that stands in a text."""
    told = [*(_printable(line)[:1_000] for line in lines), *([link] if link else [])]
    return Letter(subject=_printable(subject)[:150], text="\n".join(told) + "\n")


def _printable(text: str) -> str:
    """Alerts come from outside: a line end or control character of theirs could forge a header or a line."""
    return "".join(letter if letter.isprintable() else " " for letter in inert.dead(text[:2_000])).strip()
