"""Six AI incidents, raised by the monitors from what systems tell of themselves, and read in Slack until the review.

One copilot takes all six at once: they are different systems, so that each has an incident of its own. A scripted model
looks into two of them, phase by phase; people stop it in one. It sees no other.
"""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from abuse.abused import Model
from incident_copilot import app
from incident_copilot.demo.story import shown, texts
from incident_copilot.domain.hypothesis import Phase
from incident_copilot.pipeline.ai import evaluation_sets
from incident_copilot.pipeline.by_model.phase_specialists import PHASES
from incident_copilot.store import incidents, interactions
from pipeline.by_model.scripted import TYPED
from whole import quick, running, settings_for, workspace

from .ai_story import HOUR, ONSET, mended, requests_of, snapshots_of
from .test_supervised_action import entry, serving_models

FOLDER = Path(__file__).parent / "ai_incidents"
STORIES = [yaml.safe_load(path.read_text()) for path in sorted(FOLDER.glob("*.yaml"))]
MEASURED = [story for story in STORIES if "told" in story]
SECRET_ENV = "COPILOT_ALERTMANAGER_SECRET"
OWNERS = {"ai": "ana", "security": "ben", "legal-and-ethics": "dev"}
QUESTIONS = [
    "What was the AI doing wrong?",
    "How did we detect it?",
    "Why did we not catch it sooner?",
    "What evaluation gaps existed?",
    "Were there warning signs in the metrics?",
    "incident-copilot ai export-set INC-",
]
LONG_S = 120  # on a busy machine
EXAMINED, STOPPED = "support-answers", "price-hints"
LOOKS = {
    Phase.COMPONENTS: ("component_health", {"service": EXAMINED}),
    Phase.LINEAGE: ("lineage", {"dataset": "answers-index"}),
    Phase.MODEL: ("slices_by", {"label": "version"}),
    Phase.ENVIRONMENT: ("usage", {"about": "performance"}),
}
PROMOTED = {"com.example.model.promoted": {"becomes": "model"}}


ROLL_BACK = entry("model-back", "production", services=["support-answers"], contains="roll_back", risk="medium")
ROLL_BACK |= {
    "does": "Serve version {version} of {service}",
    "params": {"version": {"one_of": ["v1"], "default": "v1"}},
}


def configure(folder, models):
    """Add the systems, the senders of changes, the services, the owners and a way back to the copilot's files."""
    plugins, catalog = folder / "copilot.yaml", folder / "catalog.yaml"
    written = json.loads(plugins.read_text())
    systems = [{"plugin": "ai_system", "name": one["system"], "secret_env": SECRET_ENV} for one in STORIES]
    senders = [
        {"plugin": "openlineage", "secret_env": SECRET_ENV},
        {"plugin": "cloudevents", "secret_env": SECRET_ENV, "options": {"types": PROMOTED}},
    ]
    written["alert_sources"] += [*systems, *senders]
    written["actions"].append({"plugin": "http", "name": "models", "options": {"url": models}})
    plugins.write_text(json.dumps(written))
    (folder / "actions.yaml").write_text(json.dumps({"actions": [ROLL_BACK]}))
    known = yaml.safe_load(catalog.read_text())
    for one in STORIES:
        below = one.get("depends_on", {})
        service = {"name": one["system"], "tier": 2, "user_facing": True, "depends_on": [*below]}
        known["services"].append(service | {"model": one.get("model", True)})
        there = {service["name"] for service in known["services"]}
        known["services"] += [{"name": name, "kind": kind} for name, kind in below.items() if name not in there]
    known["teams"] += [{"name": name, "on_call": {"primary": f"U0{who.upper()}"}} for name, who in OWNERS.items()]
    catalog.write_text(yaml.safe_dump(known))


async def send(whole, path, body):
    """Send until it is taken: as senders do, once more where the answer is that it was not recorded."""
    for _ in range(5):
        answer = await whole.http.post(f"{whole.url}{path}", json=body, headers={"Authorization": "Bearer demo-secret"})
        if answer.status_code != 503:
            break
    assert answer.status_code == 200, (path, answer.text)
    assert "left_out" not in answer.json(), answer.text


async def tell(whole, story, now):
    """Send the requests with their answers, and what changed."""
    await send(whole, f"/monitoring/{story['system']}/interactions", requests_of(story, now))
    if change := story.get("change"):
        at = (now - ONSET - timedelta(minutes=1)).isoformat()
        stamped = {"eventTime": at} if change["source"] == "openlineage" else {"time": at}
        await send(whole, f"/webhooks/{change['source']}", change["body"] | stamped)


def phase_of(asked):
    """The phase that a question to the model is of, and all that the model is told."""
    told = "\n".join(str(message["content"]) for message in asked["messages"])
    return next((one for one in PHASES if one.instructions in told), None), told


