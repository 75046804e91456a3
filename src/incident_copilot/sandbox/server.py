"""The sandbox's one Starlette app: Web API, Socket Mode, response_urls, files, control API, page and mounts."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.routing import Mount as StarletteMount
from starlette.websockets import WebSocket

from incident_copilot.sandbox.control.routes import Control
from incident_copilot.sandbox.faults import Fault, Faults
from incident_copilot.sandbox.hooks import Mount
from incident_copilot.sandbox.ledger import Effect, Ledger
from incident_copilot.sandbox.people.desk import Desk
from incident_copilot.sandbox.people.responses import use_response_url
from incident_copilot.sandbox.serving import abort_connection
from incident_copilot.sandbox.wire import Json, Refused

PAGE = Path(__file__).parent / "page"
# An uploaded SVG or HTML file must not run scripts beside the page.
HARMLESS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}


class Server:
    """`stopping` releases calls that hang on purpose."""

    def __init__(self, desk: Desk, faults: Faults, ledger: Ledger, stopping: asyncio.Event) -> None:
        self._desk = desk
        self._faults = faults
        self._ledger = ledger
        self._stopping = stopping

    def app(self, control: Control, mounts: Sequence[Mount]) -> Starlette:
        routes: list[BaseRoute] = [
            Route("/api/{method}", self._api, methods=["GET", "POST"]),
            Route("/oauth/v2/authorize", self._authorize),
            WebSocketRoute("/socket/{ticket}", self._socket),
            Route("/response/{id}", self._response, methods=["POST"]),
            Route("/upload/{file_id}", self._upload, methods=["POST"]),
            Route("/files/{file_id}/{name}", self._file),
            StarletteMount("/control", routes=control.routes()),
            *(StarletteMount(mount.path, app=mount.app) for mount in mounts),
            Route("/", _page),
            Route("/page/{asset:path}", _page),
        ]
        return Starlette(routes=routes)

    async def _api(self, request: Request) -> Response:
        name = request.path_params["method"]
        args, token = await _arguments(request)
        fault = self._faults.take(name)
        if fault is not None:
            early = await self._suffer(fault, request)
            if early is not None:
                return early
        after = fault if fault is not None and fault.kind in ("drop_reply", "error_after") else None
        answer = self._desk.web_api.answer(name, token, args, reply_dropped=after is not None)
        if after is None:
            return JSONResponse(answer.body, answer.status, answer.headers)
        if after.kind == "drop_reply":
            abort_connection(request)
        return JSONResponse({"ok": False, "error": "internal_error"}, after.status)

    async def _suffer(self, fault: Fault, request: Request) -> Response | None:
        """The answer of a call that a fault keeps from being done; None when it is done after all."""
        if fault.kind == "ratelimited":
            body = {"ok": False, "error": "ratelimited"}
            return JSONResponse(body, 429, {"Retry-After": str(fault.retry_after)})
        if fault.kind == "error":
            return JSONResponse({"ok": False, "error": "internal_error"}, fault.status)
        if fault.kind == "refuse":
            return JSONResponse({"ok": False, "error": fault.code})
        if fault.kind == "drop":
            abort_connection(request)
            return PlainTextResponse("", 503)
        if fault.kind == "hang":
            await self._stopping.wait()
            return PlainTextResponse("", 503)
        if fault.kind == "slow":
            await asyncio.sleep(fault.delay_s)
        return None

    async def _authorize(self, request: Request) -> Response:
        """Slack's page asks first; here whoever opens it has allowed it."""
        try:
            back = self._desk.web_api.installing.allow(dict(request.query_params), "U0ANA")
        except Refused as refused:
            return PlainTextResponse(refused.error, 400)
        return RedirectResponse(back, 302)

    async def _socket(self, websocket: WebSocket) -> None:
        await self._desk.delivery.sockets.serve(websocket)

    async def _response(self, request: Request) -> Response:
        body: Json = await request.json()
        workspace = self._desk.workspace
        try:
            use_response_url(workspace, workspace.response_urls.use(request.path_params["id"]), body)
        except Refused as refused:
            self._desk.web_api.refuse("response_url", refused, body)
            return JSONResponse({"ok": False, "error": refused.error}, 404 if "_url" in refused.error else 200)
        self._ledger.effects.append(Effect(workspace.now(), "response_url", body, {"ok": True}))
        return PlainTextResponse("ok")

    async def _upload(self, request: Request) -> Response:
        file = self._desk.workspace.files.get(request.path_params["file_id"])
        content = await request.body()
        if file is None or len(content) != file.length:
            return PlainTextResponse("no such upload, or not the length it was announced with", 400)
        file.content = content
        return PlainTextResponse(f"OK - {file.length}")

    async def _file(self, request: Request) -> Response:
        file = self._desk.workspace.files.get(request.path_params["file_id"])
        if file is None or file.content is None:
            return PlainTextResponse("no such file", 404)
        return Response(file.content, media_type=file.mimetype, headers=HARMLESS)


async def _page(request: Request) -> Response:
    asset = (PAGE / request.path_params.get("asset", "index.html")).resolve()
    if not asset.is_relative_to(PAGE) or not asset.is_file():
        return PlainTextResponse("no such page", 404)
    return FileResponse(asset, headers={"Cache-Control": "no-cache"})


async def _arguments(request: Request) -> tuple[Json, str]:
    """Arguments from query, form or JSON together, and the token, which comes as a header or as one of them."""
    args: Json = dict(request.query_params)
    body = await request.body()
    kind = request.headers.get("content-type", "")
    if body and kind.startswith("application/json"):
        args |= json.loads(body)
    elif body:
        args |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    token = str(args.pop("token", ""))
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    return args, bearer if scheme == "Bearer" else token
