"""Addresses that show people what was asked, made from a template of the operator."""

from urllib.parse import quote

from incident_copilot.ports import Question


def page_of(template: str | None, query: str, question: Question) -> str | None:
    """Return the address with `{query}`, `{since_ms}` and `{until_ms}` replaced; None without a template."""
    if template is None:
        return None
    since_ms, until_ms = (round(at.timestamp() * 1000) for at in (question.since, question.until))
    shown = template.replace("{since_ms}", str(since_ms)).replace("{until_ms}", str(until_ms))
    return shown.replace("{query}", quote(query, safe=""))
