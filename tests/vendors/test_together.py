"""Asking several things at once: nothing found is lost, and no failure is hidden."""

import asyncio
from datetime import UTC, datetime

import pytest

from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.errors import VendorRefused, VendorUnavailable
from incident_copilot.vendors.together import PartlyAnswered, ask_all, note_in


def found(name):
    return Evidence(
        id=name,
        incident_id="i",
        source="s",
        kind=EvidenceKind.LOG,
        title=name,
        summary="",
        taken_at=datetime(2026, 11, 21, tzinfo=UTC),
    )


async def answer(*names):
    return [found(name) for name in names]


async def fail(error):
    raise error


async def test_everything_found_comes_in_the_order_asked():
    assert await ask_all([answer("a", "b"), answer(), answer("c")]) == [found("a"), found("b"), found("c")]


async def test_failure_keeps_what_others_found():
    asks = [answer("a"), fail(VendorRefused("x: HTTP 404", 404)), fail(VendorUnavailable("y: away"))]

    with pytest.raises(PartlyAnswered, match=r"^x: HTTP 404 \(and 1 more\)$") as caught:
        await ask_all(asks)

    assert caught.value.found == (found("a"),)


async def test_single_failure_is_told_as_it_is():
    with pytest.raises(PartlyAnswered, match=r"^x: HTTP 404$"):
        await ask_all([answer("a"), fail(VendorRefused("x: HTTP 404", 404))])


async def test_what_a_part_found_before_it_failed_is_kept_too():
    part = PartlyAnswered("x: HTTP 404", [found("a")])

    with pytest.raises(PartlyAnswered, match=r"^x: HTTP 404$") as caught:
        await ask_all([fail(part), answer("b")])

    assert caught.value.found == (found("a"), found("b"))


async def test_nothing_found_and_a_failure_is_that_failure():
    with pytest.raises(VendorUnavailable, match=r"^y: away$"):
        await ask_all([answer(), fail(VendorUnavailable("y: away"))])


async def test_bug_is_not_taken_for_a_vendor():
    with pytest.raises(ZeroDivisionError):
        await ask_all([answer("a"), fail(ZeroDivisionError())])


async def test_no_more_than_allowed_are_asked_at_once():
    running, most = 0, 0

    async def look():
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return []

    await ask_all([look() for _ in range(9)], at_once=3)

    assert most == 3


async def test_what_is_found_is_noted_as_it_comes_for_those_who_cannot_wait():
    so_far, others = [], asyncio.Event()

    async def hang():
        others.set()
        await asyncio.Event().wait()

    async def look():
        note_in(so_far)
        return await ask_all([answer("a"), hang()])

    looking = asyncio.create_task(look())
    await others.wait()
    looking.cancel()

    assert so_far == [found("a")]
