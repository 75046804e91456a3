"""Health for machines, and read-only pages for people who hold the token."""

import hmac
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.measures import Rule
from incident_copilot.errors import StoreUnavailable
from incident_copilot.pipeline import gauges, read
from incident_copilot.pipeline.ai import health, health_html
from incident_copilot.pipeline.ai.health import Period
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.stats import told
from incident_copilot.pipeline.stats.measured import USUAL, lately, measure
from incident_copilot.web import incident_page, metrics, stats_page
from incident_copilot.web.incident_page import Shown

Page = Callable[[Request], Awaitable[Response]]
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
HIGHEST_NUMBER = 2**31 - 1
"""No database has a number above this one, and none takes it in a question."""
MOST_DIGITS = 4
STRICT = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def routes(deps: Deps, token: str | None, local_only: bool) -> list[Route]:
    """Return health and pages; without a token the pages are there only where the server listens on loopback."""

    def guarded(page: Callable[[Deps, Request], Awaitable[Response]]) -> Page:
        return _guard(partial(page, deps), token, local_only)

    return [
        Route("/healthz", partial(_health, deps)),
        Route("/metrics", guarded(_measures)),
        Route("/ai/report", guarded(_ai_report)),
        Route("/stats", guarded(_stats)),
        Route("/incidents/{number:int}", guarded(_incident)),
        Route("/incidents/{number:int}/postmortem", guarded(_postmortem)),
        Route("/incidents/{number:int}/postmortem.md", guarded(_postmortem)),
    ]


async def _health(deps: Deps, _: Request) -> Response:
    try:
        trouble = await read.chat_trouble(deps)
    except StoreUnavailable:
        return JSONResponse({"status": "the database does not answer"}, status_code=503)
    mode = {"mode": "shadow" if deps.policy.shadow else "live"}
    # Not 503: a restart would not help, and webhooks are taken all the same.
    return JSONResponse({"status": "degraded", "chat": trouble, **mode} if trouble else {"status": "ok", **mode})


async def _measures(deps: Deps, _: Request) -> Response:
    page = metrics.text(*await gauges.measured(deps), await lately(deps), deps.now())
    return Response(page, media_type=CONTENT_TYPE_LATEST)


async def _stats(deps: Deps, request: Request) -> Response:
    asked = request.query_params
    span = _period(asked.get("days", ""))
    rule = Rule(service=asked.get("service"), severity=asked.get("severity"), incident_type=asked.get("type"))
    found = await measure(deps, span, rule)
    if asked.get("format") == "csv":
        return PlainTextResponse(told.as_csv(found), media_type="text/csv")
    return HTMLResponse(stats_page.render(found))


def _period(days: str) -> timedelta:
    """Return the period that an address names; the usual one where it names none."""
    return timedelta(days=max(1, int(days))) if days.isdecimal() and len(days) <= MOST_DIGITS else USUAL


async def _incident(deps: Deps, request: Request) -> Response:
    found = await _asked_for(deps, request)
    if found is None:
        return PlainTextResponse("There is no such incident.", status_code=404)
    shown = Shown(
        card=await read.card(deps, found.id),
        brief=await read.brief(deps, found.id),
        timeline=await read.timeline_of(deps, found.id),
        is_reviewed=await read.postmortem(deps, found.id) is not None,
    )
    return HTMLResponse(incident_page.render(shown))


async def _postmortem(deps: Deps, request: Request) -> Response:
    found = await _asked_for(deps, request)
    written = await read.postmortem(deps, found.id) if found else None
    if written is None:
        return PlainTextResponse("There is no postmortem of this incident.", status_code=404)
    if request.url.path.endswith(".md"):
        return PlainTextResponse(written.markdown, media_type="text/markdown")
    return HTMLResponse(written.html)


async def _ai_report(deps: Deps, request: Request) -> Response:
    wanted = request.query_params.get("period", Period.WEEKLY.value)
    if wanted not in set(Period):
        return PlainTextResponse(f"There are reports {', '.join(Period)}.", status_code=404)
    return HTMLResponse(health_html.render(await health.report(deps, Period(wanted))))


async def _asked_for(deps: Deps, request: Request) -> Incident | None:
    return await read.by_number(deps, min(request.path_params["number"], HIGHEST_NUMBER))


def _guard(page: Page, token: str | None, local_only: bool) -> Page:
    async def guarded(request: Request) -> Response:
        allowed = _holds(request, token) if token else local_only and _is_addressed_locally(request)
        try:
            response = await page(request) if allowed else PlainTextResponse("Open this page with its token.", 401)
        except StoreUnavailable:
            response = PlainTextResponse("The database does not answer; try again.", status_code=503)
        response.headers.update(STRICT)
        return response

    return guarded


def _holds(request: Request, token: str) -> bool:
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    given = bearer if scheme.lower() == "bearer" else request.query_params.get("token", "")
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())


def _is_addressed_locally(request: Request) -> bool:
    """A page elsewhere can make a browser ask a loopback server under a name of its own (DNS rebinding)."""
    return request.url.hostname in LOOPBACK
