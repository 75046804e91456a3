"""Signs requests for Amazon Web Services, version 4; and the calls that their services take, as JSON or as a form.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import httpx
from pydantic import BaseModel, Field

from incident_copilot.domain.base import Frozen
from incident_copilot.errors import ConfigError
from incident_copilot.ports import PluginEnv
from incident_copilot.vendors import xml
from incident_copilot.vendors.http import MAX_BYTES, BaseUrl, call, read
from incident_copilot.vendors.server import required

Model = TypeVar("Model", bound=BaseModel)
_ALGORITHM = "AWS4-HMAC-SHA256"


class Keys(NamedTuple):
    """An access key; `token` comes with temporary ones."""

    key_id: str
    secret: str
    token: str = ""


class AwsOptions(Frozen):
    """Which region is asked. The secret is ACCESS_KEY_ID:SECRET_ACCESS_KEY, with :SESSION_TOKEN behind temporary ones.

    `url` replaces the region's own address, for private endpoints. `deadline_s` is for one request.
    """

    region: str = Field(pattern=r"^[a-z0-9-]{4,30}$")
    url: BaseUrl | None = None
    services: int = Field(default=8, ge=1, le=50)
    deadline_s: float | None = Field(default=None, gt=0, le=60)


class Aws:
    """One service of Amazon's; of those called with JSON `target` is what stands before the names of operations."""

    def __init__(
        self, env: PluginEnv, options: AwsOptions, vendor: str, *, host: str, target: str = "", json: str = "1.1"
    ) -> None:
        self.vendor = vendor
        self._env, self._region, self._service = env, options.region, host
        self._url = options.url or f"https://{host}.{options.region}.amazonaws.com"
        self._target, self._type = target, f"application/x-amz-json-{json}"
        self._keys = keys_of(required(env, vendor, "ACCESS_KEY_ID:SECRET_ACCESS_KEY"), vendor)
        self._deadline_s = options.deadline_s or env.request_deadline_s

    async def ask(
        self, operation: str, body: Mapping[str, Any], answer: type[Model], max_bytes: int = MAX_BYTES
    ) -> Model:
        """Return the answer to an operation that only reads. Raises VendorUnavailable or VendorRefused."""
        headers = {"content-type": self._type, "x-amz-target": f"{self._target}.{operation}"}
        return read(self.vendor, await self._post(headers, json.dumps(body).encode(), max_bytes), answer)

    async def query(self, operation: str, version: str, form: Mapping[str, str]) -> xml.Element:
        """Return what an older service, which takes a form and answers XML, says to an operation that only reads.

        Raises VendorUnavailable or VendorRefused.
        """
        content = urlencode({"Action": operation, "Version": version, **form}).encode()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return xml.parse(self.vendor, (await self._post(headers, content, MAX_BYTES)).content)

    async def _post(self, headers: Mapping[str, str], content: bytes, max_bytes: int) -> httpx.Response:
        url = f"{self._url}/"
        signed = sign("POST", url, headers, content, self._keys, (self._region, self._service), self._env.now())
        return await call(
            self._env.http,
            self.vendor,
            "POST",
            url,
            deadline_s=self._deadline_s,
            max_bytes=max_bytes,
            headers={**headers, **signed},
            content=content,
            reads=True,
        )


def keys_of(secret: str, vendor: str) -> Keys:
    """Return the parts of a secret. Raises ConfigError where it has not two or three."""
    parts = secret.split(":")
    if len(parts) not in (2, 3):
        raise ConfigError(f"{vendor}: write the secret as ACCESS_KEY_ID:SECRET_ACCESS_KEY or with :SESSION_TOKEN")
    return Keys(*parts)


def sign(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    keys: Keys,
    scope: tuple[str, str],
    now: datetime,
) -> dict[str, str]:
    """Return the headers that sign a request with these headers; `scope` is region and service, names are lower case.

    The query of `url` is to be encoded already.
    """
    parts = urlsplit(url)
    stamp = f"{now:%Y%m%dT%H%M%SZ}"
    told = {"host": parts.netloc, "x-amz-date": stamp, **({"x-amz-security-token": keys.token} if keys.token else {})}
    signed = dict(sorted({**headers, **told}.items()))
    names = ";".join(signed)
    canonical = "\n".join(
        [
            method,
            quote(parts.path or "/", safe="/-_.~"),
            "&".join(sorted(parts.query.split("&"))),
            *(f"{name}:{' '.join(value.split())}" for name, value in signed.items()),
            "",
            names,
            hashlib.sha256(body).hexdigest(),
        ]
    )
    region, service = scope
    place = f"{now:%Y%m%d}/{region}/{service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = f"{_ALGORITHM}\n{stamp}\n{place}\n{digest}"
    key = f"AWS4{keys.secret}".encode()
    for part in place.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    authorization = f"{_ALGORITHM} Credential={keys.key_id}/{place}, SignedHeaders={names}, Signature={signature}"
    return {**told, "authorization": authorization}
