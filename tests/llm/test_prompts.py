"""A prompt whose words change has a higher version, and results.md says whether a model was asked with it."""

from docs.documents import ROOT
from incident_copilot.llm import digest, trial
from incident_copilot.pipeline import answer, word_brief
from incident_copilot.pipeline.ai import judge
from incident_copilot.pipeline.by_model import phase_specialists, specialists
from incident_copilot.pipeline.comms import wording

MODULES = (digest, trial, answer, judge, specialists, wording, word_brief)
PROMPTS = (
    answer.PROMPT,
    digest.PART,
    digest.WHOLE,
    judge.PROMPT,
    trial.ASKED,
    trial.LOOKED,
    word_brief.PROMPT,
    *wording.PROMPTS.values(),
    *(one.prompt for one in phase_specialists.BY_NAME.values()),
)


def test_a_prompt_whose_words_change_has_another_version():
    noted = (ROOT / "evals" / "prompts.txt").read_text(encoding="utf-8").splitlines()

    assert sorted(noted) == sorted(f"{one.purpose} {one.version} {one.digest}" for one in PROMPTS)


def test_every_version_of_a_prompt_is_named_in_the_results_as_measured_or_not():
    results = " ".join((ROOT / "evals" / "results.md").read_text(encoding="utf-8").split())

    assert [one.purpose for one in PROMPTS if f"{one.purpose} {one.version}" not in results] == []


def test_no_prompt_is_left_out_here():
    source = ROOT / "src"
    told = {path for path in source.rglob("*.py") if "Prompt(\n" in path.read_text(encoding="utf-8")}

    assert told == {(source / one.__name__.replace(".", "/")).with_suffix(".py") for one in MODULES}
