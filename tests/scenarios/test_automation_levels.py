"""A service for which the copilot only suggests: two people raise that on its record, and one lowers it again."""

import json

import yaml

from incident_copilot.demo.story import shown, texts
from incident_copilot.domain.log import LogKind
from incident_copilot.store import action_log
from whole import running, settings_for, workspace

from .test_supervised_action import GOOD, entry, serving_models

OPS = "#copilot-ops"
RAISED = "raised how far I go for checkout, from suggest to supervised"


def set_to_suggest(folder):
    """Have the catalogue say that the copilot only suggests for checkout; one decision is record enough."""
    file = folder / "catalog.yaml"
    catalog = yaml.safe_load(file.read_text())
    for service in catalog["services"]:
        service["automation"] = "suggest" if service["name"] == "checkout" else "supervised"
    file.write_text(yaml.safe_dump(catalog | {"automation": {"decisions": 1, "accepted": 0.2}}))


async def changes(whole, person, button, why):
    """Have somebody raise or lower checkout from what the command shows them; return what the form says then."""
    await person.command("/incident", "automation checkout", channel="#general")
    assert (await person.click(person.ephemerals("#general")[-1], button, "checkout")).ok
    form = (await whole.sandbox.until(lambda: [one for one in person.views if one.callback_id == button]))[-1]
    assert (await person.submit(form, {"reason": why})).ok
    return " ".join(texts(person.views[-1].blocks))


async def to_approve(whole, place, version):
    """Wait until an action that serves this version is put to people."""
    words = f"Serve version {version}"
    return (await whole.sandbox.until(lambda: [one for one in whole.told(place, words) if "Approve" in shown(one)]))[-1]


async def hears(whole, person, place, words):
    """Wait until the copilot has told this to one person."""
    await whole.sandbox.until(lambda: [one for one in person.ephemerals(place) if words in one.text])


async def test_two_people_raise_what_the_copilot_does_for_a_service_and_one_lowers_it(tmp_path):
    async with serving_models() as (models, url), workspace(tmp_path) as whole:
        file = tmp_path / "copilot.yaml"
        config = json.loads(file.read_text())
        config["actions"].append({"plugin": "http", "name": "models", "options": {"url": url}})
        file.write_text(json.dumps(config))
        entries = tmp_path / "actions.yaml"
        entries.write_text(json.dumps({"actions": [entry("model-back", "production", risk="medium")]}))
        set_to_suggest(tmp_path)
        async with running(whole, settings_for(whole, actions_file=entries)):
            await whole.sandbox.until(lambda: whole.sandbox.sockets)
            ana, ben, dev = (whole.sandbox.person(name) for name in ("ana", "ben", "dev"))
            await whole.fire()
            place = await whole.channel()
            for person in (ben, dev):
                await person.join(place)
                await person.join(OPS)

            await dev.command("/incident", f"action model-back version={GOOD}", channel=place)
            step = await whole.sees(place, "For people to do: checkout is set to suggest.")
            assert (await ben.click(step, "done")).ok
            await whole.sandbox.until(lambda: "Done" in shown(step))

            assert "once another approver agrees" in await changes(whole, ana, "raise_level", "All of them helped.")
            request = await whole.sees(OPS, "asks to raise how far I go for checkout")
            assert (await ana.click(request, "agree_level")).ok
            await hears(whole, ana, OPS, "somebody else has to agree")
            for _ in range(2):
                assert (await ben.click(request, "agree_level")).ok
            await hears(whole, ben, OPS, "checkout is raised to supervised already.")
            await whole.sees(place, RAISED)

            await dev.command("/incident", f"action model-back version={GOOD}", channel=place)
            first = await to_approve(whole, place, GOOD)
            assert (await ana.click(first, "approve")).ok
            await whole.sandbox.until(lambda: "Carried out" in shown(first))
            assert models.changes == [("production", GOOD)]

            assert "from now on" in await changes(whole, ben, "lower_level", "Too many at once.")
            await whole.sees(place, "lowered how far I go for checkout, from supervised to suggest")
        whole.sandbox.assert_conformant()

    db = whole.open_db()
    async with db.read() as view:
        rows = await action_log.entries(view, chain="workspace:default")
        assert await action_log.verify(view) == []
    await db.close()
    written = [row.kind for row in rows if row.kind.startswith("automation:")]
    assert written == [LogKind.LEVEL_ASKED, LogKind.LEVEL_RAISED, LogKind.LEVEL_LOWERED]
