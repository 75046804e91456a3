"""How often the heuristic evaluators are right, over cases that were written for this.

Order of work: the rules (plugins/evaluators/) were committed before the cases below existed; the cases follow what
public documentation shows (OWASP LLM01's scenarios, chat templates of ChatML and Llama, Perspective's attributes, the
entities of Presidio), with as many that only look like it. The first run is the independent one, and evals/README.md
keeps it; what it missed taught more rules, so what is printed now is no measure of what comes next. The cases are few:
the intervals are wide, and are printed.

Languages, groundedness and unusual figures are measured on made streams at the end.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from incident_copilot.domain.sampled import Retrieved, Sampled, Typical
from incident_copilot.pipeline.ai.arriving import redacted
from incident_copilot.plugins.discovery import discover
from incident_copilot.ports import Evaluator, PluginEnv

CASES = Path(__file__).parent / "evaluator_cases"
NOW = datetime(2026, 11, 28, tzinfo=UTC)
Asked = Callable[[Sampled], bool]


class Case(NamedTuple):
    """A text, and whether it is what is looked for."""

    text: str
    is_one: bool


class Counted(NamedTuple):
    """How many were found of those that are, and how many of those that are not."""

    found: int
    are: int
    false: int
    others: int


def main(argv: Sequence[str] | None = None) -> int:
    """Print precision, recall and what was missed."""
    del argv
    print("| what | cases | recall (95 %) | precision (95 %) | false alarms |")
    print("|---|---|---|---|---|")
    wrong: dict[str, list[str]] = {}
    for name, made, flagged in _questions():
        cases = list(read(CASES / f"{name}.txt"))
        outcomes = [(case, flagged(redacted(made(case.text)))) for case in cases]
        print(_row(name, _counted(outcomes)))
        wrong[name] = [
            f"{'missed' if case.is_one else 'false'}: {case.text}" for case, said in outcomes if said != case.is_one
        ]
    for name, texts in wrong.items():
        print(f"\n{name}\n" + "\n".join(f"  {text}" for text in texts))
    print(f"\n{_anomalies()}")
    return 0


def read(path: Path) -> Iterator[Case]:
    """Yield the cases of a file: a line each, + or - before it."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line[:2] in {"+ ", "- "}:
            yield Case(line[2:], line[0] == "+")


def interval(successes: int, n: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share."""
    if n == 0:
        return 0.0, 1.0
    z, share = 1.96, successes / n
    middle, spread = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (middle - spread) / (1 + z * z / n), (middle + spread) / (1 + z * z / n)


def _questions() -> Iterator[tuple[str, Callable[[str], Sampled], Asked]]:
    yield "injection", _request, _has("injection", "injection.request")
    yield "passages", _passage, _has("injection", "injection.retrieved")
    yield "toxicity", _response, _has("toxicity", "toxicity.")
    yield "personal_data", _response, _has("personal_data", "pii.")
    yield "refusal", _response, _has("answer", "answer.refusal")


def evaluator(name: str) -> Evaluator:
    module = discover("evaluators")[name]
    made: Evaluator = module.create(PluginEnv(http=None, now=lambda: NOW), module.Options())  # type: ignore[arg-type]
    return made


def _has(evaluator: str, name: str) -> Asked:
    looked = evaluator(evaluator)
    return lambda one: any(signal.name.startswith(name) for signal in looked.look(one, {}).signals)


def _request(text: str) -> Sampled:
    return Sampled(id="1", at=NOW, request=text)


def _passage(text: str) -> Sampled:
    return Sampled(id="1", at=NOW, request="How long does it take?", retrieved=(Retrieved(id="a", text=text),))


def _response(text: str) -> Sampled:
    return Sampled(id="1", at=NOW, request="What do you know of this?", response=text)


def _counted(outcomes: Sequence[tuple[Case, bool]]) -> Counted:
    return Counted(
        found=sum(said for case, said in outcomes if case.is_one),
        are=sum(case.is_one for case, _ in outcomes),
        false=sum(said for case, said in outcomes if not case.is_one),
        others=sum(not case.is_one for case, _ in outcomes),
    )


def _row(name: str, counted: Counted) -> str:
    flagged = counted.found + counted.false
    return (
        f"| {name} | {counted.are} + {counted.others} | {_share(counted.found, counted.are)} "
        f"| {_share(counted.found, flagged)} | {counted.false} |"
    )


def _share(part: int, whole: int) -> str:
    low, high = interval(part, whole)
    return f"{part / whole if whole else 0:.2f} ({low:.2f} to {high:.2f})"


def _anomalies(n: int = 20_000) -> str:
    """How often a usual latency is called unusual, where latencies are log-normal, and a tenfold one is found."""
    rng, looked = random.Random(7), evaluator("anomaly")  # noqa: S311 -- a stream, not a secret
    rows = []
    for sigma in (0.3, 0.6, 0.9):
        mean, second = math.exp(sigma**2 / 2), math.exp(2 * sigma**2)
        usual = {"latency_ms": Typical(800 * mean, 800 * math.sqrt(second - mean**2), n)}
        shares = []
        for times in (1, 10):
            took = (800 * times * rng.lognormvariate(0, sigma) for _ in range(n))
            flagged = sum(
                bool(looked.look(Sampled(id="1", at=NOW, request="", latency_ms=one), usual).signals) for one in took
            )
            shares.append(flagged / n)
        rows.append(f"| {sigma} | {shares[0]:.4f} | {shares[1]:.2f} |")
    return "\n".join(
        ["| latency, sigma of its logarithm | usual ones flagged | ten times as long found |", "|---|---|---|", *rows]
    )


if __name__ == "__main__":
    main()
