"""GET /metrics in Prometheus' text format. Names after https://prometheus.io/docs/practices/naming/."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from incident_copilot.domain.measures import Measures
from incident_copilot.domain.source_health import SourceHealth
from incident_copilot.store.egress import Rate
from incident_copilot.store.gauges import Gauges, ModelUse

Sample = tuple[Sequence[str], float]


def text(
    counted: Gauges, sources: Sequence[SourceHealth], chat_trouble: str | None, measured: Measures, now: datetime
) -> bytes:
    """Return the page."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(
        _Once(
            [
                *_work(counted, now),
                *_surroundings(sources, chat_trouble),
                *_models(counted.model_use),
                _grounding(counted.grounding),
                _model_failures(counted.model_failures),
                *_answers(counted),
                *_incidents(measured),
            ]
        )
    )
    return generate_latest(registry)


class _Once(Collector):
    def __init__(self, families: Iterable[GaugeMetricFamily]) -> None:
        self._families = families

    def collect(self) -> Iterable[GaugeMetricFamily]:
        return self._families


def _work(counted: Gauges, now: datetime) -> Iterator[GaugeMetricFamily]:
    by_severity: list[Sample] = [((name,), float(count)) for name, count in counted.incidents.items()]
    yield _family("incidents_running", "Incidents that have not ended.", by_severity, ["severity"])
    yield _family("alerts_waiting", "Alerts that no incident or digest has been found for yet.", counted.alerts_waiting)
    effects: list[Sample] = [((state,), float(count)) for state, count in counted.effects.items()]
    yield _family("effects_open", "Messages, pages and actions that are not settled.", effects, ["state"])
    waits = _seconds(counted.oldest_effect, now)
    yield _family("effects_oldest_seconds", "How long the oldest effect that is due has been waiting.", waits)
    jobs: list[Sample] = [((state,), float(count)) for state, count in counted.jobs.items()]
    yield _family("jobs", "Steps of work that are due, being done, or were given up.", jobs, ["state"])
    yield _family("jobs_oldest_seconds", "How long the oldest job is overdue.", _seconds(counted.oldest_job, now))
    yield _family("dead_letters", "Webhooks that were not understood and wait for people.", counted.dead_letters)


def _surroundings(sources: Sequence[SourceHealth], chat_trouble: str | None) -> Iterator[GaugeMetricFamily]:
    heard: list[Sample] = [((one.source,), one.last_at.timestamp()) for one in sources if one.last_at]
    yield _family("source_heard_timestamp_seconds", "When an alert source delivered last.", heard, ["source"])
    lags: list[Sample] = [((one.source,), one.lag_s) for one in sources if one.lag_s is not None]
    yield _family("source_lag_seconds", "How long after its start the newest alert arrived.", lags, ["source"])
    yield _family(
        "chat_away", "1 while the chat does not answer or refuses the copilot.", int(chat_trouble is not None)
    )


def _models(uses: Sequence[ModelUse]) -> Iterator[GaugeMetricFamily]:
    names = ["purpose", "model"]
    calls: list[Sample] = [
        ((use.purpose, use.model, outcome), float(count))
        for use in uses
        for outcome, count in (("answered", use.answered), ("failed", use.failed))
    ]
    yield _family("model_calls_day", "Questions to language models in the last 24 h.", calls, [*names, "outcome"])
    tokens: list[Sample] = [
        ((use.purpose, use.model, direction), float(count))
        for use in uses
        for direction, count in (("input", use.input_tokens), ("output", use.output_tokens))
    ]
    yield _family("model_tokens_day", "Tokens of these.", tokens, [*names, "direction"])


def _grounding(rates: Sequence[Rate]) -> GaugeMetricFamily:
    sentences: list[Sample] = [
        ((one.model, one.prompt, outcome), float(count))
        for one in rates
        for outcome, count in (("stood", one.sentences - one.struck), ("struck", one.struck))
    ]
    text = "Sentences of language models that evidence supported, and that were struck, in the last 24 h."
    return _family("model_sentences_day", text, sentences, ["model", "prompt", "outcome"])


def _model_failures(failures: Mapping[str, int]) -> GaugeMetricFamily:
    by_model: list[Sample] = [((model,), float(count)) for model, count in failures.items()]
    text = "Questions in a row that a language model has left without a usable answer; after 5 it is left alone."
    return _family("model_failures_in_a_row", text, by_model, ["model"])


def _answers(counted: Gauges) -> Iterator[GaugeMetricFamily]:
    ended: list[Sample] = [((outcome,), float(count)) for outcome, count in counted.answers.items()]
    yield _family("answers_day", "Questions of people in the last 24 h, by how they were answered.", ended, ["outcome"])
    judged: list[Sample] = [((word,), float(n)) for word, n in zip(("yes", "no"), counted.judged, strict=True)]
    yield _family("answers_judged", "Answers that people judged, by whether they helped.", judged, ["helpful"])


def _incidents(measured: Measures) -> Iterator[GaugeMetricFamily]:
    """Labels are phases, severities and kinds of suggestion, so that their number is bounded."""
    all_of_them = {"all": measured.times} | measured.by.get("severity", {})
    took: list[Sample] = [
        ((phase.value, severity, statistic), value)
        for severity, times in all_of_them.items()
        for phase, one in times.items()
        for statistic, value in (("median", one.median), ("p90", one.p90), ("mean", one.mean))
    ]
    text = "How long phases of the incidents of the last 30 days took."
    yield _family("incident_phase_seconds", text, took, ["phase", "severity", "statistic"])
    counts: list[Sample] = [
        ((phase.value, severity), float(one.number))
        for severity, times in all_of_them.items()
        for phase, one in times.items()
    ]
    yield _family("incident_phase_count", "How many incidents these rest on.", counts, ["phase", "severity"])
    decided: list[Sample] = [
        ((one.name, outcome), float(number))
        for one in measured.accepted
        for outcome, number in (("taken", one.part), ("rejected", one.whole - one.part))
    ]
    yield _family("suggestions_decided", "Suggestions decided in these, by kind.", decided, ["kind", "outcome"])
    shares = {
        "detection": measured.detection[:1],
        "undetected": measured.detection[1:],
        "updates_on_time": (measured.updates,),
        "recurring": (measured.recurring,),
    }
    parts: list[Sample] = [((name,), one.part / one.whole) for name, of in shares.items() for one in of if one]
    yield _family(
        "incident_share", "False alarms, undetected, updates on time, recurring: from 0 to 1.", parts, ["what"]
    )
    if measured.rating:
        yield _family("rating", "How useful people found the copilot, mean of 1 to 5.", measured.rating.mean)


def _family(
    name: str, help_text: str, value: float | Sequence[Sample], labels: Sequence[str] = ()
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"copilot_{name}", help_text, labels=labels)
    for keys, number in value if isinstance(value, Sequence) else [((), float(value))]:
        family.add_metric(list(keys), number)
    return family


def _seconds(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
