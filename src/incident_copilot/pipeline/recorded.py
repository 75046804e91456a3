"""The model, asked about an incident for a person: what leaves is written down before it does, each call after it."""

from collections.abc import Sequence
from datetime import timedelta

from incident_copilot.domain.egress import Egress
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.model_call import ModelCall, Role
from incident_copilot.domain.prompt import Prompt
from incident_copilot.errors import ModelUnavailable
from incident_copilot.pipeline import model_use
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import LLM, Answer, Answered


class Recorded:
    """Implements `ports.OnRecord` over the model of the settings, for one incident."""

    def __init__(self, deps: Deps, llm: LLM, incident: Incident) -> None:
        self._deps, self._llm, self._incident = deps, llm, incident
        self.sent: list[Egress] = []
        """What left, oldest first."""

    async def ask(
        self,
        prompt: Prompt,
        untrusted: str,
        answer_type: type[Answer],
        *,
        deadline: timedelta,
        role: Role = Role.FAST,
        spare: Sequence[str] = (),
    ) -> Answered[Answer]:
        """Return an answer; see `ports.OnRecord`."""
        about = self._incident.id
        leaving = await model_use.what_leaves(self._deps, untrusted, incident_id=about, spare=spare, role=role)
        self.sent.append(await model_use.note_egress(self._deps, self._incident.id, prompt, leaving))
        try:
            answered = await self._llm.ask(prompt, leaving, answer_type, deadline=deadline, role=role)
        except ModelUnavailable as error:
            await self._keep(prompt, error.call)
            raise
        await self._keep(prompt, answered.call)
        return answered

    async def was_grounded(self, *, model: str, kept: int, struck: int) -> None:
        """Write how much of the last answer was supported; see `ports.OnRecord`."""
        async with self._deps.db.transaction() as tx:
            await model_use.note_grounding(tx, self.sent[-1], model=model, kept=kept, struck=struck)

    async def _keep(self, prompt: Prompt, call: ModelCall) -> None:
        async with self._deps.db.transaction() as tx:
            await model_use.note_call(tx, self._deps, self._incident.id, prompt.purpose, call)


async def model_for(deps: Deps, incident: Incident) -> Recorded | str:
    """Return the model that may be asked about an incident, or in words people read why there is none just now."""
    if deps.llm is None:
        return "no language model is connected"
    async with deps.db.read() as db:
        why_not = await model_use.why_not_now(db, deps, incident)
    return why_not or Recorded(deps, deps.llm, incident)
