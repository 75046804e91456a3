"""Six AI incidents, fed by the front doors and read in Slack: who is told, what is found, what is proposed.

One copilot takes all six at once: they are different systems, so that each has an incident of its own. A scripted model
looks into two of them, phase by phase; people stop it in the second. It sees no other.
"""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from abuse.abused import Model
from incident_copilot.demo.story import shown
from incident_copilot.domain.hypothesis import Phase
from incident_copilot.pipeline.by_model.phase_specialists import PHASES
from incident_copilot.store import interactions
from pipeline.by_model.scripted import TYPED
from whole import quick, running, settings_for, workspace

FOLDER = Path(__file__).parent / "ai_incidents"
STORIES = [yaml.safe_load(path.read_text()) for path in sorted(FOLDER.glob("*.yaml"))]
SECRET_ENV = "COPILOT_ALERTMANAGER_SECRET"
ONSET, HOUR = timedelta(minutes=8), timedelta(hours=1)
OWNERS = {"ai": "U0ANA", "security": "U0BEN", "legal-and-ethics": "U0CARA"}
EXAMINED, STOPPED = "support-answers", "price-hints"
LOOKS = {
    Phase.COMPONENTS: ("component_health", {"service": EXAMINED}),
    Phase.LINEAGE: ("lineage", {"dataset": "answers-index"}),
    Phase.MODEL: ("slices_by", {"label": "version"}),
    Phase.ENVIRONMENT: ("usage", {"about": "performance"}),
}
PROMOTED = {"com.example.model.promoted": {"becomes": "model"}}


def configure(folder):
    """Add the systems, the senders of changes, the services and the owners to the files of the sandbox's copilot."""
    plugins, catalog = folder / "copilot.yaml", folder / "catalog.yaml"
    written = json.loads(plugins.read_text())
    systems = [{"plugin": "ai_system", "name": one["system"], "secret_env": SECRET_ENV} for one in STORIES]
    senders = [
        {"plugin": "openlineage", "secret_env": SECRET_ENV},
        {"plugin": "cloudevents", "secret_env": SECRET_ENV, "options": {"types": PROMOTED}},
    ]
    written["alert_sources"] += [*systems, *senders]
    plugins.write_text(json.dumps(written))
    known = yaml.safe_load(catalog.read_text())
    for one in STORIES:
        below = one.get("depends_on", {})
        service = {"name": one["system"], "tier": 2, "user_facing": True, "depends_on": [*below]}
        known["services"].append(service | {"model": one.get("model", True)})
        there = {service["name"] for service in known["services"]}
        known["services"] += [{"name": name, "kind": kind} for name, kind in below.items() if name not in there]
    known["teams"] += [{"name": name, "on_call": {"primary": who}} for name, who in OWNERS.items()]
    catalog.write_text(yaml.safe_dump(known))


def requests_of(story, now):
    """The interactions of a story: evenly over the hour before the onset, and since."""
    made = []
    for row in story["requests"]:
        begins, span = (now - ONSET, ONSET) if row.get("since") else (now - HOUR, HOUR - ONSET)
        for place in range(row["n"]):
            made.append(
                {
                    "id": f"{story['system']}-{len(made)}",
                    "at": (begins + span * (place + 1) / (row["n"] + 2)).isoformat(),
                    "request": row.get("request", "How much is it?"),
                    "response": "It is 12.",
                    "labels": row["labels"],
                    "user": f"u{place}",
                    "rating": 1 if place < row["bad"] else 5,
                }
            )
    return {"id": f"batch-{story['system']}", "interactions": made}


def alert_of(story, now):
    """The body that Alertmanager sends for it."""
    labels = {key: value for key, value in story["alert"].items() if key != "summary"}
    alert = {
        "status": "firing",
        "labels": labels | {"service": story["system"], "system": story["system"], "env": "production"},
        "annotations": {"summary": story["alert"]["summary"]},
        "startsAt": (now - ONSET).isoformat(),
        "endsAt": "0001-01-01T00:00:00Z",
        "fingerprint": f"{story['system']:0>16}"[:16],
    }
    return {"version": "4", "status": "firing", "receiver": "copilot", "alerts": [alert]}


async def send(whole, path, body):
    """Send until it is taken: as senders do, once more where the answer is that it was not recorded."""
    for _ in range(5):
        answer = await whole.http.post(f"{whole.url}{path}", json=body, headers={"Authorization": "Bearer demo-secret"})
        if answer.status_code != 503:
            break
    assert answer.status_code == 200, (path, answer.text)


async def tell(whole, story, now):
    """Send what is known of a system, what changed, and then the alert."""
    await send(whole, f"/monitoring/{story['system']}/interactions", requests_of(story, now))
    if change := story.get("change"):
        at = (now - ONSET - timedelta(minutes=1)).isoformat()
        stamped = {"eventTime": at} if change["source"] == "openlineage" else {"time": at}
        await send(whole, f"/webhooks/{change['source']}", change["body"] | stamped)


