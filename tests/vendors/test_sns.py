"""Signatures of Amazon SNS, made here with keys of our own."""

import base64
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import respx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from incident_copilot.errors import Unauthenticated, VendorUnavailable
from incident_copilot.vendors import signatures
from incident_copilot.vendors.sns import SnsSignatures
from quick import TLS

NOW = datetime(2026, 11, 21, 9, 10, tzinfo=UTC)
URL = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-1.pem"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(key=KEY, ends_at=NOW + timedelta(days=30)):
    """Return a certificate of this key, as SNS shows its own."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(NOW - timedelta(days=30)).not_valid_after(ends_at)
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def message(version="2", key=KEY, **fields):
    """Return a message signed with this key."""
    sent = {
        "Type": "Notification",
        "MessageId": "m1",
        "Message": "It rains.",
        "TopicArn": "arn:aws:sns:eu-central-1:1:oncall",
        "Timestamp": "2026-11-21T09:09:59.000Z",
        "SigningCertURL": URL,
        "SignatureVersion": version,
    } | fields
    scheme = hashes.SHA1() if version == "1" else hashes.SHA256()
    made = key.sign(signatures.sns_signed_text(sent, NOW), padding.PKCS1v15(), scheme)
    return sent | {"Signature": base64.b64encode(made).decode()}


@pytest.fixture
async def checks():
    async with httpx.AsyncClient(verify=TLS) as http:
        yield SnsSignatures(http, lambda: NOW)


@respx.mock
@pytest.mark.parametrize("version", ["1", "2"])
async def test_signature_of_the_certificates_key_opens(checks, version):
    respx.get(URL).respond(content=certificate())

    await checks.require(message(version))
    await checks.require(message(version, Subject="Weather"))


@respx.mock
async def test_certificate_is_fetched_once(checks):
    route = respx.get(URL).respond(content=certificate())

    await checks.require(message())
    await checks.require(message())

    assert route.call_count == 1


@respx.mock
async def test_few_certificates_are_kept(checks):
    urls = [f"https://sns.eu-central-1.amazonaws.com/{number}.pem" for number in range(9)]
    routes = [respx.get(url).respond(content=certificate()) for url in urls]

    for url in [*urls, urls[0]]:
        await checks.require(message(SigningCertURL=url))

    assert [route.call_count for route in routes] == [2, *[1] * 8]


@respx.mock
@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"Message": "It does not rain."}, "SNS: the signature is missing or not Amazon's"),
        ({"Signature": "?"}, "SNS: the signature is missing or not Amazon's"),
        ({"Signature": None}, "SNS: the signature is missing or not Amazon's"),
        ({"SignatureVersion": "1"}, "SNS: the signature is missing or not Amazon's"),
        ({"SignatureVersion": "3"}, "SNS: the version of the signature is not 1 or 2"),
        ({"SigningCertURL": "https://evil.example/x.pem"}, "SNS: the signing certificate is not one of Amazon's"),
        ({"Timestamp": "2026-11-21T07:00:00Z"}, "SNS: the message was signed at another time"),
    ],
)
async def test_message_that_was_changed_is_refused(checks, changed, problem):
    respx.get(URL).respond(content=certificate())

    with pytest.raises(Unauthenticated) as caught:
        await checks.require(message() | changed)

    assert str(caught.value) == problem


@respx.mock
async def test_signature_of_another_key_is_refused(checks):
    respx.get(URL).respond(content=certificate())

    with pytest.raises(Unauthenticated, match="not Amazon's"):
        await checks.require(message(key=OTHER))


@respx.mock
@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"<html>", "SNS: there is no certificate where the message says"),
        (certificate(ends_at=NOW - timedelta(days=1)), "SNS: the certificate is not valid now"),
        (certificate(ec.generate_private_key(ec.SECP256R1())), "SNS: the certificate holds no RSA key"),
    ],
)
async def test_certificate_that_cannot_be_used_is_refused(checks, content, problem):
    respx.get(URL).respond(content=content)

    with pytest.raises(Unauthenticated) as caught:
        await checks.require(message())

    assert str(caught.value) == problem


@respx.mock
async def test_redirect_to_another_place_is_not_followed(checks):
    respx.get(URL).respond(302, headers={"location": "https://evil.example/x.pem"})

    with pytest.raises(Unauthenticated, match="there is no certificate"):
        await checks.require(message())


@respx.mock
async def test_certificate_that_amazon_does_not_hand_out_now_is_told_apart(checks):
    respx.get(URL).respond(503)

    with pytest.raises(VendorUnavailable):
        await checks.require(message())
