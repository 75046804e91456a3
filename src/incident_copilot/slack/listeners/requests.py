"""Look at the requests to an AI system: who is affected, and a sample that people judge."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.person import Person
from incident_copilot.errors import DecisionRefused, StoreUnavailable, UnknownThing
from incident_copilot.pipeline import impact, people, read, sampling
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import attempt, look, plain, submission, tell, user_of, value_of
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.views.modals import looks, requests
from incident_copilot.slack.views.modals.parts import View, filled_in


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the buttons and what is sent."""

    @app.action(named("affected"))
    async def affected(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        await look(client, body, respond, await _affected(deps, value_of(body)))

    @app.view("affected")
    async def share(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        async def act(person: Person) -> Outcome:
            return await impact.share(deps, view["private_metadata"], person)

        answer = await attempt(deps, user_of(body), act)
        await ack(response_action="update", view=looks.said("Who is affected", plain(answer.text)))

    @app.action(named("review_requests"))
    async def review(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        try:
            sampled = await sampling.sample(deps, value_of(body), await people.known(deps, user_of(body)))
        except DecisionRefused as refusal:
            await tell(respond, str(refusal))
        except (StoreUnavailable, UnknownThing):
            await look(client, body, respond, None)
        else:
            await look(client, body, respond, requests.review(sampled))

    @app.view("review_requests")
    async def judge(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        incident_id, *names = view["private_metadata"].split("|")
        given = filled_in(view)
        said = {name: given.get(f"{requests.FIELD}{place}") for place, name in enumerate(names)}

        async def act(person: Person) -> Outcome:
            marked = {name: word == "bad" for name, word in said.items() if word}
            return await sampling.judge(deps, incident_id, person, marked)

        await submission(deps, body, ack, f"{requests.FIELD}0", act)


async def _affected(deps: Deps, incident_id: str) -> View | None:
    try:
        return requests.affected(await read.incident(deps, incident_id), await impact.impact(deps, incident_id))
    except (StoreUnavailable, UnknownThing):
        return None
