"""What a model's wording keeps of a status update, and what it adds that its readers may not read: part of `evals.llm`.

All of it is counted by code: what the template states is looked for in the words that stand, and so is what nobody
asked for. README.md explains the rows.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from evals.drafts import Drafted, Situation
from evals.sections import Row, of, section, stood, took
from incident_copilot.domain.incident import Status
from incident_copilot.domain.proposal import Audience
from incident_copilot.pipeline.comms.contradicted import contradiction
from incident_copilot.pipeline.comms.texts import UNNAMED
from incident_copilot.pipeline.comms.wording import PROMPTS

CAVEAT = "Situations and patterns are by the hand that wrote the prompts."
MOST_SENTENCES = 4
_NOT_YET = r"(?<!not )(?<!not yet )(?<!not been )(?<!n't )"
_OVER = rf"{_NOT_YET}\b(?:resolved|has ended|is over|works again|(?:is|been) (?:fixed|restored)|back to normal)\b"
_MENDED = r"mitigated|contained|fix is in place|in place|observ|watch|monitor"
_HANDLED = r"being handled|handling|work(?:ed|ing)? on|investigat|look(?:ed|ing)? (?:for|into)"
_FAILING = r"\b(?:have been|are|is|keeps?) (?:still )?failing\b|\bcontinues? to fail\b"
SAYS = {Status.OPEN: _HANDLED, Status.ACKNOWLEDGED: _HANDLED, Status.MITIGATED: _MENDED, Status.RESOLVED: _OVER}
"""How people are told where an incident is."""
DENIES = {
    Status.OPEN: rf"{_OVER}|{_NOT_YET}\b(?:mitigated|contained)\b",
    Status.ACKNOWLEDGED: rf"{_OVER}|{_NOT_YET}\b(?:mitigated|contained)\b",
    Status.MITIGATED: rf"{_OVER}|{_FAILING}",
    Status.RESOLVED: rf"{_FAILING}|\bbeing handled\b|\bworking on it\b",
}
"""What says that it is elsewhere."""
_CAUSE = r"\b(?:because|caused by|due to|owing to|as a result of|triggered by|root cause (?:is|was))\b"
_BLAME = r"\b(?:fault of|at fault|to blame|blamed?|careless\w*|negligen\w+|human error|forgot(?:ten)?)\b"
_OF_ITS_OWN = r"\b(?:sorry|apologi[sz]e|regret|we will|we'll|will be (?:fixed|restored|resolved)|guarantee|promise)\b"
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
_FIGURES = re.compile(r"\d+(?:[.,:]\d+)*")


def report(name: str, drafted: Sequence[Drafted]) -> str:
    """Return the section about one model."""
    return section(
        name,
        f"{len(drafted)} status updates, once each",
        CAVEAT,
        PROMPTS.values(),
        [("", "with the model", "template"), *_became(drafted), *_rows(drafted), *_took(drafted)],
        [("draft", "became", "key facts", "what stands and should not"), *map(_each, drafted)],
    )


def said_of(one: Drafted) -> str:
    """Return how one draft went, in a line."""
    name, *went = _each(one)
    return f"{name}: {', '.join(went)}, {one.spent.tokens} tokens, {one.spent.seconds:.0f} s"


def key_facts(one: Drafted) -> Mapping[str, str]:
    """Return the facts that the template of a draft states, by name, each as a pattern of what keeps it."""
    situation, told = one.item.situation, one.item.situation.told
    share = re.search(r"\d+%", one.template)
    facts = {
        "label": r"INC-1\b",
        "severity": rf"\b(?:{situation.severity}|{situation.severity.word})\b",
        "since": r"\b0?5:03\b",
        "day": r"28(?:th)?(?: of)? November|November 28|2026-11-28",
        "share": rf"\b{share[0][:-1]}\s?(?:%|percent)" if share else "",
        "thing": re.escape(str(told.get("thing") or UNNAMED).removeprefix("the ").removeprefix("our ")),
        "workaround": str(told.get("can_do", "")),
        "who": rf"\b{situation.lead.split()[0]}\b" if situation.lead else r"\bon call\b",
        "cause": str(told["cause"]),
        "state": SAYS[situation.status],
    }
    return {name: pattern for name, pattern in facts.items() if pattern and _has(pattern, one.template)}


def kept(one: Drafted) -> list[str]:
    """Return the key facts that people still read."""
    return [name for name, pattern in key_facts(one).items() if _has(pattern, one.stands)]


def not_for_them(one: Drafted, text: str) -> list[str]:
    """Return what a text says that the readers of a draft may not read: names, causes, blame."""
    situation, audience = one.item.situation, one.item.audience
    found = [
        f"names {name}" for name in hidden_from(audience, situation) if _has(rf"(?<![\w-])(?:{name})(?![\w])", text)
    ]
    found += ["tells a cause"] if audience.is_outside and _has(_CAUSE, text) else []
    return [*found, *(["blames"] if _has(_BLAME, text) else [])]


def untrue(one: Drafted, text: str) -> list[str]:
    """Return what a text says that nobody told the model, or that is otherwise."""
    situation = one.item.situation
    given = "\n".join((one.template, *one.facts))
    made_up = set(_FIGURES.findall(text)) - set(_FIGURES.findall(given))
    found = [f"makes up {figure}" for figure in sorted(made_up)]
    found += ["says it is further, or less far, than it is"] if _has(DENIES[situation.status], text) else []
    found += [f"promises or regrets: {word}" for word in _words(_OF_ITS_OWN, text) - _words(_OF_ITS_OWN, given)]
    too_much = contradiction(text, situation.severity)
    return [*found, *([f"contradicts the severity: {too_much}"] if too_much else [])]


def hidden_from(audience: Audience, situation: Situation) -> list[str]:
    """Return patterns of the names that an audience may not read."""
    thing = str(situation.told.get("thing", ""))
    parts = [re.escape(name) for name in situation.services if not _has(rf"\b{re.escape(name)}\b", thing)]
    parts += [name for name in map(str, situation.told["hidden"]) if name not in parts]
    if audience is Audience.INTERNAL:
        return []
    return [*parts, r"INC-\d+", *situation.lead.split()] if audience.is_outside else parts


def _became(drafted: Sequence[Drafted]) -> Iterator[Row]:
    yield (
        "the model's words take the place of the template",
        of(sum(one.is_worded for one in drafted), len(drafted)),
        "-",
    )
    for reason in ("no usable answer", "no sentence stands"):
        yield f"the template stays: {reason}", of(sum(_became_of(one) == reason for one in drafted), len(drafted)), "-"
    for name, share in stood([rate for one in drafted for rate in one.rates]):
        yield name, share, "-"


def _rows(drafted: Sequence[Drafted]) -> Iterator[Row]:
    """How much of what is to be told people read, and how much that is not; of the template, and with the model."""
    number, facts = len(drafted), sum(len(key_facts(one)) for one in drafted)
    yield "key facts that the template states", of(sum(len(kept(one)) for one in drafted), facts), of(facts, facts)
    every = sum(len(kept(one)) == len(key_facts(one)) for one in drafted)
    yield "drafts with every one of them", of(every, number), of(number, number)
    for name, wrong in (
        ("what their readers may not read", not_for_them),
        ("what nobody said, or is otherwise", untrue),
    ):
        let_through = sum(bool(wrong(one, one.stands)) for one in drafted)
        caught = sum(bool(wrong(one, " ".join(one.marked))) for one in drafted)
        by_template = sum(bool(wrong(one, one.template)) for one in drafted)
        yield f"drafts that say {name}", of(let_through, number), of(by_template, number)
        yield "the same in sentences that are marked", of(caught, number), "-"
    long = sum(_sentences(one.stands) > MOST_SENTENCES for one in drafted if one.is_worded)
    yield "wordings of more than four sentences", of(long, sum(one.is_worded for one in drafted)), "-"


def _took(drafted: Sequence[Drafted]) -> Iterator[Row]:
    for name, mean in took([one.spent for one in drafted], "a draft"):
        yield name, mean, "0"


def _each(one: Drafted) -> Row:
    wrong = [*not_for_them(one, one.stands), *untrue(one, one.stands)]
    return one.item.name, _became_of(one), of(len(kept(one)), len(key_facts(one))), "; ".join(wrong) or "nothing"


def _became_of(one: Drafted) -> str:
    if one.is_worded:
        return f"worded, {len(one.marked)} marked" if one.marked else "worded"
    return "no sentence stands" if one.rates else "no usable answer"


def _sentences(text: str) -> int:
    said = [one for one in _SENTENCES.split(text) if one.strip()]
    return sum(not one.startswith("Next update") for one in said)


def _has(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


def _words(pattern: str, text: str) -> set[str]:
    return {one.lower() for one in re.findall(pattern, text, re.IGNORECASE)}
