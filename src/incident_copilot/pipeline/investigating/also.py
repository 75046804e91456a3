"""What sources found beside metrics, logs and changes: new errors, failing requests, and the people to ask."""

from collections.abc import Sequence
from datetime import UTC, datetime

from incident_copilot.analysis.statements import shortened
from incident_copilot.domain.evidence import ContextBundle, Evidence, EvidenceKind
from incident_copilot.domain.hypothesis import Statement
from incident_copilot.pipeline.investigating.findings import of_kind

_NEWS = ("regressed", "new")
_FAR_MORE = 3  # times as many as in the healthy time, which lasts longer than what is compared with it
_PEOPLE = 3
_MORE_OF_IT = 0.1  # how much of all its time a function takes more than before, to be worth a line


def also_found(bundle: ContextBundle, service: str | None) -> list[Statement]:
    """Return at most one line of each: the new error, requests that fail, what takes more time, who is on call."""
    return [*_error(bundle), *_trace(bundle), *_profile(bundle), *_people(bundle, service), *_notes(bundle)]


def _error(bundle: ContextBundle) -> list[Statement]:
    fresh = [item for item in of_kind(bundle, EvidenceKind.ERROR) if item.data.get("state") in _NEWS]
    if not fresh:
        return []
    most = max(fresh, key=lambda item: int(item.data.get("count") or 0))
    more = f", and {len(fresh) - 1} more" if len(fresh) > 1 else ""
    state, where = str(most.data["state"]).capitalize(), most.data.get("service") or "an unnamed service"
    said = shortened(most.title)
    return [
        Statement(
            text=f'{state} error in {where}: "{said}", {most.data.get("count")} times{more}.', evidence_ids=(most.id,)
        )
    ]


def _trace(bundle: ContextBundle) -> list[Statement]:
    rows = [
        (row, item)
        for item in of_kind(bundle, EvidenceKind.TRACE)
        for row in item.data.get("spans") or []
        if row["failing"] + row["slow"] > _FAR_MORE * row["before"]
    ]
    if not rows:
        return []
    row, item = max(rows, key=lambda pair: (pair[0]["failing"], pair[0]["slow"]))
    what = f"{row['failing']} failed" if row["failing"] else f"{row['slow']} were slow"
    before = f"{row['before']} before" if row["before"] else "none before"
    text = f"In traces, of {row['service']} {row['operation']} {what}, {before}."
    return [Statement(text=text, evidence_ids=(item.id,))]


def _profile(bundle: ContextBundle) -> list[Statement]:
    rows = [(row, item) for item in of_kind(bundle, EvidenceKind.PROFILE) for row in item.data.get("functions") or []]
    if not rows:
        return []
    row, item = max(rows, key=lambda pair: pair[0]["during"] - pair[0]["before"])
    if row["during"] - row["before"] < _MORE_OF_IT:
        return []
    spent = f"{row['during']:.0%} in {shortened(row['function'])}, {row['before']:.0%} before"
    text = f"In profiles, {item.data['service']} spends {spent}."
    return [Statement(text=text, evidence_ids=(item.id,))]


def _people(bundle: ContextBundle, service: str | None) -> list[Statement]:
    on_call = of_kind(bundle, EvidenceKind.PERSON)
    names = dict.fromkeys(str(item.data["name"]) for item in on_call)
    said = [f"On call: {', '.join(list(names)[:_PEOPLE])}."] if names else []
    cited = [item.id for item in on_call[:1]]
    if last := _last_change(of_kind(bundle, EvidenceKind.CHANGE), service):
        at = datetime.fromtimestamp(float(last.data["at"]), UTC)
        said.append(f"Changed last by {last.data['author']}: {last.title}, {at:%H:%M} UTC.")
        cited.append(last.id)
    return [Statement(text=" ".join(said), evidence_ids=tuple(cited))] if said else []


def _last_change(changes: Sequence[Evidence], service: str | None) -> Evidence | None:
    """Return the newest change of the incident's service whose author is known."""
    told = [one for one in changes if one.data.get("author") not in (None, "", "unknown")]
    own = [one for one in told if one.data["service"] == service]
    return max(own, key=lambda one: float(one.data["at"]), default=None)


def _notes(bundle: ContextBundle) -> list[Statement]:
    """What tools answered is data of others, so that it is only pointed to."""
    notes = of_kind(bundle, EvidenceKind.NOTE)
    names = ", ".join(shortened(item.title) for item in notes[:_PEOPLE])
    return [Statement(text=f"Also looked up: {names}.", evidence_ids=tuple(item.id for item in notes))] if notes else []
