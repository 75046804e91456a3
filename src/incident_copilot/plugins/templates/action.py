"""The texts of a new action, for string.Template."""

MODULE = '''"""Does something at $Vendor once people approved it.

API: https://example.com/replace-with-the-page-of-the-vendor
"""

import json
from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, Field, ValidationError

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.effect import RunAction
from incident_copilot.errors import VendorRefused
from incident_copilot.ports import ActionResult, DryRun, PluginEnv, SupervisedAction
from incident_copilot.vendors.http import BaseUrl, VendorHttp


class Options(Frozen):
    """Where $Vendor answers; the secret is sent as a bearer token."""

    url: BaseUrl
    deadline_s: float = Field(default=10, gt=0, le=60)


class Params(Frozen):
    """What people approve."""

    service: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$$")


def create(env: PluginEnv, options: Options) -> SupervisedAction:
    """Return the action."""
    return $Class(env, options)


class $Class:
    """One $Vendor, which does nothing twice for the same key."""

    retry = "keyed"

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = env.instance or "$name"
        headers = {"authorization": f"Bearer {env.secret}"} if env.secret else {}
        self._http = VendorHttp(env.http, self.name, options.url, options.deadline_s, headers)

    async def dry_run(self, params: Mapping[str, str]) -> DryRun:
        """Return the exact request and the state now. Raises VendorError."""
        service = self._checked(params).service
        current = await self._http.get(f"services/{service}", _State)
        body = json.dumps({"service": service, "key": "(the id of this approval)"}, indent=2)
        return DryRun(
            target=service,
            request=f"POST {self._http.url('actions')}\\n{body}",
            current=f"{service} is {current.state}.",
            effect=f"Acts on {service}.",
            undo="Cannot be undone.",
        )

    async def execute(self, approved: RunAction) -> ActionResult:
        """Ask for it once. Raises VendorUnavailable (nothing was done) or OutcomeUnknown."""
        try:
            service = self._checked(approved.params).service
            await self._http.post("actions", {"service": service, "key": approved.key})
        except VendorRefused as error:
            return ActionResult(ok=False, summary=str(error))
        return ActionResult(ok=True, summary=f"Asked {self.name} to act on {service}.")

    async def find(self, approved: RunAction, since: datetime) -> ActionResult | None:
        """Return None: the same key again is safe, so nothing has to be looked up."""
        del approved, since
        return None

    def _checked(self, params: Mapping[str, str]) -> Params:
        try:
            return Params.model_validate(params)
        except ValidationError as error:
            fields = ", ".join(str(problem["loc"][0]) for problem in error.errors(include_input=False))
            raise VendorRefused(f"{self.name}: not asked, these parameters cannot be right: {fields}", 0) from None


class _State(BaseModel):
    """A service at the vendor; fields it adds later are ignored."""

    state: str
'''

TEST = '''"""$Vendor: shown exactly, asked for once, a refusal is a result."""

import json

import pytest

from incident_copilot.domain.effect import RunAction
from incident_copilot.errors import OutcomeUnknown, VendorRefused
from incident_copilot.plugins import discover
from incident_copilot.plugins.actions.$name import Options, create
from incident_copilot.ports import ActionResult

URL = "https://vendor.test/actions"


@pytest.fixture
def action(env):
    return create(env, Options(url="https://vendor.test"))


def approved(service="mailer"):
    params = {"service": service}
    return RunAction(proposal_id="p", version=1, action="a", params=params, key="k-1", approved_by=("U1",))


def test_module_is_found_by_its_folder():
    assert "$name" in discover("$kind")


async def test_dry_run_shows_request_and_state(action, fixture, respx_mock):
    respx_mock.get("https://vendor.test/services/mailer").respond(json=fixture("$name"))

    shown = await action.dry_run({"service": "mailer"})

    assert (shown.target, shown.current) == ("mailer", "mailer is running.")
    assert shown.request.startswith(f"POST {URL}\\n")


async def test_it_is_asked_for_with_the_key(action, respx_mock):
    asked = respx_mock.post(URL).respond(202)

    result = await action.execute(approved())

    assert json.loads(asked.calls.last.request.content) == {"service": "mailer", "key": "k-1"}
    assert result == ActionResult(ok=True, summary=f"Asked {action.name} to act on mailer.")


async def test_refusal_is_a_result(action, respx_mock):
    respx_mock.post(URL).respond(409)

    assert await action.execute(approved()) == ActionResult(ok=False, summary=f"{action.name}: HTTP 409 for POST {URL}")


async def test_parameters_that_cannot_be_right_reach_nobody(action):
    with pytest.raises(VendorRefused, match="cannot be right: service"):
        await action.dry_run({"service": "../admin"})


async def test_lost_answer_is_unknown_and_the_key_settles_it(action, respx_mock):
    respx_mock.post(URL).respond(502)

    with pytest.raises(OutcomeUnknown):
        await action.execute(approved())

    assert (action.retry, await action.find(approved(), None)) == ("keyed", None)
'''

FIXTURE = """{"service": "mailer", "state": "running"}
"""
