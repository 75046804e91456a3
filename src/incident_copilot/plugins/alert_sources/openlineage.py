"""Takes OpenLineage's run events: what each run did to a dataset, as changes of that dataset.

Set-up: 1. Let the producer (Airflow, Spark, dbt, Flink) send by HTTP: `OPENLINEAGE_URL=https://copilot.example.net`,
`OPENLINEAGE_ENDPOINT=webhooks/openlineage`, `OPENLINEAGE_API_KEY` the secret. 2. Name the datasets in catalog.yaml as
services of `kind: dataset`, and let what uses them depend on them. 3. Where the catalogue calls one otherwise than the
producer, say so in the option `datasets`: `{analytics.prices: prices}`.

API: https://openlineage.io/apidocs/openapi/
"""

from collections.abc import Iterator, Mapping

from pydantic import Field

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.change import Change, ChangeKind, ChangeStatus
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import ByAuthorization

MOST_OUTPUTS, MOST_INPUTS, MOST_ASSERTIONS = 20, 3, 3
_STATES = {
    "START": ChangeStatus.STARTED,
    "RUNNING": ChangeStatus.STARTED,
    "COMPLETE": ChangeStatus.SUCCEEDED,
    "FAIL": ChangeStatus.FAILED,
    "ABORT": ChangeStatus.CANCELLED,
}
_VERBS = {"START": "writes", "RUNNING": "writes", "COMPLETE": "wrote", "FAIL": "failed to write", "ABORT": "gave up"}


class Options(Frozen):
    """The catalogue's names of datasets, by the producer's."""

    datasets: dict[str, str] = Field(default_factory=dict)


def create(env: PluginEnv, options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return OpenLineage(env, options)


class OpenLineage(ByAuthorization):
    """The producers that send to one address; the API key of a client of OpenLineage is the secret."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        super().__init__(env, "openlineage")
        self._datasets = options.datasets

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return a change for each dataset that a run writes, or for its job where it names none."""
        del headers
        sent = Fields.of(self._secrets.source, body)
        state = sent.text("eventType").upper()
        if "run" not in sent or state == "OTHER":  # events about a job or dataset as such, and further metadata
            return Delivery(ignored=state.lower() or "no run")
        if state not in _STATES:
            return Delivery(unknown=f"eventType {state or 'is missing'}")
        outputs = sent.each("outputs")[:MOST_OUTPUTS]
        return Delivery(changes=tuple(self._change(sent, state, one) for one in outputs or (None,)))

    def _change(self, sent: Fields, state: str, output: Fields | None) -> Change:
        job, dataset = sent.required("job.name"), output.required("name") if output else ""
        said = f"{job} {_VERBS[state]} {dataset}".strip() + _made_of(sent)
        return alert_fields.change(
            sent.source,
            self._now(),
            key=f"{sent.required('run.runId')}|{dataset}",
            kind=ChangeKind.DATASET,
            title=", ".join([said, *_rows(output), *_broken(sent), *_error(sent)]),
            status=_STATES[state],
            service=self._datasets.get(dataset or job, dataset or job),
            version=(output.text("facets.version.datasetVersion") if output else "") or None,
            link=sent.text("job.facets.sourceCodeLocation.url") or None,
            at=sent.time("eventTime"),
        )


def _made_of(sent: Fields) -> str:
    """Return what a run reads, as far as it says so."""
    names = [name for one in sent.each("inputs") if (name := one.text("name"))]
    more = f" and {len(names) - MOST_INPUTS} more" if len(names) > MOST_INPUTS else ""
    return f" from {', '.join(names[:MOST_INPUTS])}{more}" if names else ""


def _rows(output: Fields | None) -> Iterator[str]:
    rows = output.text("outputFacets.outputStatistics.rowCount") if output else ""
    if rows:
        yield f"{rows} rows"


def _broken(sent: Fields) -> Iterator[str]:
    """Yield the assertions on inputs that do not hold, which producers report beside the run."""
    told = [one for data in sent.each("inputs") for one in _assertions(data) if one.text("success") == "false"]
    names = [f"{one.text('assertion')}({one.text('column')})" for one in told[:MOST_ASSERTIONS]]
    if names:
        yield f"{len(told)} assertions do not hold: {', '.join(names)}"


def _assertions(data: Fields) -> tuple[Fields, ...]:
    return data.each("inputFacets.dataQualityAssertions.assertions") or data.each(
        "facets.dataQualityAssertions.assertions"
    )


def _error(sent: Fields) -> Iterator[str]:
    message = sent.text("run.facets.errorMessage.message")
    if message:
        yield message.splitlines()[0][:160]
