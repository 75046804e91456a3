"""All that the worked catalogue changes, in memory: vendors that answer as recorded, and are otherwise afterwards."""

import copy
import json
from pathlib import Path

import httpx

FIXTURES = Path(__file__).parents[1] / "fixtures"
TAG = "deployment.kubernetes.io/revision"


def recorded(name):
    """A recorded body."""
    return json.loads((FIXTURES / f"{name}.json").read_text())


class Targets:
    """Feature flags, models, a cluster, Argo CD, GitHub and an MCP server; `loses` loses the answer to each change."""

    def __init__(self):
        self.flags = {"answers staging": True, "answers production": True, "discounts": True, "banner": True}
        self.model = recorded("http_models_summariser") | {"canary": {"share": 100}}
        self.deployment, self.sets = recorded("kubernetes_deployment"), recorded("kubernetes_revisions")
        self.application = recorded("argocd_rollback_application")
        self.deployed, self.runs = [("v2.31.0", "2026-11-21T11:55:00Z")], []
        self.hanging = 2
        self.changes, self.loses = [], False

    def client(self):
        """A client that reaches nothing else."""
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def _answer(self, request):
        host = request.url.host.removeprefix("app.").partition(".")[0]
        body = json.loads(request.content) if request.content else {}
        method = body.get("params", {}).get("name") if host == "mcp" else request.method
        reads = method in ("GET", None, "status_of") or "/ofrep/" in request.url.path
        said = getattr(self, f"_{host}")(request.method, request.url.path.strip("/").split("/"), body)
        if not reads:
            self.changes.append(f"{method} {request.url.host}{request.url.path}")
            if self.loses:
                raise httpx.ReadTimeout("late")
        return httpx.Response(200, json=said)

    def _unleash(self, method, path, _):
        place = path.index("features")
        name = f"{path[place + 1]} {path[place + 3]}"
        if method == "POST":
            self.flags[name] = path[-1] == "on"
        return recorded("unleash_feature_environment") | {"enabled": self.flags[name]}

    def _launchdarkly(self, method, path, body):
        if method == "PATCH":
            self.flags[path[-1]] = body["instructions"] == [{"kind": "turnFlagOn"}]
        flag = recorded("launchdarkly_flag")
        flag["environments"]["production"]["on"] = self.flags[path[-1]]
        return flag

    def _flags(self, method, path, body):
        if method == "PUT":
            self.flags[path[-1]] = body["state"] == "ENABLED"
        return recorded("openfeature_evaluation") | {"key": path[-1], "value": self.flags[path[-1]]}

    def _models(self, method, path, body):
        if method != "GET":
            part = self.model.get(path[-1])
            self.model[path[-1]] = part | body if isinstance(part, dict) else body[path[-1]]
        return self.model

    def _kubernetes(self, method, path, body):
        if method == "PATCH" and path[-1] == "scale":
            self.deployment["spec"] |= body["spec"]
        elif method == "PATCH":
            self._roll(body[0]["value"])
        return self.sets if path[-1] == "replicasets" else self.deployment

    def _roll(self, template):
        """A rollout numbers the set that has its template anew, as the deployment controller does."""
        kept = self.deployment["metadata"]["annotations"]
        kept[TAG] = str(int(kept[TAG]) + 1)
        self.deployment["spec"]["template"] = copy.deepcopy(template)
        image = template["spec"]["containers"][0]["image"]
        for one in self.sets["items"]:
            if one["spec"]["template"]["spec"]["containers"][0]["image"] == image:
                marks = one["metadata"]["annotations"]
                marks |= {TAG: kept[TAG], f"{TAG}-history": marks[TAG]}

    def _argocd(self, method, _, body):
        status = self.application["status"]
        if method == "POST":
            back = next(one for one in status["history"] if one["id"] == body["id"])
            status["history"].append(back | {"id": status["history"][-1]["id"] + 1})
            status["sync"]["revision"] = back["revision"]
        return self.application

    def _api(self, method, path, body):
        """GitHub; a workflow deploys at once."""
        if method == "POST":
            inputs = body["inputs"]
            self.deployed.insert(0, (inputs["version"], f"2026-11-21T12:00:{len(self.deployed):02}Z"))
            run = {"id": len(self.deployed), "display_title": f"Deploy ({inputs['request_id']})", "status": "completed"}
            self.runs.append(run | {"conclusion": "success", "created_at": self.deployed[0][1]})
        at = {"sha": "c" * 40, "ref": "main", "environment": "production"}
        listed = [
            at | {"id": number, "created_at": when, "payload": {"version": version}}
            for number, (version, when) in enumerate(self.deployed)
        ]
        status = {"id": 1, "state": "success", "created_at": "2026-11-21T12:01:00Z"}
        answers = {"deployments": listed, "statuses": [status], "runs": {"workflow_runs": self.runs}}
        return answers.get(path[-1], {"id": 5, "state": "active"})

    def _mcp(self, _, __, body):
        name = body.get("params", {}).get("name")
        if name == "restart":
            self.hanging = 0
        tools = [{"name": one, "annotations": {"readOnlyHint": one == "status_of"}} for one in ("restart", "status_of")]
        said = json.dumps({"pods": {"hanging": self.hanging}})
        results = {
            "initialize": {"protocolVersion": "2025-06-18"},
            "tools/list": {"tools": tools},
            "tools/call": {"content": [{"type": "text", "text": said}]},
        }
        return {"jsonrpc": "2.0", "id": body.get("id"), "result": results.get(body["method"], {})}
