"""Ed25519: a key of one's own, signatures that hold, and what is no key."""

import stat

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from incident_copilot.errors import ConfigError
from incident_copilot.vendors.signing import Signer, is_signed


def test_signature_holds_for_the_text_and_the_key_alone(tmp_path):
    signer = Signer.create(tmp_path / "log.pem")
    other = Signer.create(tmp_path / "other.pem")

    signature = Signer.from_file(tmp_path / "log.pem").sign("heads")

    assert is_signed(signer.public, "heads", signature)
    assert not is_signed(signer.public, "Heads", signature)
    assert not is_signed(other.public, "heads", signature)
    assert not is_signed(signer.public, "heads", "no hex")


def test_key_is_for_its_owner_alone_and_never_written_over(tmp_path):
    path = tmp_path / "log.pem"
    Signer.create(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(ConfigError, match="File exists; name a file that is not there yet"):
        Signer.create(path)


def test_what_is_no_key_is_told_so(tmp_path):
    lost, odd, other = (tmp_path / name for name in ("lost.pem", "odd.pem", "other.pem"))
    odd.write_text("no key")
    pem = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    other.write_bytes(pem)

    for path, problem in ((lost, "No such file"), (odd, "is no key in PEM"), (other, "is no Ed25519 key")):
        with pytest.raises(ConfigError, match=problem):
            Signer.from_file(path)
    with pytest.raises(ConfigError, match="64 hex digits"):
        is_signed("beef", "heads", "00")
