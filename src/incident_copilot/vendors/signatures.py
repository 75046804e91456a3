"""Who signed a webhook: PagerDuty, GitHub, Intercom, standard-webhooks, and Amazon SNS as far as nothing is fetched.

https://docs.pagerduty.com/docs/webhooks-v3-signatures
https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
https://developers.intercom.com/docs/webhooks/setting-up-webhooks
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html

Each `secrets` may hold two while one is changed. Header names are lower case, bodies raw. Whoever calls them keeps the
delivery's id, so that a replay is known.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from incident_copilot.errors import Forbidden, Unauthenticated

TOLERANCE = timedelta(minutes=5)
OLDEST_SNS = timedelta(hours=1)
MOST_SIGNATURES = 16
_SNS_HOST = re.compile(r"sns\.[a-z0-9-]{3,40}\.amazonaws\.com(\.cn)?", re.ASCII)
_SNS_PATH = re.compile(r"/[A-Za-z0-9_-]{1,200}\.pem", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)
_SNS_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}


def require_pagerduty(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
    """Check that one of the listed v1 signatures is of one of our secrets.

    Raises:
        Unauthenticated: none is.
    """
    given = [part.strip() for part in headers.get("x-pagerduty-signature", "").split(",")[:MOST_SIGNATURES]]
    _require("PagerDuty", given, [f"v1={_hex(secret.encode(), body)}" for secret in secrets])


def require_github(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
    """Check the SHA-256 signature; the SHA-1 header is not looked at.

    Raises:
        Unauthenticated: it is missing or of none of our secrets.
    """
    given = [headers.get("x-hub-signature-256", "")]
    _require("GitHub", given, [f"sha256={_hex(secret.encode(), body)}" for secret in secrets])


def require_intercom(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
    """Check the signature, which Intercom makes with SHA-1 and nothing better; as an HMAC that still holds.

    Raises:
        Unauthenticated: it is missing or of none of our secrets.
    """
    expected = [f"sha1={hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()}" for secret in secrets]
    _require("Intercom", [headers.get("x-hub-signature", "")], expected)


def require_sha256(source: str, given: str, signed: bytes, secrets: Sequence[str], *, in_base64: bool = False) -> None:
    """Check an HMAC with SHA-256 as most vendors send it: in hex or base64, `given` without what stands before it.

    Raises:
        Unauthenticated: it is missing or of none of our secrets.
    """
    digests = [hmac.new(secret.encode(), signed, hashlib.sha256).digest() for secret in secrets]
    _require(source, [given], [base64.b64encode(one).decode() if in_base64 else one.hex() for one in digests])


def require_standard(
    source: str, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime
) -> str:
    """Check a signature after standard-webhooks and return the delivery's id; secrets begin with whsec_.

    Raises:
        Unauthenticated: no signature is of one of our secrets, or it was made at another time.
    """
    delivery, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not delivery or not _SECONDS.fullmatch(stamp) or abs(int(stamp) - now.timestamp()) > TOLERANCE.total_seconds():
        raise Unauthenticated(f"{source}: the request was not signed lately")
    signed = f"{delivery}.{stamp}.".encode() + body
    given = headers.get("webhook-signature", "").split(" ")[:MOST_SIGNATURES]
    keys = [_standard_key(secret) for secret in secrets]
    expected = [base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in keys]
    _require(source, given, [f"v1,{one}" for one in expected])
    return delivery


def sign_standard(delivery: str, body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """Return the headers that sign a body after standard-webhooks; `delivery` is its idempotency key too."""
    stamp = str(int(now.timestamp()))
    signed = f"{delivery}.{stamp}.".encode() + body
    digest = base64.b64encode(hmac.new(_standard_key(secret), signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": delivery, "webhook-timestamp": stamp, "webhook-signature": f"v1,{digest}"}


def require_sns_topic(message: Mapping[str, Any], topics: Collection[str]) -> None:
    """Let only listed topics through; to be asked before anything that the message names is fetched.

    Raises:
        Forbidden: the topic is not listed.
    """
    if message.get("TopicArn") not in topics:
        raise Forbidden("SNS: this topic is not listed")


def sns_certificate_url(message: Mapping[str, Any]) -> str:
    """Return where the signing certificate may be fetched from, without following a redirect.

    Raises:
        Unauthenticated: it is not a certificate of SNS itself.
    """
    url = message.get("SigningCertURL")
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
        is_plain = parts.scheme == "https" and not (parts.query or parts.fragment)
    except ValueError:
        is_plain = False
    # The whole place, not the host name: a user, a port or a dot more makes it another one.
    if not is_plain or not _SNS_HOST.fullmatch(parts.netloc) or not _SNS_PATH.fullmatch(parts.path):
        raise Unauthenticated("SNS: the signing certificate is not one of Amazon's")
    return f"https://{parts.netloc}{parts.path}"


def sns_signed_text(message: Mapping[str, Any], now: datetime) -> bytes:
    """Return what SNS has signed; its SubscribeURL is text like all the rest and never opened.

    Raises:
        Unauthenticated: the message is of no known type, incomplete, or older than an hour.
    """
    names = _SNS_SIGNED.get(str(message.get("Type")), ())
    fields = {name: message[name] for name in names if name in message}
    complete = {*names} - {"Subject"} <= fields.keys() and all(isinstance(value, str) for value in fields.values())
    if not names or not complete:
        raise Unauthenticated("SNS: the message is not one that SNS signs")
    try:
        sent_at = datetime.fromisoformat(fields["Timestamp"])
    except ValueError:
        raise Unauthenticated("SNS: the message has no time") from None
    if sent_at.tzinfo is None or not -TOLERANCE <= now - sent_at <= OLDEST_SNS:
        raise Unauthenticated("SNS: the message was signed at another time")
    return "".join(f"{name}\n{value}\n" for name, value in fields.items()).encode()


def _require(source: str, given: Sequence[str], expected: Sequence[str]) -> None:
    """Compare each with each, in constant time."""
    known = False
    for signature in given:
        for right in expected:
            known |= hmac.compare_digest(signature.encode("utf-8", "surrogateescape"), right.encode())
    if not known:
        raise Unauthenticated(f"{source}: the signature is missing or of another secret")


def _hex(key: bytes, body: bytes) -> str:
    return hmac.new(key, body, hashlib.sha256).hexdigest()


def _standard_key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return secret.encode()