def examiner(stopped):
    """A model that looks once in each phase, and in the last cites the requests; of one system it waits."""
    answered = set()

    async def say(asked):
        phase, told = phase_of(asked)
        if phase is None:
            return json.dumps({"sentences": []})
        if f"; service {STOPPED};" in told:
            await stopped.wait()
        labels = {title: label for label, title in re.findall(r"(E\d+): \w+ of monitors: (.+? of|Requests to) ", told)}
        if "The tools:" in told:
            by_metric = ("change_points", {"metric": labels.get("bad requests of", "E1")})
            tool, arguments = LOOKS.get(phase.name, by_metric)
            return json.dumps({"next": [{"tool": tool, "arguments": arguments}]})
        if f"; service {EXAMINED};" in told:
            answered.add(phase.name)
        cited = [labels["Requests to"]] if answered == {*Phase} else []
        hypotheses = dict.fromkeys(re.findall(r"^\| (H\d+): ", told, re.MULTILINE))
        unsure = {"confidence": 0.5, "against": [], "because": ""}
        judged = [{"hypothesis": one, "evidence": cited if one == "H1" else [], **unsure} for one in hypotheses]
        return json.dumps({"judged": judged, "another": None, "next_step": None, **TYPED[phase.answer.__name__]})

    return say


async def is_examined(whole, model, stopped, places):
    """Ana stops the model in one incident, and reads in the other what it found and on what that rests."""
    ana = whole.sandbox.person("ana")
    (place, _), (elsewhere, thread) = places[EXAMINED], places[STOPPED]
    plan = await whole.sees(elsewhere, "The model tests the causes, read-only: ", thread, LONG_S)
    await whole.sandbox.until(lambda: phases_asked(model, STOPPED), LONG_S)
    await ana.click(plan, "stop_model")
    stopped.set()
    await whole.sees(elsewhere, "The model was stopped before it had an answer.", thread, LONG_S)

    finding = await whole.sees(place, "The model puts ", timeout_s=LONG_S)
    assert re.search(r'The model puts ".+" first too: evidence E\d+', shown(finding))
    await ana.click(finding, "reasoning")
    form = await whole.form(ana)
    reasons = json.dumps(form.blocks)
    await ana.close(form)
    assert "model behaviour: slices by version" in reasons
    # Whoever comes last is not asked where the evidence separates the causes before.
    assert {*phases_asked(model, EXAMINED)} | {Phase.ENVIRONMENT} == {*Phase}
    assert [one["system"] for one in STORIES if phases_asked(model, one["system"])] == [STOPPED, EXAMINED]


def phases_asked(model, system):
    """The phases in which the model was asked about a system."""
    questions = map(phase_of, model.asked)
    return [phase.name for phase, told in questions if phase and f"; service {system};" in told]


def words_of(whole, channel, thread=None):
    return "\n".join(shown(message) for message in whole.sandbox.messages(channel, thread))


async def all_scored(whole, now):
    """Wait until the requests of all systems are scored, which is a job of its own."""
    wanted = {story["system"]: sum(row["n"] for row in story["requests"]) for story in STORIES}
    db = whole.open_db()
    async with asyncio.timeout(LONG_S):
        while wanted:
            await asyncio.sleep(0.2)
            async with db.read() as view:
                for system, n in [*wanted.items()]:
                    if len(await interactions.between(view, "default", system, now - HOUR, now)) == n:
                        del wanted[system]
    await db.close()


async def raised(whole):
    """The incidents that the monitors opened, by system, once there is one of each."""
    in_threads = [story for story in STORIES if story["raises"]["severity"] == "P2"]
    await whole.sandbox.until(lambda: len(whole.channels()) >= len(STORIES) - len(in_threads), LONG_S)
    for story in in_threads:
        await whole.sees("#incidents", story["raises"]["alert"], timeout_s=LONG_S)
    db = whole.open_db()
    async with db.read() as view:
        found = {one.service: one for one in await incidents.running(view, "default")}
    await db.close()
    return found


def owner_of(whole, story):
    """Who sees to it: somebody of the team that it is for."""
    return whole.sandbox.person(OWNERS[story.get("private_for", "ai")])


async def place_of(whole, story, incident):
    """Where an incident is lived: a channel of its own, or a thread; private for its owner alone."""
    if story["raises"]["severity"] == "P2":
        return "#incidents", (await whole.sees("#incidents", incident.title, timeout_s=LONG_S)).ts
    own = f"#inc-{incident.number}-"
    (name,) = await whole.sandbox.until(lambda: [one for one in whole.channels() if one.startswith(own)], LONG_S)
    channel, owner = whole.sandbox.channel(name), owner_of(whole, story)
    assert channel.is_private is ("private_for" in story)
    if incident.team:  # whoever is on call is brought in
        await whole.sandbox.until(lambda: owner.id in channel.members, LONG_S)
    else:
        # The copilot brings in who is on call, before it has a brief; who is there already cannot be invited.
        await whole.sees(name, story["says"][0], timeout_s=LONG_S)
        if owner.id not in channel.members:
            await owner.join(name)
    return name, None


