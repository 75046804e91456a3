"""The brief: at most twelve lines, every statement with the number of the evidence it rests on."""

from collections import Counter
from collections.abc import Sequence

from incident_copilot.domain.content import BriefView
from incident_copilot.domain.evidence import Evidence
from incident_copilot.domain.hypothesis import Brief, Statement, Verdict
from incident_copilot.slack import text as inert
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.views import words

MOST_LINES = 12
MOST_EVIDENCE = 8
MOST_REASONS = 2


def brief(shown: BriefView) -> b.Rendered:
    """Return the brief: headline, what is known, the suspect, the first step, what could not be looked at."""
    numbers = numbered(shown)
    tail = [
        *_news(shown.brief),
        *_suspect(shown.brief, numbers),
        *_first_step(shown.brief, numbers),
        *_gaps(shown.brief),
    ]
    room = MOST_LINES - 1 - len(tail) - bool(shown.brief.note) - bool(shown.brief.worded)
    rows = [
        [b.words(shown.brief.headline, "bold", limit=300)],
        *_known(shown.brief, numbers, room),
        *tail,
        *([[b.words(shown.brief.note, "italic", limit=200)]] if shown.brief.note else []),
    ]
    return b.message(
        f"{shown.incident.label}: {shown.brief.notification}",
        [
            b.lines(rows),
            b.lines(_phases(shown.brief)),
            *_wording(shown.brief, numbers),
            b.actions([*_evidence_buttons(shown, numbers), *_folded(shown.brief)], block_id="brief"),
            b.actions(_requests(shown.brief)),
            b.lines(b.more(len(numbers) - MOST_EVIDENCE, f"pieces of evidence under {_folded_name(shown.brief)}")),
            b.stamp("As of", shown.brief.as_of),
        ],
    )


def numbered(shown: BriefView) -> dict[str, int]:
    """Return evidence id to number, in the order in which the brief's lines cite them."""
    cited = [ref for line in _statements(shown.brief) for ref in line.evidence_ids]
    held = {found.id for found in shown.evidence}
    order = [ref for ref in dict.fromkeys(cited) if ref in held]
    return {ref: number for number, ref in enumerate(order, start=1)}


def all_numbered(shown: BriefView) -> dict[str, int]:
    """Return the same numbers, going on with the evidence that only other causes cite."""
    first = list(numbered(shown))
    rest = [found.id for found in shown.evidence if found.id not in first]
    return {ref: number for number, ref in enumerate([*first, *rest], start=1)}


def cited(statement: Statement, numbers: dict[str, int], limit: int = 280) -> list[b.Element]:
    """Return a statement and its evidence numbers; one without evidence is marked as not verified."""
    marks = [str(numbers[ref]) for ref in statement.evidence_ids if ref in numbers]
    text = b.words(statement.text, limit=limit)
    if marks:
        return [text, b.space(" "), b.label("".join(f"[{mark}]" for mark in marks))]
    return [text] if statement.evidence_ids else [text, {**b.space(" (not verified)"), "style": {"italic": True}}]


def alternatives(brief: Brief) -> int:
    """Return how many causes besides the suspect were looked at."""
    return len(brief.hypotheses) - (1 if brief.suspect else 0)


def _statements(brief: Brief) -> list[Statement]:
    suspect = brief.suspect
    return [
        *brief.lines,
        *(suspect.supporting[:MOST_REASONS] if suspect else ()),
        *((brief.first_step,) if brief.first_step else ()),
    ]


def _known(brief: Brief, numbers: dict[str, int], room: int) -> list[list[b.Element]]:
    room = max(room, 1)
    if len(brief.lines) <= room:
        return [cited(line, numbers) for line in brief.lines]
    left_out = len(brief.lines) - room + 1
    rows = [cited(line, numbers) for line in brief.lines[: room - 1]]
    return [*rows, *b.more(left_out, f"under {_folded_name(brief)}")]


def _suspect(brief: Brief, numbers: dict[str, int]) -> list[list[b.Element]]:
    suspect = brief.suspect
    if suspect is None:
        return [[b.label("Cause: "), b.space(_no_suspect(brief))]]
    name = "Likely cause" if suspect.verdict is Verdict.LIKELY else "Possible cause"
    sure = words.confidence(suspect).rpartition(", ")[2]
    rows = [[b.label(f"{name} ({sure}): "), b.words(suspect.cause, limit=280)]]
    rows += [[b.space("   because "), *cited(why, numbers)] for why in suspect.supporting[:MOST_REASONS]]
    left_out = len(suspect.supporting) - MOST_REASONS
    if left_out > 0:
        rows[-1].append(b.space(f" · and {left_out} more under {_folded_name(brief)}"))
    return rows


