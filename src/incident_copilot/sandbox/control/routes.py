"""The routes under /control."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from incident_copilot.sandbox.control.acts import act
from incident_copilot.sandbox.control.view import seen_by
from incident_copilot.sandbox.faults import Faults
from incident_copilot.sandbox.hooks import SandboxHooks
from incident_copilot.sandbox.ledger import Ledger
from incident_copilot.sandbox.people.desk import Desk
from incident_copilot.sandbox.wire import Json, Refused

COALESCE_S = 0.1


class Control:
    """`stopping` is set when the server goes down, so that open streams end."""

    def __init__(
        self, desk: Desk, hooks: SandboxHooks, faults: Faults, ledger: Ledger, stopping: asyncio.Event
    ) -> None:
        self._desk = desk
        self._hooks = hooks
        self._faults = faults
        self._ledger = ledger
        self._stopping = stopping

    def routes(self) -> list[Route]:
        return [
            Route("/state", self._state),
            Route("/changes", self._changes),
            Route("/act", self._act, methods=["POST"]),
            Route("/faults", self._set_fault, methods=["POST", "DELETE"]),
            Route("/events", self._set_event_faults, methods=["POST"]),
            Route("/ledger", self._read_ledger),
            Route("/scenarios", self._scenarios),
            Route("/scenarios/{name}", self._start_scenario, methods=["POST"]),
            Route("/bot", self._bot),
            Route("/bot/kill", self._kill_bot, methods=["POST"]),
        ]

    async def _state(self, request: Request) -> Response:
        workspace = self._desk.workspace
        me = request.query_params.get("as") or workspace.people[0].id
        channel = workspace.find_channel(request.query_params.get("channel") or "")
        try:
            state = seen_by(workspace, workspace.user(me), channel, self._desk.manifest, self._hooks)
        except Refused as refused:
            return _refused(refused, 404)
        return JSONResponse(state, headers={"Cache-Control": "no-store"})

    async def _changes(self, _request: Request) -> Response:
        return StreamingResponse(self._stream(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def _stream(self) -> AsyncIterator[str]:
        """One event for the state at the start, then one after every burst of changes."""
        changes, timing = self._desk.workspace.changes, self._desk.workspace.timing
        revision = changes.revision
        yield _changed(revision)
        while not self._stopping.is_set():
            try:
                revision = await asyncio.wait_for(changes.beyond(revision), timing.ping_s)
            except TimeoutError:
                yield ": ping\n\n"
            else:
                yield _changed(revision)
                await asyncio.sleep(COALESCE_S)

    async def _act(self, request: Request) -> Response:
        try:
            return JSONResponse(await act(self._desk, await request.json()))
        except Refused as refused:
            return _refused(refused, 200)
        except KeyError as missing:
            return _refused(Refused("missing_argument", str(missing.args[0])), 400)
        except ValueError:
            return _refused(Refused("invalid_json"), 400)

    async def _set_fault(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._faults.clear()
            return JSONResponse({"ok": True})
        body: Json = await request.json()
        try:
            self._faults.add(body.get("method", "*"), Faults.read(body))
        except Refused as refused:
            return _refused(refused, 400)
        return JSONResponse({"ok": True})

    async def _set_event_faults(self, request: Request) -> Response:
        body: Json = await request.json()
        faults = self._desk.delivery.faults
        faults.duplicate = int(body.get("duplicate", faults.duplicate))
        faults.delay_s = float(body.get("delay_s", faults.delay_s))
        faults.reorder = bool(body.get("reorder", faults.reorder))
        if body.get("drop_sockets"):
            await self._desk.delivery.sockets.drop()
        return JSONResponse({"ok": True} | asdict(faults))

    async def _read_ledger(self, _request: Request) -> Response:
        effects = [asdict(effect) for effect in self._ledger.effects]
        return JSONResponse({"effects": effects, "refused": [asdict(one) for one in self._ledger.refused]})

    async def _scenarios(self, _request: Request) -> Response:
        return JSONResponse(list(self._hooks.scenarios()))

    async def _start_scenario(self, request: Request) -> Response:
        if self._hooks.start_scenario is None:
            return _refused(Refused("no_scenarios", "this sandbox runs without a demo"), 404)
        name = request.path_params["name"]
        if name not in {one["name"] for one in self._hooks.scenarios()}:
            return _refused(Refused("unknown_scenario", name), 404)
        await self._hooks.start_scenario(name)
        self._desk.workspace.changes.announce()
        return JSONResponse({"ok": True})

    async def _bot(self, _request: Request) -> Response:
        return JSONResponse(self._hooks.bot_status())

    async def _kill_bot(self, _request: Request) -> Response:
        if self._hooks.kill_bot is None:
            return _refused(Refused("cannot_kill", "this sandbox did not start the bot"), 404)
        await self._hooks.kill_bot()
        self._desk.workspace.changes.announce()
        return JSONResponse({"ok": True} | self._hooks.bot_status())


def _changed(revision: int) -> str:
    return f"event: changed\ndata: {json.dumps({'revision': revision})}\n\n"


def _refused(refused: Refused, status: int) -> Response:
    return JSONResponse({"ok": False, "error": refused.error, "detail": refused.detail}, status)
