"""Every kind of cause says how it works, what speaks for and against it, and what to look at next."""

from typing import get_args

import pytest

from incident_copilot.analysis.changes import Change, Symptoms, rank_changes
from incident_copilot.analysis.findings import CauseKind, Event, Findings, ProviderStatus
from incident_copilot.analysis.hypotheses import weigh
from incident_copilot.analysis.ranking import RankedSeries
from incident_copilot.analysis.readings import Reading
from incident_copilot.analysis.signatures import SIGNATURES

ONSET = 1_700_000_000.0
GRAPH = {"shop": ("stock",), "stock": ()}
KINDS = get_args(CauseKind)


def series(name, service, *, up=True):
    direction = "up" if up else "flat"
    told = f"{name} {'rose' if up else 'stayed within what is normal for it'}"
    return RankedSeries(name, service, 9.0 if up else 0.0, 0.0, 10.0, 50.0 if up else 10.0, direction, up, told)


def moved(*named):
    return {f"s-{name}": series(name, service) for name, service in named}


def steady(*named):
    return {f"s-{name}": series(name, service, up=False) for name, service in named}


def event(text, service="shop"):
    return {"e": Event(ONSET, text, service)}


def deploy(*, before=3600.0, title="Tidy", service="shop"):
    change = Change("c", service, ONSET - before, "deploy", title, "+++ b/stock/rows.py\n+ rows = stock_rows()\n")
    symptoms = Symptoms("shop", ONSET, log_texts=("cannot read stock_rows of rows.py",), depends_on=GRAPH)
    return {one.change.id: one for one in rank_changes([change], symptoms)}


CALM = {name: Reading(name, "shop", "", 1, 1, 1, "flat", False, False) for name in ("errors", "latency_s", "cpu")}
WORLDS = {
    "change": {"changes": deploy(), "changes_known": True},
    "saturation": {"series": moved(("cpu usage", "stock")) | steady(("error ratio", "stock"))},
    "dependency": {"series": moved(("error ratio", "stock")) | steady(("latency p95", "stock"))},
    "external provider": {"providers": {"p": ProviderStatus("paypath", "outage", ONSET + 3600)}},
    "traffic": {"series": moved(("requests per second", "shop")) | steady(("cpu usage", "shop"))},
    "infrastructure": {"events": event("Node n-7 NodeNotReady"), "series": steady(("error ratio", "shop"))},
    "configuration": {"events": event("x509: certificate has expired"), "series": steady(("error ratio", "shop"))},
    "defect": {"events": event("NullPointerException in rows"), "series": steady(("error ratio", "shop"))},
    "nothing is wrong": {"readings": CALM},
    "no change explains this": {"changes": deploy(before=1200, title="New banner"), "changes_known": True},
    "not enough data": {"gaps": {"gap": "Loki: no answer"}, "series": moved(("error ratio", "shop"))},
}


@pytest.mark.parametrize("kind", KINDS)
def test_kind_says_how_it_works_what_speaks_for_and_against_it_and_what_to_look_at_next(kind):
    world = {"changes_known": False, **WORLDS[kind]}
    findings = Findings(alert="alert", service="shop", onset_at=ONSET, depends_on=GRAPH, **world)
    held = {"alert", *(key for found in world.values() if isinstance(found, dict) for key in found)}

    cause = next(one for one in weigh(findings) if one.kind == kind)

    assert "" not in (cause.title, cause.mechanism, cause.next_check, cause.confirm, cause.refute)
    for statements in (cause.supporting, cause.contradicting):
        assert [one.text for one in statements if not one.text or not one.keys or not held.issuperset(one.keys)] == []
        assert statements != ()


def test_steady_symptom_of_a_cause_is_told_against_it():
    findings = Findings("alert", "shop", ONSET, depends_on=GRAPH, changes_known=False, **WORLDS["saturation"])

    (full,) = (one for one in weigh(findings) if one.kind == "saturation")

    assert [one.text for one in full.contradicting] == ["error ratio stayed within what is normal for it"]


@pytest.mark.parametrize("signature", SIGNATURES, ids=lambda one: one.id)
def test_signature_says_what_would_settle_it(signature):
    told = (signature.title, signature.mechanism, signature.next_check, signature.confirm, signature.refute)

    assert "" not in told
    assert "{" not in " ".join(one.format(service="shop") for one in told)
