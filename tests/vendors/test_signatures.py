"""Signatures that no case of abuse has yet; see tests/abuse/test_a_authentication.py for the others."""

import base64
import hashlib
import hmac

import pytest

from incident_copilot.errors import Unauthenticated
from incident_copilot.vendors.signatures import require_intercom, require_sha256


def signature(secret=b"old"):
    return hmac.new(secret, b"signed", hashlib.sha256).digest()


def test_signature_of_either_secret_opens_in_hex_or_base64():
    require_sha256("src", signature().hex(), b"signed", ["new", "old"])
    require_sha256("src", base64.b64encode(signature()).decode(), b"signed", ["new", "old"], in_base64=True)


@pytest.mark.parametrize("given", ["", "\u20ac", signature(b"other").hex(), base64.b64encode(signature()).decode()])
def test_any_other_signature_is_refused(given):
    with pytest.raises(Unauthenticated, match=r"^src: the signature is missing or of another secret$"):
        require_sha256("src", given, b"signed", ["new", "old"])


def test_intercom_signs_with_sha1_and_either_secret():
    headers = {"x-hub-signature": f"sha1={hmac.new(b'old', b'signed', hashlib.sha1).hexdigest()}"}

    require_intercom(headers, b"signed", ["new", "old"])
    with pytest.raises(Unauthenticated, match=r"^Intercom: the signature is missing or of another secret$"):
        require_intercom(headers, b"other", ["new", "old"])
