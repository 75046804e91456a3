"""Signs the heads of the action log with Ed25519, and checks such signatures.

https://www.rfc-editor.org/rfc/rfc8032
"""

import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from incident_copilot.errors import ConfigError


class Signer:
    """One private key, from a PEM file."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def from_file(cls, path: Path) -> "Signer":
        """Return the signer of a key file. Raises ConfigError: it holds no Ed25519 key."""
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except OSError as error:
            raise ConfigError(
                f"COPILOT_LOG_KEY_FILE: {path}: {error.strerror}; make one: `incident-copilot log-key {path}`"
            ) from None
        except (ValueError, TypeError):
            raise ConfigError(
                f"COPILOT_LOG_KEY_FILE: {path} is no key in PEM without a password; name what `log-key` wrote"
            ) from None
        if not isinstance(key, Ed25519PrivateKey):
            raise ConfigError(f"COPILOT_LOG_KEY_FILE: {path} is no Ed25519 key; name what `log-key` wrote")
        return cls(key)

    @classmethod
    def create(cls, path: Path) -> "Signer":
        """Write a new key that only its owner may read, and return its signer. Raises ConfigError: there is a file."""
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror}; name a file that is not there yet") from None
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        return cls(key)

    @property
    def public(self) -> str:
        """The public key in hex, which is all that is needed to check."""
        return self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def sign(self, text: str) -> str:
        """Return the signature of a text, in hex."""
        return self._key.sign(text.encode()).hex()


def public_key(public: str) -> Ed25519PublicKey:
    """Return the key of its hex digits. Raises ConfigError: that is no public key."""
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
    except ValueError:
        raise ConfigError("a public key is 64 hex digits, as `log-key` prints them") from None


def is_signed(public: str, text: str, signature: str) -> bool:
    """Whether a signature in hex is that of the text by the key. Raises ConfigError: that is no public key."""
    key = public_key(public)
    try:
        key.verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
