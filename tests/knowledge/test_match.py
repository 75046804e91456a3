"""Matching an alert to runbooks: links, names, words, services; and nothing when nothing fits."""

import pytest

from incident_copilot.knowledge.match import RunbookIndex, match_runbooks
from incident_copilot.knowledge.runbook import Library, StepKind
from incident_copilot.knowledge.runbooks import parse_runbook

DISK = """\
---
title: Disk full
alerts: [DiskFull, HostOutOfDiskSpace]
types: [disk]
---
## Meaning

A file system has no space left.

## First five minutes

1. **Look.**

## Diagnosis

1. **Find large directories.**
"""
QUEUE = """\
---
title: Queue backlog
alerts: [QueueBacklog]
types: [queue]
---
## Meaning

Consumers lag behind and messages pile up in the topic.
"""
POOL = """\
---
title: Connection pool exhausted
alerts: [PoolExhausted]
---
## Meaning

Requests wait for a database connection.
"""
ORDERS_DISK = """\
---
title: Disk of the orders database full
alerts: [DiskFull]
services: [orders]
---
## Meaning

The orders database has no space left on its file system.
"""


def index(**sources):
    return RunbookIndex.build(
        Library(
            runbooks=tuple(
                parse_runbook(f"{name.replace('_', '/')}.md", text.encode())[0] for name, text in sources.items()
            )
        )
    )


RUNBOOKS = index(ops_disk=DISK, queue=QUEUE, pool=POOL, orders=ORDERS_DISK)


def match(runbooks=RUNBOOKS, *, name="Unknown", summary="", labels=None, annotations=None, **more):
    return match_runbooks(
        runbooks,
        alert_name=name,
        labels=labels or {},
        annotations={"summary": summary, **(annotations or {})},
        **more,
    )


def ids(matches):
    return [one.runbook.id for one in matches]


@pytest.mark.parametrize(
    "url",
    [
        "https://runbooks.example.com/ops/disk",
        "https://runbooks.example.com/disk.md",
        "https://runbooks.example.com/Disk.html",
        "https://runbooks.example.com/a%2Fdisk/?team=sre",
        "https://runbooks.example.com/runbooks/HostOutOfDiskSpace/",
    ],
)
def test_link_of_the_alert_leads_to_its_runbook(url):
    (found,) = match(runbook_url=url)

    assert (found.runbook.id, found.section.id, found.score, found.reasons) == (
        "ops/disk",
        "first-five-minutes",
        1.0,
        ("the alert links to it",),
    )


def test_link_is_read_from_the_annotations_and_may_name_a_section():
    (found,) = match(annotations={"runbook_url": "https://runbooks.example.com/disk#Diagnosis"})

    assert (found.runbook.id, found.section.id) == ("ops/disk", "diagnosis")


@pytest.mark.parametrize("url", ["", "https://runbooks.example.com/", "https://[broken", "https://example.com/other"])
def test_link_to_nothing_we_know_finds_nothing(url):
    assert match(runbook_url=url) == []


def test_alert_name_leads_to_the_runbook_that_answers_it():
    found = match(name="disk_full", service="checkout")

    assert [(one.runbook.id, one.score, one.reasons) for one in found] == [
        ("ops/disk", 0.95, ("answers the alert disk_full",))
    ]


@pytest.mark.parametrize(
    ("name", "labels", "service"),
    [
        ("CheckoutDiskFull", {}, "checkout"),
        ("DiskFullOnShopWeb", {"namespace": "on-shop-web", "cluster": "eu"}, None),
    ],
)
def test_alert_name_that_holds_the_place_is_read_without_it(name, labels, service):
    found = match(name=name, labels=labels, service=service)

    assert [(one.runbook.id, one.score) for one in found] == [("ops/disk", 0.95)]


def test_runbook_written_for_the_service_comes_first():
    found = match(name="DiskFull", service="orders")

    assert ids(found) == ["orders", "ops/disk"]
    assert found[0].reasons == ("answers the alert DiskFull", "written for orders")


