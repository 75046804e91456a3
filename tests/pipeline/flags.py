"""A service with feature flags that actions turn off, in memory: what it was asked and is, and how it misbehaves."""

import json

import httpx

from incident_copilot.domain.action import Actions
from incident_copilot.plugins.actions import http, unleash
from incident_copilot.ports import PluginEnv

UNLEASH, MODELS = "https://unleash.example.net", "https://models.example.net"
FLAG = {
    "adapter": "unleash",
    "with": {"flag": "{flag}", "environment": "{environment}", "to": "off"},
    "params": {"flag": {"one_of": ["new-cart", "old-cart"], "default": "new-cart"}},
    "verify": False,
}


def entries(**changes):
    """actions.yaml of the tests: `changes` are fields by the name of an entry, with _ for -."""
    listed = [
        FLAG
        | {
            "name": "flag-off",
            "does": "Turn the flag {flag} off",
            "undo": {"action": "flag-on", "params": {"flag": "{flag}"}},
        },
        FLAG | {"name": "flag-on", "does": "Turn the flag {flag} on", "with": FLAG["with"] | {"to": "on"}},
        FLAG | {"name": "flag-off-staging", "does": "Turn the flag {flag} off", "environments": ["staging"]},
        {
            "name": "shift",
            "does": "Send {percent} % of the traffic to the new model",
            "adapter": "models",
            "with": {
                "method": "PUT",
                "path": "v1/models/{service}/share",
                "body": {"share": "{percent}"},
                "read": "v1/models/{service}",
                "state": {"share": "share"},
                "wanted": {"share": "{percent}"},
            },
            "params": {"percent": {"least": 0, "most": 100}},
            "verify": False,
        },
    ]
    blind = {"method": "PUT", "path": "v1/models/{service}/share", "body": {"share": 7}}
    listed.append({"name": "blind", "does": "Send it", "adapter": "models", "with": blind, "verify": False})
    listed.append(listed[-1] | {"name": "blind-staging", "environments": ["staging"]})
    return Actions.model_validate({"actions": [one | changes.get(one["name"].replace("-", "_"), {}) for one in listed]})


class Flags:
    """The flags of two environments, and the share of a model; `trouble` is what the next change is answered with."""

    def __init__(self):
        self.on = {"production": True, "staging": True}
        self.share = 0
        self.changes = []
        self.trouble = None
        self.is_deaf = self.is_away = False

    def adapters(self, clock):
        """The adapters that speak to it."""
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        return {
            "unleash": unleash.create(PluginEnv(client, clock, "s3cret"), unleash.Options(url=UNLEASH)),
            "models": http.create(PluginEnv(client, clock, instance="models"), http.Options(url=MODELS)),
        }

    def _answer(self, request):
        path = request.url.path
        if self.is_away:
            return httpx.Response(403)
        if request.method == "GET":
            known = {"enabled": self.on.get(path.rpartition("/")[2], False), "share": self.share}
            return httpx.Response(200, json=known)
        self.changes.append((path, request.content.decode()))
        if not self.is_deaf:
            self._change(path, request.content)
        trouble, self.trouble = self.trouble, None
        if isinstance(trouble, Exception):
            raise trouble
        return trouble or httpx.Response(200, json={})

    def _change(self, path, content):
        if path.endswith("/share"):
            self.share = json.loads(content)["share"]
        else:
            environment, to = path.rsplit("/", 2)[1:]
            self.on[environment] = to == "on"
