"""Stand-ins on loopback for where else updates are told: Instatus, issues of GitHub, an address that takes webhooks.

`loses` names those that lose the answer to their next change.
"""

import contextlib
import itertools
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from incident_copilot.vendors.signatures import require_standard
from incident_copilot.web.server import listening

PAGE, REPO, SECRET = "ckf01fonve9i40a32", "acme/status", "hush"


class Outlets:
    """What each of them holds: incidents of Instatus, issues and their comments, deliveries by their ids."""

    def __init__(self):
        self.incidents, self.components, self.issues, self.comments, self.deliveries = {}, {}, {}, {}, []
        self.loses = set()
        self.url = ""
        self._ids = itertools.count(1)

    def routes(self):
        at, issues = f"/instatus/{PAGE}/incidents", f"/github/repos/{REPO}/issues"
        return [
            Route(at, self.listed),
            Route(at, self.begin, methods=["POST"]),
            Route(f"{at}/{{id}}", self.one),
            Route(f"{at}/{{id}}/incident-updates", self.go_on, methods=["POST"]),
            Route(f"{at}/{{id}}/incident-updates/{{update}}", self.correct, methods=["PUT"]),
            Route(issues, self.all_issues),
            Route(issues, self.open_issue, methods=["POST"]),
            Route(f"{issues}/comments/{{number:int}}", self.edit_comment, methods=["PATCH"]),
            Route(f"{issues}/{{number:int}}", self.edit_issue, methods=["PATCH"]),
            Route(f"{issues}/{{number:int}}/comments", self.comment, methods=["POST"]),
            Route("/hook", self.deliver, methods=["POST"]),
        ]

    async def listed(self, _):
        return JSONResponse(list(self.incidents.values()))

    async def one(self, request):
        return JSONResponse(self.incidents[request.path_params["id"]])

    async def begin(self, request):
        said = await request.json()
        made = {"id": f"i{next(self._ids)}", "name": said["name"], "updates": []}
        self.incidents[made["id"]] = made
        self._told(made, said)
        return self._answer("instatus", made)

    async def go_on(self, request):
        return self._answer("instatus", self._told(self.incidents[request.path_params["id"]], await request.json()))

    async def correct(self, request):
        said = await request.json()
        for told in self.incidents[request.path_params["id"]]["updates"]:
            if told["id"] == request.path_params["update"]:
                told["message"] = said["message"]
        return JSONResponse({})

    async def all_issues(self, _):
        return JSONResponse(list(self.issues.values()))

    async def open_issue(self, request):
        said, number = await request.json(), next(self._ids)
        self.issues[number] = {"number": number, "state": "open", "html_url": f"{self.url}/issues/{number}", **said}
        return self._answer("github", self.issues[number])

    async def edit_issue(self, request):
        self.issues[request.path_params["number"]] |= await request.json()
        return JSONResponse(self.issues[request.path_params["number"]])

    async def comment(self, request):
        number = next(self._ids)
        self.comments[number] = {"id": number, "html_url": f"{self.url}/comments/{number}", **await request.json()}
        return self._answer("github", self.comments[number])

    async def edit_comment(self, request):
        self.comments[request.path_params["number"]] |= await request.json()
        return JSONResponse({})

    async def deliver(self, request):
        content = await request.body()
        delivery_id = require_standard("hook", request.headers, content, [SECRET], datetime.now(UTC))
        self.deliveries.append((delivery_id, await request.json()))
        return self._answer("webhook", {})

    def words(self):
        """What is written in each of them, oldest first; issues without their hidden marks."""
        written = [*self.issues.values(), *self.comments.values()]
        return {
            "instatus": [told["message"] for one in self.incidents.values() for told in one["updates"]],
            "github": [one["body"].partition("\n\n<!--")[0] for one in written],
        }

    def _told(self, incident, said):
        told = {"id": f"u{next(self._ids)}", "message": said["message"], "started": said["started"]}
        told |= {"createdAt": datetime.now(UTC).isoformat()}
        incident |= {"status": said["status"], "components": [{"id": one} for one in said["components"]]}
        self.components |= {one["id"]: one["status"] for one in said["statuses"]}
        incident["updates"].append(told)
        return told

    def _answer(self, name, body):
        if name in self.loses:
            self.loses.discard(name)
            return JSONResponse({"error": "bad gateway"}, status_code=502)
        return JSONResponse(body)


@contextlib.asynccontextmanager
async def running():
    """Run them while entered."""
    outlets = Outlets()
    async with listening(Starlette(routes=outlets.routes()), "127.0.0.1", 0) as port:
        outlets.url = f"http://127.0.0.1:{port}"
        yield outlets
