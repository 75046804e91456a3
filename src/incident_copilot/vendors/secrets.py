"""Who sent a webhook, by a secret that comes along: as bearer token or password, in a header, or in the address.

Signatures over the body are in vendors/signatures.py, which takes `Secrets.texts`.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable, Mapping

from incident_copilot.errors import ConfigError, Unauthenticated
from incident_copilot.ports import QUERY_TOKEN, PluginEnv


class Secrets:
    """The secrets of one source: one, or two separated by a comma while they are being changed."""

    def __init__(self, env: PluginEnv, plugin: str) -> None:
        """Take them from the environment of the plugin. Raises ConfigError where there is none."""
        self.source = env.instance or plugin
        self.texts = [part.strip() for part in (env.secret or "").split(",") if part.strip()]
        self._encoded = [text.encode() for text in self.texts]
        if not self.texts:
            raise ConfigError(f"{self.source}: no secret; name the variable that holds it with `secret_env`")

    def require_authorization(self, headers: Mapping[str, str], *, or_token: bool = False) -> None:
        """Accept a bearer token, or basic auth whose password (or "user:password") is the secret.

        `or_token` also accepts `?token=` in the address, for vendors where some plans can send no header.

        Raises:
            Unauthenticated: it is missing or wrong.
        """
        given = _in_authorization(headers.get("authorization", ""))
        self._require([*given, *_in_query(headers, or_token)], "in the Authorization header")

    def require_header(self, headers: Mapping[str, str], name: str, *, or_token: bool = False) -> None:
        """Accept the secret as the value of a header, whose name is given in lower case, such as x-gitlab-token.

        Raises:
            Unauthenticated: it is missing or wrong.
        """
        given = [_encoded(headers[name])] if headers.get(name) else []
        self._require([*given, *_in_query(headers, or_token)], f"in the header {name}")

    def require_token(self, headers: Mapping[str, str]) -> None:
        """Accept the secret as `?token=` in the address: the last resort, as addresses end up in logs of proxies.

        Raises:
            Unauthenticated: it is missing or wrong.
        """
        self._require(_in_query(headers, wanted=True), "as ?token= in the address")

    def require(self, given: str, where: str) -> None:
        """Accept the secret as a text, such as a field of the body; `where` ends the sentence that refuses it.

        Raises:
            Unauthenticated: it is missing or wrong.
        """
        self._require([given.encode("utf-8", "backslashreplace")], where)

    def _require(self, given: Iterable[bytes], where: str) -> None:
        known = False
        for one in given:
            for secret in self._encoded:
                known |= hmac.compare_digest(one, secret)
        if not known:
            raise Unauthenticated(f"{self.source}: missing or wrong secret {where}")


def _in_query(headers: Mapping[str, str], wanted: bool) -> list[bytes]:
    token = headers.get(QUERY_TOKEN) if wanted else None
    return [token.encode("utf-8", "backslashreplace")] if token else []


class ByAuthorization:
    """A source whose sender puts the secret into the Authorization header, as bearer token or by basic auth."""

    def __init__(self, env: PluginEnv, plugin: str) -> None:
        """Raises ConfigError without a secret."""
        self._now, self._secrets = env.now, Secrets(env, plugin)

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Accept the secret. Raises Unauthenticated."""
        del body
        self._secrets.require_authorization(headers)


def _in_authorization(header: str) -> list[bytes]:
    written = _encoded(header)
    if written.startswith(b"Bearer "):
        return [written.removeprefix(b"Bearer ")]
    if not written.startswith(b"Basic "):
        return []
    try:
        pair = base64.b64decode(written.removeprefix(b"Basic "), validate=True)
    except binascii.Error:
        return []
    return [pair, pair.partition(b":")[2]]


def _encoded(header: str) -> bytes:
    # Servers hand header bytes over as Latin-1.
    return header.encode("latin-1", "backslashreplace")
