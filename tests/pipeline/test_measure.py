"""The alerting metric, read now: healthy, not healthy, or not readable."""

from dataclasses import replace

import pytest

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.errors import VendorUnavailable
from incident_copilot.pipeline.measure import alerting_metrics, is_about, query_of
from incident_copilot.vendors.together import PartlyAnswered

from .samples import NOON, alert, evidence, incident, points


class Source:
    """A source of metrics that answers with what it is given, or fails."""

    name = "Prometheus"
    finds = frozenset({EvidenceKind.METRIC})

    def __init__(self, *found, error=None):
        self.found, self.error, self.asked = found, error, []

    async def gather(self, question):
        self.asked.append(question)
        if self.error:
            raise self.error
        return self.found


def at(*values, **fields):
    """Evidence for each value: what the alert measures, at that value now."""
    data = {"unit": "ratio", "service": "checkout"}
    return [evidence(data=data | {"points": points((3, value))}, **fields) for value in values]


async def read(deps, *sources, alerts=None):
    with_sources = replace(deps, context_sources=sources)
    return await alerting_metrics(with_sources, incident(), alerts or [alert()], deadline_s=0.05)


@pytest.mark.parametrize(
    ("value", "healthy", "text"),
    [
        (0.2, False, "HighErrorRate: 20.2 %, still over its limit of 5 %"),
        (0.004, True, "HighErrorRate: 0.4 %, back inside its limit of 5 %"),
    ],
)
async def test_value_is_held_against_the_limit_of_the_alert(deps, value, healthy, text):
    (reading,) = await read(deps, Source(*at(value)))

    assert (reading.healthy, reading.text) == (healthy, text)
    assert reading.evidence.kind is EvidenceKind.METRIC


async def test_worst_of_several_series_counts(deps):
    (reading,) = await read(deps, Source(*at(0.01, 0.2, 0.02)))

    assert (reading.healthy, round(reading.value, 3)) == (False, 0.202)


async def test_alert_below_a_limit_is_healthy_above_it(deps):
    low = alert(expression="up_ratio < 0.9")

    (reading,) = await read(deps, Source(*at(0.95, query="up_ratio")), alerts=[low])

    assert reading.healthy is True


@pytest.mark.parametrize(
    "source",
    [
        Source(error=VendorUnavailable("Prometheus: HTTP 503")),
        Source(),
        Source(*at(0.2, query="something_else")),
        Source(evidence(data={"points": [], "unit": "", "service": None})),
    ],
)
async def test_metric_that_is_not_there_is_no_verdict(deps, source):
    (reading,) = await read(deps, source)

    assert (reading.healthy, reading.value, reading.evidence) == (None, None, None)
    assert reading.text == "HighErrorRate: the metric could not be read in 0.05 s"


async def test_part_of_an_answer_is_enough_when_it_holds_the_metric(deps):
    partly = Source(error=PartlyAnswered("one query failed", at(0.004)))

    (reading,) = await read(deps, partly)

    assert reading.healthy is True


async def test_alerts_that_share_an_expression_are_read_once_and_at_most_three_are(deps):
    source = Source()
    many = [alert(f"A{number}", expression=f"m{number} > 1") for number in range(5)]
    twins = [alert("B1", expression="m0 > 1"), alert("NoLimit", expression="m9"), alert("None", expression=None)]

    readings = await read(deps, source, alerts=[*twins, *many])

    assert len(readings) == 3
    assert [question.until for question in source.asked] == [NOON] * 3


def test_metric_is_known_by_its_query_without_the_limit():
    assert query_of(alert()) == 'job:http_errors:ratio{service="checkout"}'
    assert query_of(alert(expression=None)) is None
    assert is_about(evidence(), alert())
    assert not is_about(evidence(EvidenceKind.LOG, data={}), alert())
    last_week = evidence().data | {"window": "same hour last week"}
    assert not is_about(evidence(data=last_week), alert())
