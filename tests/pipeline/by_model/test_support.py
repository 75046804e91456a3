"""Evidence makes a cause surer where it tells something, and a likely cause is not talked down by what is cited."""

import pytest

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.hypothesis import Verdict
from incident_copilot.domain.investigation import Look
from incident_copilot.pipeline.by_model.support import highest, lowest
from pipeline import samples

from .scripted import begun, causes, material

NOON = samples.NOON.timestamp()


def looked(known):
    """An investigation in which tools have shown everything."""
    return begun(
        known, looks=(Look(specialist="change", request_id="1:1", tool="t", result="", cited=(*known.evidence,)),)
    )


def of(kind, **data):
    """Evidence about payments."""
    return samples.evidence(kind, id="more", data={"service": "payments", **data})


def metric(*stretches, **data):
    return of(EvidenceKind.METRIC, points=samples.points(*stretches), unit="connections", **data)


@pytest.mark.parametrize(
    ("more", "most"),
    [
        (metric((40, 4), (13, 20)), 0.45),
        (metric((53, 4)), 0.3),
        (metric((2, 4)), 0.3),
        (metric((40, 4), (13, 20), week_before=samples.points((40, 4), (13, 20))), 0.3),
        (metric((20, 4), (20, 40), (13, 4)), 0.45),
        (of(EvidenceKind.LOG, lines=[], messages=[]), 0.3),
        (of(EvidenceKind.LOG, lines=[[NOON, "OOMKilled"]], events=True), 0.45),
        (of(EvidenceKind.CHANGE, at=NOON - 600), 0.45),
        (of(EvidenceKind.CHANGE, at=NOON + 600), 0.3),
        (of(EvidenceKind.STATUS_PAGE, state="outage"), 0.45),
        (of(EvidenceKind.STATUS_PAGE, state="operational"), 0.3),
        (of(EvidenceKind.STATUS_PAGE, state="unknown"), 0.3),
        (of(EvidenceKind.ERROR), 0.45),
    ],
)
def test_only_what_is_out_of_the_ordinary_makes_a_cause_surer(more, most):
    known = material(more)

    assert highest(causes()[1], ("E6",), looked(known), known) == most


@pytest.mark.parametrize(
    ("verdict", "against", "least"),
    [
        (Verdict.LIKELY, ("E4",), 0.4),
        (Verdict.LIKELY, (), 0.4),
        (Verdict.POSSIBLE, ("E4",), 0.0),
        (Verdict.POSSIBLE, (), 0.4),
    ],
)
def test_a_likely_cause_keeps_half_whatever_is_cited_against_it(verdict, against, least):
    cause = causes()[0].model_copy(update={"verdict": verdict, "confidence": 0.8})

    assert lowest(cause, against, looked(material())) == least
