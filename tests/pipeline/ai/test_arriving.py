"""Nothing of what people wrote is kept as they wrote it."""

from datetime import UTC, datetime

import pytest

from incident_copilot.domain.sampled import Retrieved, Sampled
from incident_copilot.pipeline.ai import arriving
from incident_copilot.ports import Delivery

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
BEN, CARA = "ben.fisher@example.org", "cara@example.net"


def sampled(**fields):
    """Return an interaction."""
    return Sampled.model_validate({"id": "1", "at": NOW, "request": "Hi", **fields})


def test_each_text_is_redacted_with_one_set_of_placeholders():
    one = arriving.redacted(
        sampled(
            id=f"of {CARA}",
            request=f"I am {BEN}",
            response=f"Hello {BEN}, ask {CARA}",
            retrieved=[Retrieved(id="a", text=f"From {CARA}"), Retrieved(id="b")],
            cited=["a", CARA],
            expected=BEN,
            labels={"team": CARA, "version": "7"},
            groups={"age": "40"},
        )
    )

    assert one == sampled(
        id="of [email-2]",
        request="I am [email-1]",
        response="Hello [email-1], ask [email-2]",
        retrieved=[Retrieved(id="a", text="From [email-2]"), Retrieved(id="b")],
        cited=["a", "[email-2]"],
        expected="[email-1]",
        labels={"team": "[email-2]", "version": "7"},
        groups={"age": "40"},
    )


def test_secret_that_would_reach_into_the_next_text_ends_with_its_own():
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA"

    one = arriving.redacted(sampled(request=f"See {key}", response=f"Thanks, {BEN}"))

    assert (one.request, one.response) == ("See [private-key-1]", "Thanks, [email-1]")


@pytest.mark.parametrize("body", [b"{}", b'{"a": "ben.fisher@example.org"}'])
async def test_delivery_without_interactions_stays_as_it_is(body):
    assert await arriving.without_people(Delivery(ignored="ping"), body) == (Delivery(ignored="ping"), body)
    assert await arriving.to_keep(object(), body) == body
