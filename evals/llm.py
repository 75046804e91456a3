"""What a model adds to the computed answer, and what it takes: `python -m evals.llm --base-url URL --model NAME`.

Causes: the cases of `evals.opensre` and the held-out ones of `evals.kinds`, scored by their own answer rules, go
through the product's own coordinator with the model at that address, several times each. Answers: the questions and
digests of `evals.answers`, once each, and what `evals.parts` has. README.md says what is printed; results.md keeps the
tables, a section a model.
"""

import argparse
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from evals import ai_systems, answers, asking, kinds, opensre, parts, talks
from evals.asking import AWAY
from evals.tried import Progress, Tried, tried_of
from incident_copilot.domain.evidence import ContextBundle
from incident_copilot.domain.hypothesis import Brief, Hypothesis, Statement
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.investigation import PER_INCIDENT, Budget, Investigation
from incident_copilot.domain.model_call import Role
from incident_copilot.domain.outgoing import outgoing
from incident_copilot.domain.redaction import Redactor
from incident_copilot.pipeline.by_model.material import Material, by_label, labels_for
from incident_copilot.pipeline.by_model.phase_specialists import PHASES
from incident_copilot.pipeline.by_model.sparing import spare
from incident_copilot.pipeline.by_model.specialists import SPECIALISTS, Specialist
from incident_copilot.pipeline.by_model.turning import asked, begin, turn
from incident_copilot.pipeline.investigating.kept import kept
from incident_copilot.ports import LLM

RESULTS = Path(__file__).parent / "results.md"
TITLE = "# Results with a model"
RUNS = 3
CAVEAT = "Small synthetic cases; those who wrote rules and prompts had seen some of them."