async def read_brief(whole, story, place):
    """Read what was found and who is affected."""
    for words in story["says"]:
        brief = await whole.sees(*place[:1], words, thread_ts=place[1], timeout_s=LONG_S)
    owner = owner_of(whole, story)
    await owner.click(brief, "affected")
    form = (await whole.sandbox.until(lambda: owner.views, LONG_S))[-1]
    assert story["affected"] in "\n".join(texts(form.blocks))
    await owner.close(form)


async def contain(whole, story, place):
    """Do what is proposed: what an entry of actions.yaml does is carried out, the rest people do."""
    proposal = await whole.sees(*place[:1], story["proposes"], thread_ts=place[1], timeout_s=LONG_S)
    by_itself = story["proposes"].startswith("Serve")
    ack = await owner_of(whole, story).click(proposal, "approve" if by_itself else "done")
    assert ack.ok
    await whole.sandbox.until(
        lambda: "Carried out" in shown(proposal) if by_itself else "Did it" not in shown(proposal), LONG_S
    )


async def recovered(whole, place):
    """See on the card that nothing fires any more, as the monitors say."""
    await whole.sees(place, "0 firing, ", timeout_s=LONG_S)


async def resolve(whole, story, place, **over):
    """End it, and wait for its postmortem."""
    owner = owner_of(whole, story)
    await owner.command("/incident", "resolve", channel=place[0])
    form = (await whole.sandbox.until(lambda: owner.views, LONG_S))[-1]
    ack = await owner.submit(form, {"ending": "resolved", "note": "The version before is served again.", **over})
    assert (ack.ok, ack.errors) == (True, {})
    await whole.sees(place[0], "Postmortem", timeout_s=LONG_S)


async def is_told(whole, story, incident):
    """See that it is what it should be, that its people and no others read of it, and what they read."""
    raises = story["raises"]
    assert (incident.incident_type, incident.severity) == (raises["type"], raises["severity"])
    assert raises["alert"] in incident.title
    place = await place_of(whole, story, incident)
    await read_brief(whole, story, place)
    assert (incident.title in words_of(whole, "#incidents")) is ("private_for" not in story)
    return place


async def are_over(whole, places):
    """Have every system tell that all is well, and end two of the incidents: one over what still fires."""
    for story in MEASURED:
        await send(whole, f"/monitoring/{story['system']}", mended(story, datetime.now(UTC)))
    for story in MEASURED:
        await recovered(whole, places[story["system"]][0])
    by_name = {story["system"]: story for story in STORIES}
    await resolve(whole, by_name[EXAMINED], places[EXAMINED])
    await resolve(whole, by_name["concierge"], places["concierge"], anyway=["anyway"])


async def test_each_ai_incident_is_raised_by_monitors_told_to_its_owners_contained_and_reviewed(tmp_path):
    stopped = asyncio.Event()
    model = Model(examiner(stopped))
    async with (
        model.served() as llm,
        serving_models(EXAMINED) as (models, url),
        workspace(tmp_path, quick("llm_provider_outage")) as whole,
    ):
        configure(tmp_path, url)
        asking = {"llm_base_url": llm, "llm_model": "examiner", "llm_deadline_s": 120}
        async with running(whole, settings_for(whole, actions_file=tmp_path / "actions.yaml", **asking)):
            await whole.sandbox.until(lambda: whole.sandbox.sockets, LONG_S)
            now = datetime.now(UTC)
            for story in STORIES:
                await tell(whole, story, now)
            await all_scored(whole, now)
            for story in MEASURED:
                for snapshot in snapshots_of(story, now):
                    await send(whole, f"/monitoring/{story['system']}", snapshot)
            found = await raised(whole)
            places = {one["system"]: await is_told(whole, one, found[one["system"]]) for one in STORIES}
            await is_examined(whole, model, stopped, places)
            for story in STORIES:
                if "proposes" in story:
                    await contain(whole, story, places[story["system"]])
            assert models.changes == [("production", "v1")]
            await are_over(whole, places)
            page = await whole.http.get(f"{whole.url}/incidents/{found[EXAMINED].number}/postmortem")
            assert [words for words in QUESTIONS if words not in page.text] == []
        whole.sandbox.assert_conformant()
        async with app.at_rest(settings_for(whole)) as (deps, _):
            sets = {name: await evaluation_sets.exported(deps, one.number) for name, one in found.items()}
    assert {name: len(lines) for name, lines in sets.items()} == {one["system"]: one["exported"] for one in STORIES}