async def all_scored(whole, now):
    """Wait until the requests of all systems are scored, which is a job of its own."""
    wanted = {story["system"]: sum(row["n"] for row in story["requests"]) for story in STORIES}
    db = whole.open_db()
    async with asyncio.timeout(30):
        while wanted:
            async with db.read() as view:
                for system, n in [*wanted.items()]:
                    if len(await interactions.between(view, "default", system, now - HOUR, now)) == n:
                        del wanted[system]
            await asyncio.sleep(0.1)
    await db.close()


def phase_of(asked):
    """The phase that a question to the model is of, and all that the model is told."""
    told = "\n".join(str(message["content"]) for message in asked["messages"])
    return next((one for one in PHASES if one.instructions in told), None), told


def examiner(stopped):
    """A model that looks once in each phase, and in the last cites the requests; of one system it waits."""

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
        cited = [labels["Requests to"]] if phase.name == Phase.LINEAGE else []
        hypotheses = dict.fromkeys(re.findall(r"^\| (H\d+): ", told, re.MULTILINE))
        unsure = {"confidence": 0.5, "against": [], "because": ""}
        judged = [{"hypothesis": one, "evidence": cited if one == "H1" else [], **unsure} for one in hypotheses]
        return json.dumps({"judged": judged, "another": None, "next_step": None, **TYPED[phase.answer.__name__]})

    return say


async def is_examined(whole, model, stopped):
    """Ana stops the model in one incident, and reads in the other what it found and on what that rests."""
    ana = whole.sandbox.person("ana")
    (place,), (elsewhere,) = [await place_of(whole, story_of(name)) for name in (EXAMINED, STOPPED)]
    plan = await whole.sees(elsewhere, "The model tests the causes, read-only: ")
    await whole.sandbox.until(lambda: phases_asked(model, STOPPED), 20)
    await ana.click(plan, "stop_model")
    stopped.set()
    await whole.sees(elsewhere, "The model was stopped")

    finding = await whole.sees(place, "The model puts ")
    assert re.search(r'The model puts ".+" first too: evidence E\d+', shown(finding))
    await ana.click(finding, "reasoning")
    reasons = json.dumps((await whole.form(ana)).blocks)
    assert "model behaviour: slices by version" in reasons
    assert {*phases_asked(model, EXAMINED)} == {*Phase}
    assert [one["system"] for one in STORIES if phases_asked(model, one["system"])] == [STOPPED, EXAMINED]


def phases_asked(model, system):
    """The phases in which the model was asked about a system."""
    questions = map(phase_of, model.asked)
    return [phase.name for phase, told in questions if phase and f"; service {system};" in told]


def story_of(system):
    return next(one for one in STORIES if one["system"] == system)


def words_of(whole, channel, thread=None):
    return "\n".join(shown(message) for message in whole.sandbox.messages(channel, thread))


async def test_each_ai_incident_is_told_to_its_owners_with_what_was_found_and_how_to_contain_it(tmp_path):
    stopped = asyncio.Event()
    model = Model(examiner(stopped))
    async with workspace(tmp_path, quick("llm_provider_outage")) as whole, model.served() as url:
        configure(tmp_path)
        async with running(whole, settings_for(whole, llm_base_url=url, llm_model="examiner", llm_deadline_s=120)):
            await whole.sandbox.until(lambda: whole.sandbox.sockets)
            now = datetime.now(UTC)
            for story in STORIES:
                await tell(whole, story, now)
            await all_scored(whole, now)
            for story in STORIES:
                await send(whole, "/webhooks/alertmanager", alert_of(story, now))

            for story in STORIES:
                place = await place_of(whole, story)
                for words in [*story["says"], *([story["proposes"]] if "proposes" in story else [])]:
                    await whole.sandbox.until(lambda place=place, words=words: words in words_of(whole, *place), 20)
                everywhere = words_of(whole, "#incidents")
                assert (story["alert"]["summary"] in everywhere) is ("private_for" not in story)
            await is_examined(whole, model, stopped)
        whole.sandbox.assert_conformant()


async def place_of(whole, story):
    """The channel or thread that a story's incident lives in, once it has one."""
    named = story["alert"]["summary"].lower().replace(" ", "-")

    def found():
        return [name for name in whole.channels() if named[:20] in name or story["system"] in name]

    if story["alert"]["severity"] == "warning":
        announced = await whole.sees("#incidents", story["alert"]["summary"])
        return "#incidents", announced.ts
    (name,) = await whole.sandbox.until(found, 30)
    channel, owner = whole.sandbox.channel(name), OWNERS.get(story.get("private_for"))
    assert channel.is_private is (owner is not None)
    await whole.sandbox.until(lambda: owner is None or owner in channel.members)
    return (name,)
