"""A small server that answers the sandbox's control API from the hand-made state, so the page is tested by itself."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import fixture_blocks
import fixture_state as made
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

import incident_copilot

PAGE = Path(incident_copilot.__file__).parent / "sandbox" / "page"
CHART = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 560 180"><rect width="560" height="180" fill="#fff"/>'
    '<path d="M20 160H330L345 40H540" fill="none" stroke="#a92a24" stroke-width="3"/></svg>'
)


USAGE = "[declare|list|status|summary|resolve|help]"


class FixtureWorkspace:
    """State, the acts that arrived, and what to answer to the next ones."""

    def __init__(self) -> None:
        self.revision = 1
        self.changed = asyncio.Condition()
        self.stopping = False
        self.acts: list[dict[str, Any]] = []
        self.posts: list[str] = []
        self.views: list[dict[str, Any]] = []
        self.home: dict[str, Any] | None = fixture_blocks.home_view()
        self.channels = made.channels()
        self.messages = made.messages()
        self.notices: list[dict[str, Any]] = []
        self.submit_answers: list[dict[str, Any]] = []
        self.url = ""

    async def change(self) -> None:
        async with self.changed:
            self.revision += 1
            self.changed.notify_all()

    def acts_of(self, kind: str) -> list[dict[str, Any]]:
        return [act for act in self.acts if act["kind"] == kind]

    async def act_of(self, kind: str, count: int = 1) -> dict[str, Any]:
        """The last of at least `count` acts of that kind, as soon as it has arrived."""
        async with asyncio.timeout(5), self.changed:
            await self.changed.wait_for(lambda: len(self.acts_of(kind)) >= count)
        return self.acts_of(kind)[-1]

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/", lambda _: FileResponse(PAGE / "index.html")),
                Route("/page/fixture-chart.svg", lambda _: Response(CHART, media_type="image/svg+xml")),
                Route("/page/{asset}", lambda request: FileResponse(PAGE / request.path_params["asset"])),
                Route("/control/state", self._state),
                Route("/control/changes", self._changes),
                Route("/control/act", self._act, methods=["POST"]),
                Route("/control/bot/kill", self._post, methods=["POST"]),
                Route("/control/scenarios/{name}", self._post, methods=["POST"]),
            ]
        )

    async def _state(self, request: Request) -> Response:
        me = request.query_params.get("as") or "U0ANA"
        if me not in {person["id"] for person in made.PEOPLE}:
            return JSONResponse({"ok": False, "error": "user_not_found"}, status_code=404)
        channel = request.query_params.get("channel", "")
        mine = [m for m in self.messages.get(channel, []) if m["ephemeral_to"] in (None, me)]
        state = {
            "revision": self.revision,
            "team": {"id": "T0SANDBOX", "name": "Sandbox"},
            "now": fixture_blocks.NOW,
            "me": me,
            "people": made.PEOPLE,
            "bots": made.BOTS,
            "channels": self.channels,
            "messages": mine,
            "views": self.views if me == "U0ANA" else [],
            "home": self.home,
            "notices": self.notices,
            "commands": [{"command": "/incident", "description": "Declare or manage an incident", "usage_hint": USAGE}],
            "shortcuts": [
                {"name": "Declare incident", "type": "global", "callback_id": "declare_incident"},
                {"name": "Add to timeline", "type": "message", "callback_id": "add_to_timeline"},
            ],
            "bot": {"running": True, "pid": 4711, "restarts": 1, "can_kill": True},
            "scenarios": [
                {
                    "name": "bad_deploy",
                    "title": "A bad deploy",
                    "description": "payments v2.31.0 shrinks its connection pool",
                },
                {
                    "name": "saturated_database",
                    "title": "A saturated database",
                    "description": "One query takes every connection",
                },
            ],
            "links": [{"label": "Postmortem", "url": "/world/postmortem.html"}, {"label": "World", "url": "/world/"}],
        }
        return JSONResponse(copy.deepcopy(state))

    async def _changes(self, _: Request) -> Response:
        async def events() -> AsyncIterator[str]:
            seen = self.revision
            yield ": hello\n\n"
            while not self.stopping:
                async with self.changed:
                    while self.revision == seen and not self.stopping:
                        await self.changed.wait()
                seen = self.revision
                yield f'event: changed\ndata: {{"revision": {seen}}}\n\n'

        return StreamingResponse(events(), media_type="text/event-stream")

    async def _act(self, request: Request) -> Response:
        act = await request.json()
        self.acts.append(act)
        answer = self._perform(act)
        await self.change()
        return JSONResponse(answer)

    def _submit(self) -> dict[str, Any]:
        answer = self.submit_answers.pop(0) if self.submit_answers else {"ok": True}
        if answer == {"ok": True}:
            self.views = []
        return answer

    def _perform(self, act: dict[str, Any]) -> dict[str, Any]:
        match act["kind"]:
            case "say":
                self._say(act)
            case "react" | "unreact":
                self._react(act)
            case "mark_read":
                channel = next(one for one in self.channels if one["id"] == act["channel"])
                channel.update(unread=0, mention_count=0)
            case "click" if act.get("action_id") == "edit":
                self.views = [fixture_blocks.edit_view()]
            case "close":
                self.views = [view for view in self.views if view["id"] != act["view_id"]]
            case "submit":
                return self._submit()
            case "command" if act["command"] != "/incident":
                text = f"{act['command']} is not a valid command."
                self.notices.append({"id": "N0", "text": text, "kind": "error", "at": fixture_blocks.NOW})
                return {"ok": True, "acked": False, "error": "invalid_command"}
        return {"ok": True}

    def _say(self, act: dict[str, Any]) -> None:
        said = made.message(made.ts(-self.revision), act["as"], act["text"], thread_ts=act.get("thread_ts"))
        self.messages.setdefault(act["channel"], []).append(said)

    def _react(self, act: dict[str, Any]) -> None:
        reacted = next(m for m in self.messages[act["channel"]] if m["ts"] == act["ts"])
        users = {r["name"]: set(r["users"]) for r in reacted["reactions"]}
        if act["kind"] == "react":
            users.setdefault(act["name"], set()).add(act["as"])
        else:
            users[act["name"]].discard(act["as"])
        reacted["reactions"] = [{"name": n, "users": sorted(u)} for n, u in users.items() if u]

    async def _post(self, request: Request) -> Response:
        self.posts.append(request.url.path)
        await self.change()
        return JSONResponse({"ok": True})


@asynccontextmanager
async def running_workspace(port: int = 0) -> AsyncIterator[FixtureWorkspace]:
    """A served workspace; `url` is its page."""
    workspace = FixtureWorkspace()
    config = uvicorn.Config(
        workspace.app(), host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers no event for this
        await asyncio.sleep(0.01)
    workspace.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    try:
        yield workspace
    finally:
        workspace.stopping = True
        await workspace.change()
        server.should_exit = True
        await serving
