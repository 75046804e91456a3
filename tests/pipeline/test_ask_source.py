"""A source is asked about one service near an incident, in a window of time: bounded, and never of what opted out."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from incident_copilot.domain.catalog import Catalog, Service
from incident_copilot.domain.evidence import EvidenceGap, EvidenceKind
from incident_copilot.errors import VendorUnavailable
from incident_copilot.pipeline.ask_source import ask_source, near, span
from incident_copilot.pipeline.deps import Policy

from .samples import NOON, alert, change, evidence, incident

CATALOG = Catalog(
    services=(
        Service(name="storefront", depends_on=("checkout",)),
        Service(name="checkout", depends_on=("payments", "vault", "stripe"), repo="acme/checkout"),
        Service(name="payments", depends_on=("ledger",)),
        Service(name="ledger", depends_on=("ledger-db",), repo="acme/ledger"),
        Service(name="ledger-db", depends_on=("disks",)),
        Service(name="disks"),
        Service(name="vault", depends_on=("ledger-db",), model=False),
        Service(name="elsewhere"),
    )
)
MEMBERS = (alert(), alert("SlowPayments", service="payments"))


class Source:
    """A context source that keeps what it was asked."""

    finds = frozenset({EvidenceKind.METRIC})

    def __init__(self, *found, name="Prometheus", error=None, gate=None):
        self.found, self.name, self.error, self.gate, self.asked = found, name, error, gate, []

    async def gather(self, question):
        self.asked.append(question)
        if self.gate:
            await self.gate.wait()
        if self.error:
            raise self.error
        return list(self.found)


async def ask(deps, *sources, service="ledger", window="around the beginning", **policy):
    known = replace(deps, catalog=CATALOG, context_sources=sources, policy=Policy(**policy))
    return await ask_source(known, incident(), MEMBERS, source="Prometheus", service=service, window=window)


def metric(service, **fields):
    return evidence(title=f"load of {service}", data={"points": [[0, 1]], "unit": "", "service": service}, **fields)


def test_near_are_the_services_below_and_above_of_the_catalogue_nearest_first():
    # stripe is in no catalogue, vault opted out, and disks are further below than three hops that do not go through it.
    assert near(CATALOG, incident(), [alert()]) == ("checkout", "payments", "storefront", "ledger", "ledger-db")


def test_near_is_measured_from_the_services_of_the_alerts_too():
    assert near(CATALOG, incident(), MEMBERS)[:3] == ("checkout", "payments", "ledger")


def test_an_incident_of_a_service_that_is_in_no_catalogue_is_near_itself_alone():
    assert near(CATALOG, incident(service="unheard"), []) == ("unheard",)
    assert near(CATALOG, incident(service=None), []) == ()


def test_of_many_services_the_nearest_are_near():
    many = Catalog(services=(Service(name="hub"), *(Service(name=f"s{n:02}", depends_on=("hub",)) for n in range(40))))

    assert near(many, incident(service="hub"), []) == ("hub", *(f"s{n:02}" for n in range(19)))


@pytest.mark.parametrize(
    ("window", "since", "until"),
    [
        ("around the beginning", timedelta(minutes=-30), timedelta(minutes=20)),
        ("last 15 minutes", timedelta(minutes=5), timedelta(minutes=20)),
        ("the hour before", timedelta(hours=-1), timedelta()),
    ],
)
def test_a_window_is_measured_from_the_beginning_or_from_now(window, since, until):
    assert span(window, NOON, NOON + timedelta(minutes=20)) == (NOON + since, NOON + until)


async def test_one_service_is_asked_about_with_its_repository_and_its_own_alerts(deps):
    source, other = Source(), Source(name="Loki")

    await ask(deps, source, other)
    await ask(deps, source, other, service="payments", window="the hour before")

    [first, second] = source.asked
    assert other.asked == []
    assert (first.services, first.repos, first.alerts) == (("ledger",), {"ledger": "acme/ledger"}, ())
    assert (second.services, second.repos, [one.name for one in second.alerts]) == (("payments",), {}, ["SlowPayments"])
    assert (second.since, second.until) == (NOON - timedelta(hours=1), NOON)


@pytest.mark.parametrize(("window", "days"), [("same hour yesterday", 1), ("same hour last week", 7)])
async def test_of_another_day_it_is_asked_as_if_it_had_begun_then(deps, window, days):
    source, then = Source(), NOON - timedelta(days=days)

    await ask(deps, source, service="payments", window=window)

    [asked] = source.asked
    assert (asked.since, asked.until) == (then - timedelta(minutes=30), then + timedelta(minutes=30))
    assert (asked.incident.started_at, [one.starts_at for one in asked.alerts]) == (then, [then])


async def test_what_is_found_says_of_when_it_is(deps):
    found = await ask(deps, Source(metric("ledger"), change(service="ledger")), window="same hour last week")

    assert [item.title for item in found.evidence] == [
        "load of ledger, same hour last week",
        "Deploy of ledger v2.31.0",
    ]
    assert {item.data["window"] for item in found.evidence} == {"same hour last week"}


async def test_the_messages_of_a_log_that_are_new_are_told_with_a_few_of_its_lines(deps):
    at = NOON.timestamp()
    lines = [[at - 1500 + 10 * place, "request served"] for place in range(180)]
    lines += [[at + place, f"ERROR no connection left after {place} s"] for place in range(60)]
    data = {"lines": lines, "truncated": False, "service": "ledger", "since": at - 1500, "until": at + 300}

    found = await ask(deps, Source(evidence(EvidenceKind.LOG, title="Errors of ledger", query=None, data=data)))

    [item] = found.evidence
    assert [one["change"] for one in item.data["messages"]] == ["new"]
    assert len(item.data["lines"]) < 20


async def test_what_a_source_tells_of_a_service_that_opted_out_is_left_out(deps):
    found = await ask(deps, Source(metric("vault"), metric("ledger")))

    assert [item.data["service"] for item in found.evidence] == ["ledger"]


async def test_a_source_in_trouble_or_too_slow_is_a_gap(deps):
    broken = await ask(deps, Source(error=VendorUnavailable("Prometheus: HTTP 503")))
    slow = await ask(deps, Source(gate=asyncio.Event()), context_deadline=timedelta(milliseconds=1))

    assert broken.gaps == (EvidenceGap(source="Prometheus", reason="HTTP 503"),)
    assert slow.gaps == (EvidenceGap(source="Prometheus", reason="no answer in 0.001 s"),)
    assert (broken.evidence, slow.evidence) == ((), ())