@dataclass(frozen=True)
class Case:
    """One case with its computed answer, and the rule that says whether an answer passes."""

    name: str
    incident: Incident
    bundle: ContextBundle
    brief: Brief
    passes: Callable[[Brief], bool]
    depends_on: Mapping[str, Sequence[str]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table and keep it; without a model or without the data say so."""
    return asking.run(arguments(argv), _all)


def database_cases() -> list[Case]:
    """Return OpenSRE's database incidents; none where the data is absent."""
    return [_database_case(case) for case in opensre.read(opensre.DATA)]


def kind_cases() -> list[Case]:
    """Return the held-out incidents of `evals.kinds`."""
    return [_kind_case(case) for case in kinds.read() if case.is_held_out]


def ai_cases() -> list[Case]:
    """Return the incidents of AI systems, which the five phases look into."""
    return [_ai_case(case) for case in ai_systems.CASES]


def _ai_case(case: ai_systems.Written) -> Case:
    incident, bundle, brief = ai_systems.in_full(case)
    passes = partial(ai_systems.passes, case)
    return Case(case.name, incident, bundle, brief, passes, ai_systems.CATALOG.depends_on, ai_systems.DATA)


def chosen(cases: Sequence[Case], most: int | None) -> list[Case]:
    """Return at most so many cases: half of those that the computed answer fails, the rest of those that it passes."""
    if most is None or most >= len(cases):
        return list(cases)
    passes = {case.name: case.passes(case.brief) for case in cases}
    failed, passed = ([case for case in cases if passes[case.name] is whether] for whether in (False, True))
    hard = _spread(failed, most // 2)
    return [*hard, *_spread(passed, most - len(hard))]


def _spread(cases: Sequence[Case], most: int) -> list[Case]:
    every = max(1, len(cases) // most) if most else 1
    return list(cases[::every][:most])


def _kind_case(case: kinds.Case) -> Case:
    one = kinds.given(case)
    incident, found = kinds.in_full(case, one)

    def passes(brief: Brief) -> bool:
        first = next(iter(kinds.answers(brief)), None)
        return first is not None and kinds.is_right(case, one.changes, first)

    bundle = one.bundle.model_copy(update={"evidence": tuple(kept(one.bundle.evidence, found.templates))})
    return Case(f"{case.kind}: {case.name}", incident, bundle, found.brief, passes, case.told.get("needs", {}))


def _database_case(case: opensre.Case) -> Case:
    incident, found, bundle = opensre.in_full(case)

    def passes(brief: Brief) -> bool:
        return not case.rules.wrong(opensre.category(brief), opensre.text_of(brief, bundle))

    evidence = tuple(kept(bundle.evidence, found.templates))
    return Case(case.name, incident, bundle.model_copy(update={"evidence": evidence}), found.brief, passes)


async def measure(llm: LLM, case: Case, run: int, budget: Budget, deadline: timedelta) -> Tried:
    """Return what came of a case in one run, and print it."""
    began = time.monotonic()
    held = await looked_into(llm, case, budget, deadline)
    brief = reordered(case.brief, held)
    took_s = time.monotonic() - began
    passed, first = case.passes(brief), brief.hypotheses[0].cause
    spent = held.spent
    said = f"{_passes(passed)}, {spent.steps} steps, {spent.tokens} tokens, {took_s:.0f} s, {held.why}"
    print(f"{case.name}, run {run}: {said}", flush=True)
    return tried_of(case.name, run, held, passed=passed, first=first, took_s=took_s)


async def looked_into(llm: LLM, case: Case, budget: Budget, deadline: timedelta) -> Investigation:
    """Take one case through the coordinator."""
    material = material_of(case)
    held = begin(material, case.brief.hypotheses, {}, investigation_id="0" * 32, now=datetime.now(UTC))
    while held.is_running:
        _, text, shown = asked(held, material)
        leaving = outgoing(text, Redactor(), shown, spare=spare(held, material), room=llm.room(Role.STRONG))
        held = (await turn(llm, held, material, leaving, budget, deadline)).held
    return held


def material_of(case: Case) -> Material:
    """Return a case as specialists work with it."""
    return Material(
        incident=case.incident,
        evidence=by_label(labels_for(case.bundle.evidence), case.bundle.evidence),
        depends_on=case.depends_on,
        phases=case.brief.phases,
        kinds=case.kinds,
    )


def reordered(brief: Brief, held: Investigation) -> Brief:
    """Return the brief as it would read if people took what the model says, with its sentences that stood."""
    if held.result is None:
        return brief
    by_name = held.by_label
    told = [
        _with_sentences(by_name[name], name, held) for name in held.result.order if by_name[name].kind != "unlisted"
    ]
    rest = [one for one in brief.hypotheses if one not in held.hypotheses]
    return brief.model_copy(update={"hypotheses": (*told, *rest)})


def _with_sentences(hypothesis: Hypothesis, name: str, held: Investigation) -> Hypothesis:
    judged = [one for opinion in held.opinions for one in opinion.judgements if one.hypothesis == name and one.because]
    said = tuple(Statement(text=one.because, evidence_ids=held.ids_of((*one.evidence, *one.against))) for one in judged)
    return hypothesis.model_copy(update={"supporting": (*hypothesis.supporting, *said)})


def report(model: str, cases: Sequence[Case], tried: Sequence[Tried]) -> str:
    """Return the section about one model: lift, grounding, cost, steps, time, variance, and how each case went.

    Where a run is not over, it is held against the computed answers of the cases that it came to.
    """
    computed = {case.name: case.passes(case.brief) for case in cases}
    of_these = [one for one in tried if one.case in computed]
    runs = [[one for one in of_these if one.run == run] for run in sorted({one.run for one in of_these})]
    when = f"{len(runs)} {'run' if len(runs) == 1 else 'runs'}, {datetime.now(UTC):%Y-%m-%d}."
    lines = [f"## {model}", "", f"{when} {CAVEAT}", f"Prompts: {prompts_of(cases)}.", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in _figures(computed, runs)]
    lines += ["", "| case | computed | with the model, by run |", "|---|---|---|"]
    for name, passes in computed.items():
        of_case = ", ".join(_passes(one.passed) for run in runs for one in run if one.case == name)
        lines.append(f"| {name} | {_passes(passes)} | {of_case or 'not tried'} |")
    return "\n".join([*lines, ""])


def _figures(computed: Mapping[str, bool], runs: Sequence[Sequence[Tried]]) -> Iterator[tuple[str, str]]:
    everything = [one for run in runs for one in run]
    lift = [sum(one.passed - computed[one.case] for one in run) for run in runs]
    claims, struck = sum(one.claims for one in everything), sum(one.struck for one in everything)
    firsts: dict[str, set[str]] = {}
    for one in everything:
        firsts.setdefault(one.case, set()).add(one.first)
    yield "cases, by run", ", ".join(str(len(run)) for run in runs)
    yield "passed, computed", ", ".join(str(sum(computed[one.case] for one in run)) for run in runs)
    yield "passed, with the model, by run", ", ".join(str(sum(one.passed for one in run)) for run in runs)
    yield "lift, mean (standard deviation)", f"{statistics.mean(lift):+.2f} ({statistics.pstdev(lift):.2f})"
    yield "same first cause in all runs", f"{sum(len(one) == 1 for one in firsts.values())} of {len(firsts)}"
    yield "other first cause than computed", f"{sum(one.is_other for one in everything)} of {len(everything)}"
    yield "grounding rate", f"{1 - struck / claims:.2f} of {claims} claims" if claims else "no claims"
    for name, values, form in (
        ("steps", [one.spent.steps for one in everything], ".1f"),
        ("tokens", [one.spent.tokens for one in everything], ",.0f"),
        ("dollars", [one.spent.usd for one in everything], ".4f"),
        ("seconds", [one.took_s for one in everything], ".1f"),
    ):
        yield f"{name} a case, mean", format(statistics.mean(values), form)
    for reason, count in Counter(one.why for one in everything).most_common(6):
        yield f"ended: {reason}", f"{count}"


def prompts_of(cases: Sequence[Case]) -> str:
    """Return the prompts of all whom the cases may be put to, with their versions."""
    return ", ".join(f"{one.prompt.purpose} {one.prompt.version}" for one in asked_of(cases))


def asked_of(cases: Sequence[Case]) -> Sequence[Specialist]:
    """Return the specialists that may be asked of some cases."""
    return PHASES if any(case.brief.phases for case in cases) else SPECIALISTS


def keep(path: Path, model: str, section: str) -> None:
    """Write a model's section into the results, in the place of an earlier one."""
    text = path.read_text(encoding="utf-8") if path.exists() else f"{TITLE}\n\n"
    head, *sections = text.split("\n## ")
    others = [one for one in sections if one.partition("\n")[0] != model]
    new = section.removeprefix("## ")
    path.write_text("\n## ".join([head.rstrip("\n") + "\n", *others, new]), encoding="utf-8")


def _passes(passed: bool) -> str:
    return "passes" if passed else "fails"


async def _all(asked: argparse.Namespace) -> None:
    async with asking.model_of(asked) as llm:
        for name, ask in {"causes": _causes, "ai": _ai, "answers": _answers, **parts.by_name(keep)}.items():
            if asked.only in (None, name):
                await ask(llm, asked)


async def _causes(llm: LLM, asked: argparse.Namespace) -> None:
    """Keep the section anew after every case: a run of a small model takes its time, and may be stopped."""
    if not opensre.DATA.is_dir():
        print(f"database incidents skipped: no shared data ({opensre.DATA})")
    await try_all(llm, asked, chosen([*database_cases(), *kind_cases()], asked.cases), asked.model)


async def _ai(llm: LLM, asked: argparse.Namespace) -> None:
    """Keep a section of its own about incidents of AI systems."""
    await try_all(llm, asked, chosen(ai_cases(), asked.cases), f"{asked.model}, AI systems")


async def try_all(llm: LLM, asked: argparse.Namespace, cases: Sequence[Case], name: str) -> None:
    """Try every case as often as is asked and keep the section anew after each; end where the model is away."""
    budget = PER_INCIDENT.model_copy(update={"steps": asked.steps, "seconds": asked.seconds})
    progress = Progress(asked.progress, name, prompts_of(cases))
    for run in range(1, asked.runs + 1):
        for case in cases:
            if not progress.has(case.name, run):
                tried = await measure(llm, case, run, budget, timedelta(seconds=asked.deadline))
                if any(reason in tried.why for reason in AWAY):
                    sys.exit(
                        f"the model is away, {tried.why}; what was tried before is kept, --progress goes on after it"
                    )
                progress.add(tried)
                keep(asked.out, name, report(name, cases, progress.tried))
    print(report(name, cases, progress.tried))


async def _answers(llm: LLM, asked: argparse.Namespace) -> None:
    """Keep the section anew after every question."""
    items, name = talks.chosen(talks.read(), asked.cases), f"{asked.model}, answers and digests"
    deadline = timedelta(seconds=asked.deadline)
    before = [one async for one in talks.tell(items, None, deadline)]
    told: list[talks.Told] = []
    async for one in talks.tell(items, asking.Present(llm), deadline):
        told.append(one)
        print(answers.said_of(one), flush=True)
        keep(asked.out, name, answers.with_a_model(name, told, before[: len(told)]))
    print(answers.with_a_model(name, told, before))


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evals.llm", description=__doc__)
    parser.add_argument("--base-url", default=os.environ.get("COPILOT_TEST_LLM_URL"))
    parser.add_argument("--model", default=os.environ.get("COPILOT_TEST_LLM_MODEL"))
    parser.add_argument("--runs", type=asking.at_least_one, default=RUNS)
    parser.add_argument("--only", choices=("causes", "ai", "answers", *parts.PARTS), help="one of the parts")
    parser.add_argument("--cases", type=asking.at_least_one, default=None, help="only so many")
    parser.add_argument("--steps", type=asking.at_least_one, default=PER_INCIDENT.steps)
    parser.add_argument("--seconds", type=asking.seconds, default=PER_INCIDENT.seconds, help="for one case")
    parser.add_argument("--deadline", type=asking.deadline, default=20.0, help="seconds for one answer")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--progress", type=Path, default=None, help="a file of what was tried, to go on after")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
