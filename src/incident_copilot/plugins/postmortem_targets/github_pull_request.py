"""Keeps documents as Markdown in a GitHub repository, each by a pull request that people merge.

1. The secret is a token that may write contents and pull requests of `repo`. 2. A document has one branch and one
pull request at a time; a newer text is a commit on it, and what people pushed there is not written over. 3. Whoever
may read the repository reads the postmortems.

API: https://docs.github.com/en/rest/repos/contents
"""

import base64
import hashlib
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, Field, RootModel

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.document import MARK, Document, Form
from incident_copilot.errors import VendorRefused, VendorUnavailable
from incident_copilot.ports import DocumentTarget, PluginEnv, Receipt
from incident_copilot.vendors import github
from incident_copilot.vendors.github import REPO, GitHubOptions
from incident_copilot.vendors.http import BaseUrl, Model, Params, read
from incident_copilot.vendors.server import required

FOLDER = r"^[\w.-]+(/[\w.-]+)*$"
LARGEST = 32 * 1024 * 1024
"""Of an answer that has a file in it: the postmortem of a long incident is some megabytes."""
NOT_FOUND, CONFLICT, EXISTS = 404, 409, 422


class Options(Frozen):
    """Which repository, and the folders of postmortems and runbooks in it; `base` is what is merged into.

    For GitHub Enterprise Server `url` ends in /api/v3.
    """

    repo: str = Field(pattern=rf"^{REPO}$")
    folder: str = Field(default="postmortems", pattern=FOLDER)
    runbooks: str = Field(default="runbooks", pattern=FOLDER)
    base: str | None = Field(default=None, min_length=1, max_length=200)
    url: BaseUrl = "https://api.github.com"
    deadline_s: float = Field(default=8, gt=0, le=60)


def create(env: PluginEnv, options: Options) -> DocumentTarget:
    """Return the target. Raises ConfigError without a token: GitHub lets nobody write who is unknown."""
    return GitHubPullRequest(env, options)