PLAYBOOK = """\
# Kafka

## KafkaLagHigh

### Mitigation

1. Add a consumer.

## KafkaDiskFull

### Mitigation

1. Shorten retention.
"""


def test_section_called_as_the_alert_answers_it_with_its_own_steps_only():
    (found,) = match(index(kafka=PLAYBOOK), name="KafkaDiskFull")

    assert (found.section.id, found.score, found.reasons) == (
        "kafkadiskfull",
        0.95,
        ("answers the alert KafkaDiskFull",),
    )
    assert [step.text for _, step in found.steps(StepKind.MITIGATION)] == ["Shorten retention."]


def test_words_lead_to_the_section_of_a_playbook_that_says_them():
    (found,) = match(index(kafka=PLAYBOOK), name="Broker", summary="Retention is too long, shorten it", least=0.0)

    assert found.section.id == "kafkadiskfull"


def test_steps_of_a_runbook_for_one_alert_are_all_of_its_steps():
    (found,) = match(name="DiskFull")

    assert [step.text for _, step in found.steps(StepKind.CHECK, StepKind.DIAGNOSTIC)] == [
        "Look.",
        "Find large directories.",
    ]


def test_alert_without_a_name_is_matched_by_its_words_alone():
    assert ids(match(name="", summary="Consumers lag, messages pile up in topic invoices")) == ["queue"]


def test_words_find_the_runbook_with_the_reasons():
    (found,) = match(name="KafkaSlow", summary="Consumers lag behind, messages pile up", kind="queue")

    assert found.runbook.id == "queue"
    assert found.section.id == "meaning"
    assert 0.28 <= found.score <= 0.9
    assert found.reasons == ('says "Consumers", "lag", "behind", "messages", "pile"', "is about queue")


def test_same_type_makes_a_weak_match_strong_enough():
    weak = "large directories"

    assert match(name="", summary=weak, service="checkout") == []
    assert ids(match(name="", summary=weak, service="checkout", kind="disk")) == ["ops/disk"]


def test_runbook_for_another_service_is_left_out_unless_the_link_names_it():
    text = "The orders database has no space left on its file system"

    assert "orders" not in ids(match(summary=text, service="checkout"))
    assert "orders" in ids(match(summary=text, service="orders"))
    assert ids(match(runbook_url="https://runbooks.example.com/orders", service="checkout")) == ["orders"]


def test_names_of_the_place_are_no_symptoms():
    runbooks = index(queue=QUEUE, topic=POOL.replace("Connection pool exhausted", "Topic service"))

    found = match(
        runbooks,
        summary="Consumers of topic-service lag behind, messages pile up",
        labels={"service": "topic-service", "cluster": ""},
        service="topic-service",
    )

    assert ids(found) == ["queue"]


def test_name_of_the_alert_is_a_symptom_even_where_a_place_is_called_so():
    assert ids(match(name="QueueConsumersLag", labels={"namespace": "queue"}, summary="Too far behind")) == ["queue"]


def test_nothing_fits_is_an_empty_list():
    assert match(name="PrinterJam", summary="Paper jam in the printer of office 2") == []


def test_limit_keeps_the_best():
    assert ids(match(name="DiskFull", service="orders", limit=1)) == ["orders"]


def test_runbook_called_as_the_alert_answers_it():
    (found,) = match(name="Connection_pool_exhausted")

    assert (found.runbook.id, found.score) == ("pool", 0.95)


def test_rebuilt_index_finds_an_edited_runbook():
    edited = index(queue=QUEUE.replace("pile up", "jam the printer"))

    rebuilt = RunbookIndex.build(edited.library, before=RUNBOOKS)

    assert ids(match(rebuilt, name="", summary="Messages jam the printer")) == ["queue"]


def test_asking_for_less_shows_what_does_not_fit():
    assert ids(match(name="", summary="large directories", least=0.0)) == ["ops/disk"]
