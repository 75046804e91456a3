"""Log lines as a model may see them: templates with typed variables and counts, never what strangers wrote into them.

Requests that cause errors can put any text into a log, such as a remedy that is none ("AIOpsDoom", Pasquini et al.,
2025). Paths, addresses, quoted strings and numbers are variables here; what reads like an order is left out.
"""

import re
from collections.abc import Sequence

from incident_copilot.analysis.miner import mine
from incident_copilot.llm.unwanted import reads_like_an_order

MOST_TEMPLATES, MOST_WORDS = 20, 24
# What people outside choose: whatever follows a method, an agent or a referrer.
_CHOSEN = re.compile(
    r"(?P<method>\b(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)) \S+"
    r"|(?P<field>\b(?:user[-_]?agent|referr?er|query|path|uri|url|host|body|payload|comment|name|subject|title))"
    r"(?P<is>[=:] ?)(?:\"[^\"]*\"|'[^']*'|\S+)",
    re.IGNORECASE,
)


def as_templates(lines: Sequence[str]) -> str:
    """Return the most frequent templates, one a line, with how often each came; "" where there are no lines."""
    miner = mine([_CHOSEN.sub(_typed, line) for line in lines])
    templates = sorted(miner.templates(), key=lambda template: (-template.count, template.text))
    kept = [template for template in templates if not reads_like_an_order(template.text)]
    told = [f"{template.count} x {_short(template.text)}" for template in kept[:MOST_TEMPLATES]]
    if len(kept) > MOST_TEMPLATES:
        told.append(f"and {len(kept) - MOST_TEMPLATES} other templates")
    if len(kept) < len(templates):
        told.append(f"{len(templates) - len(kept)} left out: they read like orders to somebody")
    return "\n".join(told)


def as_template(line: str) -> str:
    """Return one line as its template; a word about it where it reads like an order."""
    return as_templates([line]).removeprefix("1 x ")


def _typed(match: re.Match[str]) -> str:
    return f"{match['method']} <PATH>" if match["method"] else f"{match['field']}{match['is']}<STR>"


def _short(text: str) -> str:
    words = text.split()
    return " ".join(words[:MOST_WORDS]) + (" ..." if len(words) > MOST_WORDS else "")
