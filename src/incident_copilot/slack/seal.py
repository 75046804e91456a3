"""Tokens encrypted with a key of the operators, so that the database alone opens no workspace.

https://cryptography.io/en/latest/fernet/
"""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from incident_copilot.errors import ConfigError


class Seal:
    """Encrypts with the first of the keys, and opens what any of them encrypted, while one is replaced by another."""

    def __init__(self, keys: str) -> None:
        """Take keys with commas between them. Raises ConfigError where one is none."""
        try:
            known = [Fernet(key.strip()) for key in keys.split(",") if key.strip()]
            self._newest, self._all = known[0], MultiFernet(known)
        except (ValueError, IndexError) as error:
            raise ConfigError("COPILOT_INSTALL_KEY: use what `incident-copilot new-key` prints") from error

    def close(self, token: str) -> str:
        """Return a token encrypted."""
        return self._all.encrypt(token.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """Return the token, None where no key opens it."""
        try:
            return self._all.decrypt(sealed).decode()
        except InvalidToken:
            return None

    def renewed(self, sealed: str) -> str | None:
        """Return what an older key encrypted as the newest one does; None where it is not needed, or not possible."""
        try:
            self._newest.decrypt(sealed)
        except InvalidToken:
            token = self.open(sealed)
            return self.close(token) if token else None
        return None


def new_key() -> str:
    """Return a key for `COPILOT_INSTALL_KEY`."""
    return Fernet.generate_key().decode()
