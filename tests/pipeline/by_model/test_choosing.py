"""Who is asked: by the type of the incident, the computed causes and the names of what was found."""

import pytest

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.hypothesis import Hypothesis, Verdict
from incident_copilot.pipeline.by_model.choosing import choose
from incident_copilot.pipeline.by_model.material import Material
from incident_copilot.pipeline.by_model.phase_specialists import BY_NAME
from incident_copilot.pipeline.by_model.specialists import SPECIALISTS
from incident_copilot.pipeline.by_model.tools import TOOLS
from pipeline import samples

from .scripted import causes, material


def cause(kind, confidence=0.5):
    return Hypothesis(cause=kind, kind=kind, verdict=Verdict.POSSIBLE, confidence=confidence)


def known(kind=EvidenceKind.METRIC, title="errors of checkout", **fields):
    item = samples.evidence(kind, title=title, data={})
    return Material(incident=samples.incident(**fields), evidence={"E1": item})


@pytest.mark.parametrize(
    ("chosen", "material", "cause"),
    [
        ("change", known(), cause("change")),
        ("saturation", known(), cause("traffic")),
        ("dependency", known(), cause("dependency")),
        ("data", known(incident_type="data_quality"), cause("nothing is wrong")),
        ("database", known(title="postgres replication deadlocks"), cause("saturation")),
        ("network", known(title="dns tls certificate"), cause("infrastructure")),
        ("kubernetes", known(title="pods of kube node"), cause("infrastructure")),
        ("security", known(incident_type="security"), cause("change", 0.1)),
        ("ai quality", known(incident_type="quality_degradation"), cause("external provider")),
    ],
)
def test_the_most_fitting_specialist_is_asked_first(chosen, material, cause):
    assert choose(material, (cause,))[0] == chosen


def test_at_most_three_are_asked_and_never_nobody():
    many = tuple(cause(one) for one in ("change", "saturation", "dependency", "infrastructure"))

    assert len(choose(known(), many)) == 3
    assert choose(known(), (cause("nothing is wrong"),)) == ("change",)


def test_what_a_log_says_decides_nothing():
    said = known(EvidenceKind.LOG, title="kubernetes pod node security injection postgres")

    assert choose(said, (cause("change"),)) == choose(known(), (cause("change"),))


def test_the_incident_of_these_tests_is_asked_about_change_and_pool():
    assert choose(material(), causes())[:2] == ("saturation", "database")


def test_every_specialist_has_its_own_prompt_answer_and_tools():
    prompts = [one.prompt for one in SPECIALISTS]

    assert len({one.purpose for one in prompts}) == len({one.instructions for one in prompts}) == 9
    assert len({one.answer for one in SPECIALISTS}) == 9
    assert {name for one in BY_NAME.values() for name in one.tools} == set(TOOLS)
    assert all(len(one.purpose) <= 60 for one in prompts)
