"""Health for machines, and read-only pages for people who hold the token."""

import hmac
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from incident_copilot.errors import StoreUnavailable
from incident_copilot.pipeline import read
from incident_copilot.pipeline.deps import Deps

Page = Callable[[Request], Awaitable[Response]]
STRICT = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def routes(deps: Deps, token: str | None, local_only: bool) -> list[Route]:
    """Return health and pages; without a token the pages are there only where the server listens on loopback."""

    async def health(_: Request) -> Response:
        try:
            async with deps.db.read() as db:
                await deps.db.clock(db)
        except StoreUnavailable:
            return JSONResponse({"status": "the database does not answer"}, status_code=503)
        return JSONResponse({"status": "ok", "mode": "shadow" if deps.policy.shadow else "live"})

    async def postmortem(request: Request) -> Response:
        found = await read.by_number(deps, request.path_params["number"])
        written = await read.postmortem(deps, found.id) if found else None
        if written is None:
            return PlainTextResponse("There is no postmortem of this incident.", status_code=404)
        if request.url.path.endswith(".md"):
            return PlainTextResponse(written.markdown, media_type="text/markdown; charset=utf-8", headers=STRICT)
        return HTMLResponse(written.html, headers=STRICT)

    guarded = _guard(postmortem, token, local_only)
    return [
        Route("/healthz", health),
        Route("/incidents/{number:int}/postmortem", guarded),
        Route("/incidents/{number:int}/postmortem.md", guarded),
    ]


def _guard(page: Page, token: str | None, local_only: bool) -> Page:
    async def guarded(request: Request) -> Response:
        given = request.headers.get("authorization", "").removeprefix("Bearer ") or request.query_params.get(
            "token", ""
        )
        allowed = hmac.compare_digest(given.encode(), token.encode()) if token else local_only
        if not allowed:
            return PlainTextResponse("Open this page with its token.", status_code=401)
        return await page(request)

    return guarded
