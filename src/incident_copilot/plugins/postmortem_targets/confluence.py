"""Keeps documents as pages of a space at Confluence Cloud.

1. `url` is the site's, such as https://example.atlassian.net; `user` is the mail address of the account whose API token
is the secret. 2. A newer text is a new version of the page; a page that people have edited since is not written over.
3. Whoever may see the space, and the page above, reads the postmortems.

API: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-page/
"""

import hashlib
from typing import Any

from pydantic import BaseModel, Field

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.document import MARK, Document, Form
from incident_copilot.errors import VendorRefused, VendorUnavailable
from incident_copilot.ports import DocumentTarget, PluginEnv, Receipt
from incident_copilot.vendors.http import BaseUrl, Params, VendorHttp, read
from incident_copilot.vendors.server import required, signed_in
from incident_copilot.vendors.storage_format import storage

LARGEST = 32 * 1024 * 1024
"""Of an answer that has a page in it: the postmortem of a long incident is some megabytes."""
CONFLICT = 409


class Options(Frozen):
    """Which space, by its key, and the id of the page that the others stand below."""

    url: BaseUrl
    user: str = Field(min_length=3, max_length=200)
    space: str = Field(pattern=r"^~?[A-Za-z0-9]{1,255}$")
    parent: str | None = Field(default=None, pattern=r"^[0-9]{1,20}$")
    deadline_s: float = Field(default=8, gt=0, le=60)


def create(env: PluginEnv, options: Options) -> DocumentTarget:
    """Return the target. Raises ConfigError without an API token."""
    return Confluence(env, options)


class Confluence:
    """One space; a title is there once, so that a page is found again by it."""

    form = Form.MARKDOWN
    takes_changes = False

    def __init__(self, env: PluginEnv, options: Options) -> None:
        required(env, "confluence", f"the API token of {options.user}")
        self.name = f"Confluence space {options.space}"
        headers = signed_in(env, options.user, None)
        self._http = VendorHttp(env.http, "Confluence", f"{options.url}/wiki", options.deadline_s, headers)
        self._options = options

    async def put(self, document: Document) -> Receipt:
        """Make the page, or its next version. Raises as `ports.DocumentTarget` says."""
        space = await self._space()
        digest = hashlib.sha256(document.text.encode()).hexdigest()[:12]
        page = await self._page(document, space)
        value = f"{storage(document.text)}<p>{MARK} ({document.key}, {digest}).</p>"
        body = {"representation": "storage", "value": value}
        if page is None:
            return await self._made(document, space, body)
        self._require_ours(page, document)
        if f"{document.key}, {digest})" in page.body.storage.value:
            return self._receipt(page)
        changed = {
            "id": page.id,
            "status": "current",
            "title": page.title,
            "body": body,
            "version": {"number": page.version.number + 1, "message": f"{MARK}: {digest}"},
        }
        try:
            answer = await self._http.put(f"api/v2/pages/{page.id}", changed)
        except VendorRefused as error:
            if error.status == CONFLICT:
                raise VendorUnavailable(f"Confluence: {page.title} was changed at the same moment") from error
            raise
        return self._receipt(read("Confluence", answer, _Page))

    async def check(self) -> None:
        """Read the space. Raises VendorError; VendorRefused also where there is none of this key."""
        await self._space()

    async def _space(self) -> str:
        found = await self._http.get("api/v2/spaces", _Spaces, {"keys": self._options.space, "limit": 1})
        if not found.results:
            raise VendorRefused(
                f"Confluence: no space {self._options.space} that {self._options.user} may see; "
                "correct options.space, or let the account in",
                0,
            )
        return found.results[0].id

    async def _page(self, document: Document, space: str) -> "_Page | None":
        known = document.ref.get("page")
        which: Params = {"id": known} if known else {"space-id": space, "title": document.title}
        asked: Params = {**which, "status": "current", "body-format": "storage", "limit": 1}
        found = await self._http.get("api/v2/pages", _Pages, asked, max_bytes=LARGEST)
        return found.results[0] if found.results else None

    async def _made(self, document: Document, space: str, body: dict[str, str]) -> Receipt:
        """Make the page; a title is taken once, so that the same again after a lost answer is refused and found."""
        asked: dict[str, Any] = {"spaceId": space, "status": "current", "title": document.title, "body": body}
        asked |= {"parentId": self._options.parent} if self._options.parent else {}
        return self._receipt(read("Confluence", await self._http.post("api/v2/pages", asked), _Page))

    def _require_ours(self, page: "_Page", document: Document) -> None:
        first = page.version.number == 1 and f"{MARK} ({document.key}, " in page.body.storage.value
        if not first and not page.version.message.startswith(MARK):
            raise VendorRefused(
                f'Confluence: people have edited "{page.title}" since, and I do not write over it; '
                "move their words over here and rename their page, then publish again",
                CONFLICT,
            )

    def _receipt(self, page: "_Page") -> Receipt:
        link = f"{self._options.url}/wiki{page.links.webui}" if page.links.webui else None
        return Receipt(ref={"page": page.id, "version": str(page.version.number)}, link=link)


class _Space(BaseModel):
    id: str


class _Spaces(BaseModel):
    results: list[_Space]


class _Version(BaseModel):
    number: int
    message: str = ""


class _Value(BaseModel):
    value: str = ""


class _Body(BaseModel):
    storage: _Value = _Value()


class _Links(BaseModel):
    webui: str | None = None


class _Page(BaseModel):
    id: str
    title: str
    version: _Version
    body: _Body = _Body()
    links: _Links = Field(default=_Links(), alias="_links")


class _Pages(BaseModel):
    results: list[_Page]
