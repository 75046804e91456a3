"""A supervised action: tried in staging, approved by two who did not ask for it, carried out once, taken back."""

import contextlib
import json

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from incident_copilot.demo.story import shown
from incident_copilot.domain.log import LogKind
from incident_copilot.store import action_log
from incident_copilot.web.server import listening
from whole import running, settings_for, workspace

GOOD, BAD = "2026-11-01", "2026-11-20"
BACK = {
    "does": "Serve version {version} of the model of {service}",
    "adapter": "models",
    "params": {"version": {"pattern": "[0-9]{4}-[0-9]{2}-[0-9]{2}"}},
    "risk": "high",
    "verify": False,
}
WITH = {
    "method": "PUT",
    "body": {"version": "{version}"},
    "state": {"version": "version"},
    "wanted": {"version": "{version}"},
    "effect": "All requests get the earlier version.",
}


def entry(name, environment, **more):
    path = f"v1/{environment}/models/{{service}}"
    return BACK | {"name": name, "environments": [environment], "with": WITH | {"path": path, "read": path}} | more


ENTRIES = [
    entry("model-back-staging", "staging"),
    entry(
        "model-back",
        "production",
        staging="model-back-staging",
        undo={"action": "model-back", "params": {"version": "{state.version}"}},
    ),
]


class Models:
    """Which version is served where, and every change that was asked for."""

    def __init__(self):
        self.serving = {"staging": BAD, "production": BAD}
        self.changes = []

    async def read(self, request):
        return JSONResponse({"version": self.serving[request.path_params["place"]]})

    async def change(self, request):
        place, version = request.path_params["place"], (await request.json())["version"]
        self.serving[place] = version
        self.changes.append((place, version))
        return JSONResponse({"version": version})


@contextlib.asynccontextmanager
async def serving_models(service="checkout"):
    models = Models()
    at = f"/v1/{{place}}/models/{service}"
    routes = [Route(at, models.read), Route(at, models.change, methods=["PUT"])]
    async with listening(Starlette(routes=routes), "127.0.0.1", 0) as port:
        yield models, f"http://127.0.0.1:{port}"


async def approved_by_two(whole, place, words, first, second):
    """Have a proposal approved by two people, and return it once it was carried out."""
    proposal = await whole.sees(place, words)
    assert (await first.click(proposal, "approve")).ok
    await whole.sandbox.until(lambda: "1 of 2" in shown(proposal))
    assert (await second.click(proposal, "approve")).ok
    await whole.sandbox.until(lambda: "Carried out" in shown(proposal))
    return proposal


async def test_model_is_rolled_back_in_staging_then_in_production_and_taken_back(tmp_path):
    async with serving_models() as (models, url), workspace(tmp_path) as whole:
        file = tmp_path / "copilot.yaml"
        config = json.loads(file.read_text())
        config["actions"].append({"plugin": "http", "name": "models", "options": {"url": url}})
        file.write_text(json.dumps(config))
        entries = tmp_path / "actions.yaml"
        entries.write_text(json.dumps({"actions": ENTRIES}))
        async with running(whole, settings_for(whole, actions_file=entries)):
            await whole.sandbox.until(lambda: whole.sandbox.sockets)
            ana, ben, dev = (whole.sandbox.person(name) for name in ("ana", "ben", "dev"))
            await whole.fire()
            place = await whole.channel()
            for person in (ben, dev):
                await person.join(place)

            await dev.command("/incident", f"action model-back version={GOOD}", channel=place)
            await approved_by_two(whole, place, "in staging first", ana, ben)
            assert models.changes == [("staging", GOOD)]
            real = await approved_by_two(whole, place, "Tried in staging: it worked there.", ana, ben)
            assert models.changes == [("staging", GOOD), ("production", GOOD)]
            assert f"version: {BAD}" in shown(real)

            assert (await dev.click(real, "undo")).ok
            await approved_by_two(whole, place, f"Serve version {BAD} of the model", ana, ben)
            await whole.still()
        whole.sandbox.assert_conformant()

    assert models.changes == [("staging", GOOD), ("production", GOOD), ("production", BAD)]
    db = whole.open_db()
    async with db.read() as view:
        decided = await action_log.some(view, "default", kinds=[LogKind.APPROVED])
        assert await action_log.verify(view) == []
    await db.close()
    assert len(decided) == 3