class GitHubPullRequest:
    """One repository; each step looks first, so that the same again goes on where it stopped."""

    form = Form.MARKDOWN
    takes_changes = True

    def __init__(self, env: PluginEnv, options: Options) -> None:
        required(env, "github_pull_request", "a token that may write contents and pull requests")
        self.name = f"pull requests of {options.repo}"
        at = GitHubOptions(url=options.url, deadline_s=options.deadline_s)
        self._http = github.connect(env, at, "GitHub")
        self._options = options
        self._repo = f"repos/{options.repo}"

    async def put(self, document: Document) -> Receipt:
        """Have the file on its branch, and a pull request open for it. Raises as `ports.DocumentTarget` says."""
        base = self._options.base or (await self._http.get(self._repo, _Repo)).default_branch
        branch = f"copilot/{document.key}"
        options = self._options
        path = f"{options.runbooks}/{document.path}" if document.path else f"{options.folder}/{document.name}.md"
        merged = await self._file(path, base)
        pull = await self._newest_pull(branch)
        if merged and merged.sha == _blob(document.text) and not (pull and pull.state == "open"):
            return Receipt(link=merged.html_url)
        await self._have_branch(branch, base, is_over=pull is not None and pull.state != "open")
        await self._have_file(document, path, branch, merged)
        shown = await self._have_pull(document, branch, base, pull)
        return Receipt(ref={"pull": str(shown.number)}, link=shown.html_url)

    async def check(self) -> None:
        """Read the repository. Raises VendorError; VendorRefused also where the token may not write."""
        found = await self._http.get(self._repo, _Repo)
        if found.permissions and not found.permissions.push:
            raise VendorRefused(f"GitHub: the token may only read {self._options.repo}; let it write contents", 0)

    async def _have_branch(self, branch: str, base: str, *, is_over: bool) -> None:
        """Have a branch; where its pull request is over, GitHub keeps what was on it, and it begins anew."""
        known = await self._found(f"{self._repo}/git/ref/heads/{branch}", _Ref)
        if known and not is_over:
            return
        newest = (await self._http.get(f"{self._repo}/git/ref/heads/{base}", _Ref)).object.sha
        if known:
            await self._http.patch(f"{self._repo}/git/refs/heads/{branch}", {"sha": newest, "force": True})
            return
        try:
            await self._http.post(f"{self._repo}/git/refs", {"ref": f"refs/heads/{branch}", "sha": newest})
        except VendorRefused as error:
            if error.status != EXISTS:
                raise

    async def _have_file(self, document: Document, path: str, branch: str, merged: "_File | None") -> None:
        there = await self._file(path, branch)
        if there and there.sha == _blob(document.text):
            return
        if there and (merged is None or there.sha != merged.sha):
            await self._require_ours(path, branch)
        body: dict[str, Any] = {
            "message": f"{document.title[:72]}\n\n{MARK} ({document.key}).",
            "content": base64.b64encode(document.text.encode()).decode(),
            "branch": branch,
        }
        try:
            await self._http.put(self._contents(path), body | ({"sha": there.sha} if there else {}))
        except VendorRefused as error:
            if error.status == CONFLICT:
                raise VendorUnavailable(f"GitHub: {path} was changed at the same moment") from error
            raise

    async def _require_ours(self, path: str, branch: str) -> None:
        last = await self._http.get(f"{self._repo}/commits", _Commits, {"sha": branch, "path": path, "per_page": 1})
        if last.root and MARK not in last.root[0].commit.message:
            raise VendorRefused(
                f"GitHub: people have changed {path} on {branch}, and I do not write over it; "
                "merge or close its pull request, then publish again",
                CONFLICT,
            )

    async def _have_pull(self, document: Document, branch: str, base: str, pull: "_Pull | None") -> "_Pull":
        body = f"{document.summary}\n\n{MARK} ({document.key})."
        if pull and pull.state == "open":
            if (pull.title, pull.body) != (document.title, body):
                await self._http.patch(f"{self._repo}/pulls/{pull.number}", {"title": document.title, "body": body})
            return pull
        asked = {"title": document.title, "head": branch, "base": base, "body": body}
        return read("GitHub", await self._http.post(f"{self._repo}/pulls", asked), _Pull)

    async def _newest_pull(self, branch: str) -> "_Pull | None":
        owner = self._options.repo.partition("/")[0]
        params: Params = {"head": f"{owner}:{branch}", "state": "all", "sort": "created", "direction": "desc"}
        listed = await self._http.get(f"{self._repo}/pulls", _Pulls, {**params, "per_page": 1})
        return listed.root[0] if listed.root else None

    async def _file(self, path: str, branch: str) -> "_File | None":
        return await self._found(self._contents(path), _File, {"ref": branch})

    def _contents(self, path: str) -> str:
        return f"{self._repo}/contents/{quote(path)}"

    async def _found(self, path: str, answer: type[Model], params: Params | None = None) -> Model | None:
        try:
            return await self._http.get(path, answer, params, max_bytes=LARGEST)
        except VendorRefused as error:
            if error.status != NOT_FOUND:
                raise
        return None


class _Permissions(BaseModel):
    push: bool = False


class _Repo(BaseModel):
    default_branch: str
    permissions: _Permissions | None = None


class _Object(BaseModel):
    sha: str


class _Ref(BaseModel):
    object: _Object


class _File(BaseModel):
    sha: str
    html_url: str | None = None


class _Message(BaseModel):
    message: str


class _Commit(BaseModel):
    commit: _Message


class _Commits(RootModel[list[_Commit]]):
    pass


class _Pull(BaseModel):
    number: int
    state: str
    title: str = ""
    body: str | None = None
    html_url: str | None = None


class _Pulls(RootModel[list[_Pull]]):
    pass


def _blob(text: str) -> str:
    """Return the name that git gives to a file of this text."""
    content = text.encode()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