def _no_suspect(brief: Brief) -> str:
    return "not enough data to name one yet" if brief.lacks_data else "nothing stands out yet"


def _first_step(brief: Brief, numbers: dict[str, int]) -> list[list[b.Element]]:
    return [[b.label("First step: "), *cited(brief.first_step, numbers)]] if brief.first_step else []


def _phases(brief: Brief) -> list[list[b.Element]]:
    """A row for each phase; all of it is under the causes."""
    return [[b.label(f"{one.phase.capitalize()}: "), b.words(one.text, limit=240)] for one in brief.phases]


def _requests(brief: Brief) -> list[b.Element]:
    """What can be looked at of the requests to an AI system."""
    if not brief.phases:
        return []
    return [
        b.button("Who is affected", "affected", brief.incident_id),
        b.button("Look at requests", "review_requests", brief.incident_id),
    ]


def _news(brief: Brief) -> list[list[b.Element]]:
    return [[b.label("What changed: "), b.words(brief.news, limit=280)]] if brief.news else []


def _gaps(brief: Brief) -> list[list[b.Element]]:
    """What could not be looked at, and who may still answer, in one row."""
    waiting = ", ".join(gap.source for gap in brief.gaps if gap.still_asked)
    said = [
        gap.reason if gap.reason.startswith(gap.source) else f"{gap.source}: {gap.reason}"
        for gap in brief.gaps
        if not gap.still_asked
    ]
    row = [b.label("Could not look: "), b.words("; ".join(said), limit=400)] if said else []
    if waiting:
        row += [b.label("  Still asking: " if said else "Still asking: "), b.words(waiting, limit=200)]
    return [row] if row else []


def _wording(brief: Brief, numbers: dict[str, int]) -> list[b.Block]:
    """What of the model's words is supported, and in one line what is not: nobody reads struck text at night."""
    told = [b.quote(" ".join(_said(one, numbers) for one in brief.worded))] if brief.worded else []
    source = "Worded by a language model from the evidence above; it may be wrong." if brief.worded else ""
    notes = " ".join(part for part in (source, f"{brief.struck}." if brief.struck else "") if part)
    return [*told, *([b.footer(inert.defang(inert.one_line(notes, 400)))] if notes else [])]


def _said(statement: Statement, numbers: dict[str, int]) -> str:
    marks = "".join(f"[{numbers[ref]}]" for ref in statement.evidence_ids if ref in numbers)
    text = inert.defang(inert.one_line(statement.text, 400))
    return f"{text} {marks}" if marks else text


def _evidence_buttons(shown: BriefView, numbers: dict[str, int]) -> list[b.Element]:
    by_id = {found.id: found for found in shown.evidence}
    cited = [(number, by_id[ref]) for ref, number in list(numbers.items())[:MOST_EVIDENCE]]
    names = _told_apart([found for _, found in cited])
    return [
        b.button(f"{number} {_short(name)}", "evidence", found.id, said_as=f"Evidence {number}: {name}")
        for (number, found), name in zip(cited, names, strict=True)
    ]


def _told_apart(found: Sequence[Evidence]) -> list[str]:
    """Return the titles; where two read alike, such as those of an alert and its metric, the kind goes first."""
    alike = Counter(_short(item.title) for item in found)
    return [
        f"{item.kind.replace('_', ' ').capitalize()}: {item.title}" if alike[_short(item.title)] > 1 else item.title
        for item in found
    ]


def _short(title: str) -> str:
    shown = inert.one_line(title, 200)
    return shown if len(shown) <= 28 else f"{shown[:27].rstrip()}…"


def _folded(brief: Brief) -> list[b.Element]:
    name = _folded_name(brief)
    return [b.button(name, "alternatives", brief.incident_id, said_as=f"{name}: causes for and against")]


def _folded_name(brief: Brief) -> str:
    """What the button is called under which the rest is."""
    others = alternatives(brief)
    return f"Alternatives ({others})" if others else "All causes"
