"""How well code tells supported sentences from unsupported ones, on sentences labelled by hand.

`python -m evals.grounding` prints precision and recall of striking, and every case that went wrong.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from evals import grounding_cases as labelled
from evals import grounding_other as other
from evals.grounding_cases import Case
from incident_copilot.llm.grounding import Said, why_struck
from incident_copilot.llm.names import Known

FOLDER = Path(__file__).parent / "grounding_sets"


class Labelled(NamedTuple):
    """A set of sentences, the evidence they cite, and the names that exist there; one held out teaches no rule."""

    name: str
    cases: Sequence[Case]
    evidence: Mapping[str, str]
    known: Known
    is_held_out: bool = False


def read(path: Path) -> Labelled:
    """Return a set as it is written: names, lines of evidence, sentences as [cited, text, what is wrong, if so]."""
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Labelled(
        name=path.stem.partition("-")[2],
        cases=[(text, (cited,), wrong[0] if wrong else None) for cited, text, *wrong in told["sentences"]],
        evidence={ref: "\n".join(lines) for ref, lines in told["evidence"].items()},
        known=Known(**{kind: frozenset(names) for kind, names in told["known"].items()}),
        is_held_out=told.get("held_out", False),
    )


SETS = (
    Labelled("known", labelled.CASES, labelled.EVIDENCE, labelled.KNOWN),
    Labelled("fresh", labelled.FRESH, labelled.FRESH_EVIDENCE, labelled.KNOWN),
    Labelled("another author, at hand", other.DEV, other.DEV_EVIDENCE, other.KNOWN),
    Labelled("another author, held out", other.HELD_OUT, other.HELD_OUT_EVIDENCE, other.KNOWN),
    *(read(path) for path in sorted(FOLDER.glob("*.yaml"))),
)


def main(_argv: Sequence[str] | None = None) -> int:
    """Print the tables: for each set what the rules make of it, and a check of digits alone."""
    print("| set | sentences | unsupported | struck rightly | struck wrongly | precision | recall | supported kept |")
    print("|---|---|---|---|---|---|---|---|")
    wrong: list[str] = []
    sets = [one for one in SETS if one.cases]
    for one in sets:
        counted, missed = measure(one.cases, one.evidence, one.known)
        print(f"| {one.name} | {row(counted)} |")
        wrong += [f"- {one.name}: {line}" for line in missed]
    print("\nFloor: a check of digits alone on the same sentences.\n")
    for one in sets:
        print(f"| {one.name}, digits alone | {row(by_digits(one.cases, one.evidence))} |")
    print("\nWrong:\n" + ("\n".join(wrong) or "- none"))
    return 0


def measure(
    cases: Sequence[Case], evidence: Mapping[str, str], known: Known = labelled.KNOWN
) -> tuple[Counter[str], list[str]]:
    """Return how often sentences were struck or kept, rightly or wrongly, and the wrong ones in words."""
    counted: Counter[str] = Counter()
    wrong = []
    for text, cited, label in cases:
        reason = why_struck(Said(text=text, evidence=cited), evidence, known=known)
        counted[_cell(reason is not None, label is not None)] += 1
        if (reason is None) != (label is None):
            wrong.append(f"{text!r} is {label or 'supported'}, struck: {reason}")
    return counted, wrong


def by_digits(cases: Sequence[Case], evidence: Mapping[str, str]) -> Counter[str]:
    """Return the same of the floor: a sentence is struck when a run of digits in it is in none of the evidence."""
    counted: Counter[str] = Counter()
    digits = labelled.DIGITS
    for text, cited, label in cases:
        held = {found.strip(".,:") for ref in cited for found in digits.findall(evidence.get(ref, ""))}
        struck = any(found.strip(".,:") not in held for found in digits.findall(text))
        counted[_cell(struck, label is not None)] += 1
    return counted


def row(counted: Counter[str]) -> str:
    """Return the cells of one line of the table."""
    hit, false, miss, kept = (counted[key] for key in ("hit", "false", "miss", "kept"))
    precision, recall = hit / (hit + false or 1), hit / (hit + miss or 1)
    cells = (hit + false + miss + kept, hit + miss, hit, false, f"{precision:.2f}", f"{recall:.2f}")
    return " | ".join(map(str, (*cells, f"{kept / (kept + false or 1):.2f}")))


def _cell(struck: bool, unsupported: bool) -> str:
    if struck:
        return "hit" if unsupported else "false"
    return "miss" if unsupported else "kept"


if __name__ == "__main__":
    raise SystemExit(main())
