"""Why the model says what it says: its order beside the computed one, what it looked at, and what code took out."""

from incident_copilot.domain.investigation import Investigation, Judgement
from incident_copilot.pipeline.by_model import telling
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.views.modals.parts import View, bulleted, modal

MOST_LOOKS, MOST_STRUCK, MOST_BUTTONS = 24, 12, 25
Row = list[b.Element]


def reasons(held: Investigation) -> View:
    """Return the whole of an investigation that has ended."""
    order = held.result.order if held.result else tuple(held.by_label)
    causes = [block for name in order for block in _cause(held, name)]
    looks = [[b.words(telling.looked(look), limit=200)] for look in held.looks[:MOST_LOOKS]]
    struck = [[b.words(one, limit=200)] for one in list(dict.fromkeys(held.struck))[:MOST_STRUCK]]
    looks += b.more(len(held.looks) - MOST_LOOKS)
    struck += b.more(len(held.struck) - MOST_STRUCK)
    before = [[b.label(f"{name}: "), b.words(why, limit=300)] for name, why in held.records.items()]
    step = held.steps.get(held.result.next_step or "") if held.result else None
    return modal(
        "reasoning",
        "What the model found",
        [
            b.lines([[b.words(telling.outcome(held), "bold", limit=600)]]),
            *causes,
            b.lines([[b.label("It would go on with: "), b.words(step, limit=200)]]) if step else None,
            *bulleted("How who looked has done before", before),
            *bulleted("What it looked at", looks),
            *bulleted("What was taken out by code", struck),
            _buttons(held),
            b.footer(f"{telling.spent(held)} The brief, its order and its buttons stay as computed."),
        ],
    )


def _cause(held: Investigation, name: str) -> list[b.Block | None]:
    hypothesis, sure = held.by_label[name], held.result.confidence.get(name, 0.0) if held.result else 0.0
    was = f"{sure:.2f}; computed {hypothesis.confidence:.2f}"
    rows: list[Row] = [[b.label(f"{name} "), b.words(hypothesis.cause, "bold", limit=300), b.space(f" ({was})")]]
    said: dict[str, list[str]] = {}
    for opinion in held.opinions:
        for one in opinion.judgements:
            if one.hypothesis == name:
                said.setdefault(_said(one), []).append(opinion.specialist)
    rows += [[b.label(f"{', '.join(who)}: "), b.words(what, limit=500)] for what, who in said.items()]
    return [b.lines(rows)]


def _said(one: Judgement) -> str:
    parts = [f"{one.confidence:.2f}"]
    parts += [f"for it {', '.join(one.evidence)}"] if one.evidence else []
    parts += [f"against it {', '.join(one.against)}"] if one.against else []
    return f"{'; '.join(parts)}. {one.because}".strip()


def _buttons(held: Investigation) -> b.Block | None:
    cited = dict.fromkeys(
        ref for opinion in held.opinions for one in opinion.judgements for ref in (*one.evidence, *one.against)
    )
    known = [ref for ref in cited if ref in held.labels][:MOST_BUTTONS]
    return b.actions([b.button(ref, "evidence", held.labels[ref]) for ref in known])
