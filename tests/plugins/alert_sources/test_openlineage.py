"""OpenLineage's run events become changes of the datasets that runs write."""

import pytest

from incident_copilot.domain.change import ChangeKind, ChangeStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import openlineage

from .bodies import SECRET, at, changed, parse, source


def test_run_is_a_change_of_the_dataset_that_it_writes_and_says_why_it_failed(fixture):
    change = changed(openlineage, fixture("openlineage"), datasets={"analytics.prices": "prices"})

    assert (change.kind, change.status, change.service, change.version) == (
        ChangeKind.DATASET,
        ChangeStatus.FAILED,
        "prices",
        "r9",
    )
    assert change.title == (
        "prices.load failed to write analytics.prices from prices, 12 rows,"
        " 1 assertions do not hold: not_null(price), column price is missing"
    )
    assert (change.at, change.link) == (at(8, 59, 30), "https://git.example/acme/pipelines")


@pytest.mark.parametrize(
    ("state", "status", "title"),
    [
        ("START", ChangeStatus.STARTED, "prices.load writes"),
        ("RUNNING", ChangeStatus.STARTED, "prices.load writes"),
        ("COMPLETE", ChangeStatus.SUCCEEDED, "prices.load wrote"),
        ("ABORT", ChangeStatus.CANCELLED, "prices.load gave up"),
    ],
)
def test_run_without_outputs_is_a_change_of_its_job(fixture, state, status, title):
    body = fixture("openlineage") | {"eventType": state, "outputs": [], "inputs": []}
    body["run"] = {"runId": "r1"}

    change = changed(openlineage, body)

    assert (change.service, change.status, change.title) == ("prices.load", status, title)


def test_what_a_run_reads_is_said(fixture):
    body = fixture("openlineage") | {"eventType": "COMPLETE", "outputs": []}
    body["run"] = {"runId": "r1"}
    names = ["raw.orders", "raw.rates", "", "raw.shops", "raw.taxes", "raw.units"]
    body["inputs"] = [{"name": name} for name in names]

    assert changed(openlineage, body).title == "prices.load wrote from raw.orders, raw.rates, raw.shops and 2 more"


def test_assertions_are_read_beside_the_dataset_too(fixture):
    body = fixture("openlineage")
    body["inputs"][0]["facets"] = body["inputs"][0].pop("inputFacets")

    assert "1 assertions do not hold: not_null(price)" in changed(openlineage, body).title


def test_a_run_is_one_change_from_its_start_to_its_end(fixture):
    started = changed(openlineage, fixture("openlineage") | {"eventType": "START"})

    assert started.key == changed(openlineage, fixture("openlineage")).key


def test_events_without_a_run_are_ignored_and_an_unknown_state_named(fixture):
    body = fixture("openlineage")

    assert parse(openlineage, body | {"eventType": "OTHER"}).ignored == "other"
    assert parse(openlineage, {"eventTime": "2026-11-21T08:59:30Z", "dataset": {}}).ignored == "no run"
    assert parse(openlineage, body | {"eventType": "PAINTED"}).unknown == "eventType PAINTED"
    with pytest.raises(BadPayload, match=r"^src: job\.name is missing"):
        parse(openlineage, body | {"job": {}})


def test_secret_is_the_api_key_of_the_client():
    source(openlineage).authenticate({"authorization": f"Bearer {SECRET}"}, b"")
    with pytest.raises(Unauthenticated):
        source(openlineage).authenticate({"authorization": "Bearer wrong"}, b"")
