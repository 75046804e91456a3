"""An AI system that is asked the cases of an evaluation: by the chat completions API, or by plain JSON.

Without a model's name the address gets `{"id", "request", "retrieved"}` and answers `{"response"}`, with `retrieved`
and `cited` where it retrieves. API: https://platform.openai.com/docs/api-reference/chat
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from incident_copilot.domain.sampled import Sampled
from incident_copilot.errors import VendorRefused
from incident_copilot.vendors import bodies, told_interactions
from incident_copilot.vendors.http import call

_RESPONSES = ("response", "answer", "output", "text")


class Answering:
    """One endpoint; `model` names the model where it speaks chat completions."""

    def __init__(
        self, http: httpx.AsyncClient, url: str, *, model: str | None, token: str | None, deadline_s: float
    ) -> None:
        self._http, self._url, self._model, self._deadline_s = http, url.rstrip("/"), model, deadline_s
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def ask(self, case: Sampled, now: datetime) -> Sampled:
        """Return the case with the system's answer; `now` is when it is asked.

        Raises:
            VendorError: there is none.
        """
        if self._model:
            told = self._told(await self._post(f"{self._url}/chat/completions", self._chat(case)))
        else:
            told = await self._post(self._url, _plain(case))
        response = next((told[name] for name in _RESPONSES if isinstance(told.get(name), str)), None)
        if response is None:
            raise VendorRefused(f"the endpoint's answer has no text under {', '.join(_RESPONSES)}", 200)
        found, _ = told_interactions.read(
            [{"id": case.id, "request": case.request, "response": response, **_context(told)}], now
        )
        fields = {name: getattr(found[0], name) for name in ("response", "cited")}
        fields["retrieved"] = case.retrieved if found[0].retrieved is None else found[0].retrieved
        return case.model_copy(update={**fields, "at": now})

    async def _post(self, url: str, body: Mapping[str, Any]) -> dict[str, Any]:
        response = await call(
            self._http, "the endpoint", "POST", url, deadline_s=self._deadline_s, headers=self._headers, json=body
        )
        return bodies.load("the endpoint", response.content)

    def _chat(self, case: Sampled) -> dict[str, Any]:
        passages = "\n\n".join(passage.text for passage in case.retrieved or () if passage.text)
        context = [{"role": "system", "content": f"Answer from this:\n\n{passages}"}] if passages else []
        asked = [*context, {"role": "user", "content": case.request}]
        form = {"response_format": {"type": "json_object"}} if case.format == "json" else {}
        return {"model": self._model, "messages": asked, "temperature": 0, **form}

    @staticmethod
    def _told(answer: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return {"response": answer["choices"][0]["message"]["content"]}
        except (KeyError, IndexError, TypeError):
            return {}


def _plain(case: Sampled) -> dict[str, Any]:
    passages = [passage.model_dump(mode="json", exclude_none=True) for passage in case.retrieved or ()]
    return {"id": case.id, "request": case.request, **({"retrieved": passages} if passages else {})}


def _context(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: told[name] for name in ("retrieved", "cited") if name in told}
