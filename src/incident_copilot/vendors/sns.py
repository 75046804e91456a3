"""Checks who signed a message of Amazon SNS: RSA, by a certificate that is fetched from Amazon and kept.

The rules for topic, time and address of the certificate are in vendors/signatures.py.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import httpx
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from incident_copilot.errors import Unauthenticated, VendorRefused
from incident_copilot.ports import Clock
from incident_copilot.vendors import http, signatures

_DEADLINE_S = 5.0
_LARGEST = 64 * 1024
_MOST_KEPT = 8
_HASHES: Mapping[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303 - SNS's version 1
_WRONG = "SNS: the signature is missing or not Amazon's"


class SnsSignatures:
    """Checks signatures and keeps the certificates, of which a region of Amazon has few at a time."""

    def __init__(self, client: httpx.AsyncClient, now: Clock) -> None:
        self._client, self._now = client, now
        self._kept: dict[str, x509.Certificate] = {}

    async def require(self, message: Mapping[str, Any]) -> None:
        """Check the signature of a message whose topic is known to be listed.

        Raises:
            Unauthenticated: it is missing or wrong, too old, or its certificate is none of Amazon's.
            VendorUnavailable: the certificate could not be fetched for now.
        """
        signed, url = signatures.sns_signed_text(message, self._now()), signatures.sns_certificate_url(message)
        scheme = _HASHES.get(str(message.get("SignatureVersion")))
        if scheme is None:
            raise Unauthenticated("SNS: the version of the signature is not 1 or 2")
        key = (await self._certificate(url)).public_key()
        try:
            given = base64.b64decode(str(message.get("Signature")), validate=True)
            if not isinstance(key, rsa.RSAPublicKey):
                raise Unauthenticated("SNS: the certificate holds no RSA key")
            key.verify(given, signed, padding.PKCS1v15(), scheme)
        except (binascii.Error, InvalidSignature):
            raise Unauthenticated(_WRONG) from None

    async def _certificate(self, url: str) -> x509.Certificate:
        """Return the certificate of an address, fetched where it is not kept and valid."""
        kept = self._kept.get(url)
        if kept and kept.not_valid_after_utc > self._now():
            return kept
        try:
            answer = await http.call(self._client, "SNS", "GET", url, deadline_s=_DEADLINE_S, max_bytes=_LARGEST)
            found = x509.load_pem_x509_certificate(answer.content)
        except (VendorRefused, ValueError):
            raise Unauthenticated("SNS: there is no certificate where the message says") from None
        if not found.not_valid_before_utc <= self._now() <= found.not_valid_after_utc:
            raise Unauthenticated("SNS: the certificate is not valid now")
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[url] = found
        return found
