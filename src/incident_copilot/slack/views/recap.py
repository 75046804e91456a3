"""What one person is told to catch up: what changed since they looked, before it started, and for managers."""

from collections.abc import Sequence

from incident_copilot.pipeline.for_managers import Told
from incident_copilot.pipeline.look_back import Changed, LookedBack
from incident_copilot.pipeline.recap import InShort, Moment, Recap
from incident_copilot.slack.links import permalink
from incident_copilot.slack.text import people_named, utc
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.views import words

Row = list[b.Element]
MOST_CITED = 3


def recap(shown: Recap, url: str) -> b.Rendered:
    """Return where an incident stands and what is new, pinned and newest first."""
    rows: list[Row] = [
        [b.words(words.title(shown.incident), "bold", limit=300)],
        *([b.words(line, limit=400)] for line in _plainly(shown.state)),
        *([[b.words(shown.cause, limit=300)]] if shown.cause else []),
        *([b.label(line) if line.startswith("You") else b.words(line, "bold", limit=300)] for line in shown.for_you),
    ]
    notes = " · ".join(part for part in (shown.note, _none(shown)) if part)
    return b.message(
        f"{words.title(shown.incident)}: {_since(shown)}. {' '.join(_plainly(shown.state[:1]))}",
        [
            b.lines(rows),
            b.lines([_heading(shown)]),
            *_listed("Decided and done", [_moment(one, url) for one in shown.done], shown.left_out),
            *_listed("Written", [_moment(one, url) for one in shown.said]),
            b.footer(notes) if notes else None,
        ],
    )


def in_short(shown: InShort, url: str) -> b.Rendered:
    """Return a model's account of many messages, each sentence with the messages it rests on."""
    rows = [[b.words(text, limit=400), *_cited(refs, url)] for text, refs in shown.sentences]
    return b.message(
        f"{shown.incident.label} in short: {shown.note}",
        [
            b.lines([[b.label(f"{shown.incident.label} in short, as its messages say")]]),
            b.bullets(rows) or b.lines([[b.space("The model said nothing that the messages support.")]]),
            b.footer(f"Written by a language model from the messages; it may be wrong. {shown.note}"),
        ],
    )


def looked_back(shown: LookedBack) -> b.Rendered:
    """Return what changed before an incident started: first where it is, then elsewhere, each with its time."""
    began = utc(shown.incident.started_at)
    near = [one for one in shown.changes if one.is_near]
    far = [one for one in shown.changes if not one.is_near]
    count = len(shown.changes) + shown.left_out
    changes = "1 change is" if count == 1 else f"{count or 'No'} change{'s are' if count else ' is'}"
    head = f"{changes} known in the 24 h before {shown.incident.label} started"
    gaps = "; ".join(gap.reason if gap.source in gap.reason else f"{gap.source}: {gap.reason}" for gap in shown.gaps)
    return b.message(
        f"{head} ({began})",
        [
            b.lines([[b.words(head, "bold"), b.space(", "), b.date(shown.incident.started_at)]]),
            *_listed("On its services and those around them", [_changed(one) for one in near]),
            *_listed("Elsewhere", [_changed(one) for one in far], shown.left_out),
            b.footer(f"Could not look: {gaps}") if gaps else None,
        ],
    )


def for_managers(told: Told) -> b.Rendered:
    """Return an incident as managers need it: impact, what to expect, who works on it."""
    parts = (("Impact", told.impact), ("What to expect", told.expectation), ("People", told.resources))
    head = words.title(told.incident)
    about = f"{told.incident.severity_in_words}, {words.status(told.incident)}"
    rows: list[Row] = [[b.words(head, "bold", limit=300), b.space(f" · {about}")]]
    for name, sentences in parts:
        rows.append([b.label(f"{name}: "), *b.told(" ".join(sentences), words.people_of(told.incident))])
    return b.message(f"{head} ({about}). {' '.join(told.impact)}", [b.lines(rows)])


def _cited(refs: Sequence[str | None], url: str) -> Row:
    links = [link for ref in refs[:MOST_CITED] if (link := permalink(url, ref))]
    return [
        part
        for number, link in enumerate(links, 1)
        for part in (b.space(" "), b.link(link, f"[{number}]", show_host=False))
    ]


def _heading(shown: Recap) -> Row:
    return [b.label("What is new since "), b.date(shown.since)] if shown.since else [b.label(_since(shown))]


def _since(shown: Recap) -> str:
    return f"What is new since {utc(shown.since)}" if shown.since else "What has happened so far"


def _none(shown: Recap) -> str:
    return "Nothing has happened since." if shown.is_empty else ""


def _plainly(lines: Sequence[str]) -> list[str]:
    """Without the mention of who leads: that is a name in the lines of the card, and an id here."""
    return [line.partition(" Led by ")[0].removesuffix(" Nobody leads it yet.") for line in lines]


def _moment(one: Moment, url: str) -> Row:
    link = permalink(url, one.ref)
    known = frozenset(piece for piece, is_person in people_named(one.text) if is_person)
    return [
        b.date(one.at),
        b.space(" · pinned · " if one.pinned else " · "),
        *b.told(one.text, known, limit=300),
        *([b.space(" "), b.link(link, "message", show_host=False)] if link else []),
    ]


def _changed(one: Changed) -> Row:
    return [
        b.label(one.before),
        b.space(" ("),
        b.date(one.at),
        b.space(") "),
        b.words(f"{one.service}: {one.text}", limit=300),
        *([b.space(" "), b.link(one.link, "change")] if one.link else []),
    ]


def _listed(heading: str, rows: Sequence[Row], left_out: int = 0) -> list[b.Block | None]:
    if not rows:
        return []
    more = [b.footer(f"and {left_out} more, earlier")] if left_out else []
    return [b.lines([[b.label(heading)]]), b.bullets(rows), *more]
