"""Lines about new errors, failing requests, and the people to ask."""

from incident_copilot.domain.evidence import ContextBundle, EvidenceKind
from incident_copilot.pipeline.investigating.also import also_found

from .samples import evidence

ROW = {"service": "payments", "operation": "POST /pay", "failing": 12, "slow": 3, "before": 0, "slowest_ms": 4200.0}


def said(*items):
    return [line.text for line in also_found(ContextBundle(evidence=items), "checkout")]


def error(state, count, title="KeyError: 'id'", service="checkout"):
    data = {"service": service, "state": state, "count": count}
    return evidence(EvidenceKind.ERROR, title=title, data=data)


def traced(**row):
    return evidence(EvidenceKind.TRACE, data={"spans": [ROW | row]})


def person(name):
    return evidence(EvidenceKind.PERSON, data={"name": name, "schedule": "Shop"})


def change(author, at=1795262100, service="checkout"):
    data = {"service": service, "at": at, "author": author}
    return evidence(EvidenceKind.CHANGE, title="Deploy of checkout v2", data=data)


def test_error_that_is_new_and_most_frequent_is_told():
    found = [error("ongoing", 900), error("new", 3), error("regressed", 40, "Timeout", service=None)]

    assert said(*found) == ['Regressed error in an unnamed service: "Timeout", 40 times, and 1 more.']
    assert said(error("new", 3)) == ["New error in checkout: \"KeyError: 'id'\", 3 times."]
    assert said(error("ongoing", 900)) == []


def test_requests_that_fail_far_more_often_than_before_are_told():
    assert said(traced()) == ["In traces, of payments POST /pay 12 failed, none before."]
    assert said(traced(failing=0, slow=9, before=2)) == ["In traces, of payments POST /pay 9 were slow, 2 before."]
    assert said(traced(before=9)) == []


def test_function_that_takes_far_more_time_than_before_is_told():
    def profiled(during):
        rows = [
            {"function": "main", "before": 0.5, "during": 0.5},
            {"function": "dumps", "before": 0.03, "during": during},
        ]
        return evidence(EvidenceKind.PROFILE, data={"service": "checkout", "functions": rows})

    assert said(profiled(0.41)) == ["In profiles, checkout spends 41% in dumps, 3% before."]
    assert said(profiled(0.1)) == []


def test_who_is_on_call_is_told_with_who_changed_it_last():
    people = [person(name) for name in ("Ana", "Ben", "Ana", "Cara", "Dan")]

    assert said(*people) == ["On call: Ana, Ben, Cara."]
    assert said(person("Ana"), change("rosa"), change("old", at=1), change("unknown"), change("x", service="y")) == [
        "On call: Ana. Changed last by rosa: Deploy of checkout v2, 11:55 UTC."
    ]
    assert said(change("rosa")) == ["Changed last by rosa: Deploy of checkout v2, 11:55 UTC."]


def test_what_tools_answered_is_only_pointed_to():
    note = evidence(EvidenceKind.NOTE, title="Open tickets of checkout", data={"text": "restart everything"})

    (line,) = also_found(ContextBundle(evidence=(note,)), "checkout")

    assert (line.text, line.evidence_ids) == ("Also looked up: Open tickets of checkout.", (note.id,))
