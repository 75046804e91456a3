"""A stand-in for Atlassian Statuspage on loopback, as far as updates need it; `lose_next` loses the next answer."""

import contextlib
import itertools
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from incident_copilot.web.server import listening

PAGE = "y2j98763l56x"


class Page:
    """Incidents of one page, with their components."""

    def __init__(self):
        self.incidents = {}
        self.components = {}
        self.lose_next = False
        self.url = ""
        self._ids = itertools.count(1)

    def routes(self):
        at = f"/v1/pages/{PAGE}/incidents"
        return [
            Route(at, self.listed),
            Route(at, self.create, methods=["POST"]),
            Route(f"{at}/unresolved", self.unresolved),
            Route(f"{at}/{{id}}", self.one),
            Route(f"{at}/{{id}}", self.change, methods=["PATCH"]),
            Route(f"{at}/{{id}}/incident_updates/{{update}}", self.correct, methods=["PATCH"]),
        ]

    async def listed(self, _):
        return JSONResponse(list(self.incidents.values()))

    async def unresolved(self, _):
        return JSONResponse([one for one in self.incidents.values() if one["status"] != "resolved"])

    async def one(self, request):
        return JSONResponse(self.incidents[request.path_params["id"]])

    async def create(self, request):
        name = f"p{next(self._ids)}"
        self.incidents[name] = {"id": name, "incident_updates": [], "components": [], "shortlink": f"{self.url}/{name}"}
        return await self._told(name, request, 201)

    async def change(self, request):
        return await self._told(request.path_params["id"], request, 200)

    async def correct(self, request):
        body = (await request.json())["incident_update"]
        for one in self.incidents[request.path_params["id"]]["incident_updates"]:
            if one["id"] == request.path_params["update"]:
                one["body"] = body["body"]
        return JSONResponse({})

    def bodies(self, name):
        """The words of an incident's updates, oldest first."""
        return [one["body"] for one in reversed(self.incidents[name]["incident_updates"])]

    async def _told(self, name, request, status):
        said = (await request.json())["incident"]
        kept = self.incidents[name]
        kept |= {key: said[key] for key in ("name", "status", "metadata") if key in said}
        self.components |= said.get("components", {})
        held = {one["id"] for one in kept["components"]} | set(said.get("component_ids", ()))
        kept["components"] = [{"id": one, "status": self.components[one]} for one in sorted(held)]
        told = {"id": f"u{next(self._ids)}", "body": said["body"], "created_at": datetime.now(UTC).isoformat()}
        kept["incident_updates"].insert(0, told)
        if self.lose_next:
            self.lose_next = False
            return JSONResponse({"error": "bad gateway"}, status_code=502)
        return JSONResponse(kept, status_code=status)


@contextlib.asynccontextmanager
async def running():
    """Run a page while entered."""
    page = Page()
    async with listening(Starlette(routes=page.routes()), "127.0.0.1", 0) as port:
        page.url = f"http://127.0.0.1:{port}"
        yield page
