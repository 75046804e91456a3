"""Signatures of Amazon's version 4, by the examples that Amazon publishes."""

from datetime import UTC, datetime

import pytest

from incident_copilot.errors import ConfigError
from incident_copilot.vendors.sigv4 import Keys, keys_of, sign

KEYS = Keys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
NOW = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("method", "url", "headers", "body", "signature"),
    [
        # The test suite of version 4: get-vanilla, post-vanilla, post-x-www-form-urlencoded, and query order.
        ("GET", "/", {}, b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", "/", {}, b"", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        ("POST", "/", FORM, b"Param1=value1", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
        (
            "GET",
            "/?Param2=value2&Param1=value1",
            {},
            b"",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
    ],
)
def test_published_examples_are_signed_as_published(method, url, headers, body, signature):
    signed = sign(method, f"https://example.amazonaws.com{url}", headers, body, KEYS, ("us-east-1", "service"), NOW)

    names = "content-type;host;x-amz-date" if headers else "host;x-amz-date"
    assert signed["authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    assert signed["x-amz-date"] == "20150830T123600Z"


def test_example_of_the_guide_is_signed_as_printed():
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    url = "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"

    signed = sign("GET", url, headers, b"", KEYS, ("us-east-1", "iam"), NOW)

    assert signed["authorization"].endswith("5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")


def test_token_of_temporary_keys_is_signed_too():
    keys = keys_of("AKID:secret:token", "CloudWatch")

    signed = sign("GET", "https://example.amazonaws.com/", {}, b"", keys, ("us-east-1", "service"), NOW)

    assert signed["x-amz-security-token"] == "token"
    assert "SignedHeaders=host;x-amz-date;x-amz-security-token," in signed["authorization"]


def test_secret_of_another_shape_is_refused():
    with pytest.raises(ConfigError, match="CloudWatch: write the secret as ACCESS_KEY_ID:SECRET_ACCESS_KEY"):
        keys_of("AKID", "CloudWatch")
