"""Reads the error lines of an incident's services from Amazon CloudWatch Logs, before the trouble and since.

1. In IAM, make a user or role that may logs:FilterLogEvents. 2. Put its key into the secret, as
ACCESS_KEY_ID:SECRET_ACCESS_KEY. 3. Say where the log groups are; `{service}` in `group` is the service's name.

API: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

import math
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, Field

from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.errors import VendorRefused
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import log_pages, series
from incident_copilot.vendors.log_pages import Ask, Line, LogLimits
from incident_copilot.vendors.server import Server, ServerOptions
from incident_copilot.vendors.sigv4 import Aws, AwsOptions
from incident_copilot.vendors.together import ask_all

_PATTERN = "?error ?Error ?ERROR ?exception ?Exception ?fatal ?FATAL ?panic ?timeout ?refused ?denied ?failed"
_TURNS = 10  # pages that hold nothing are common, where much was searched and little fits


class Options(AwsOptions, LogLimits):
    """Which log group each service writes to (`groups` by service, else `group`), and which lines are of interest.

    `pattern` is in the syntax of filter patterns: with a question mark before each word, one of them is enough.
    """

    group: str = Field(default="/ecs/{service}", min_length=1, max_length=512)
    groups: dict[str, str] = Field(default_factory=dict, max_length=200)
    pattern: str = Field(default=_PATTERN, max_length=1024)
    page_size: int = Field(default=5000, ge=1, le=10_000)


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source. Raises ConfigError: the secret is no key."""
    return CloudWatchLogs(env, options)


class CloudWatchLogs:
    """The logs of one account and region."""

    finds = frozenset({EvidenceKind.LOG})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options, self._now = options, env.now
        # Only for the name and for evidence: what is sent is signed by `Aws`.
        about = ServerOptions(url="https://aws.amazon.com")
        self._server = Server(env, about, "cloudwatch_logs", "CloudWatch Logs", headers={})
        self.name = self._server.name
        self._aws = Aws(env, options, self.name, host="logs", target="Logs_20140328", json="1.1")

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per service that wrote matching lines; a service without a log group has none."""
        services = question.services[: self._options.services]
        return await ask_all(self._look_up(service, question) for service in services)

    async def check(self) -> None:
        """List one log group, or be told that only that is not allowed."""
        try:
            await self._aws.ask("DescribeLogGroups", {"limit": 1}, _Groups)
        except VendorRefused as error:
            if "AccessDenied" not in str(error):
                raise

    async def _look_up(self, service: str, question: Question) -> list[Evidence]:
        group = self._options.groups.get(service) or series.filled(self._options.group, service)

        async def page(ask: Ask) -> Sequence[Line]:
            return await self._page(group, ask)

        try:
            stretches = await log_pages.read(question, page, self._options, only_forward=True)
        except VendorRefused as error:
            if "ResourceNotFoundException" in str(error):
                return []
            raise
        query = f"{group}: {self._options.pattern}"
        link = self._link(group, question)
        return log_pages.evidence(self._server, question, service, stretches, query=query, link=link)

    async def _page(self, group: str, ask: Ask) -> list[Line]:
        found: list[Line] = []
        body: dict[str, Any] = {
            "logGroupName": group,
            "filterPattern": self._options.pattern,
            # Milliseconds: rounded up, so that a page does not begin with the end of the one before.
            "startTime": math.ceil(ask.start / 1e6),
            "endTime": math.ceil(ask.end / 1e6) - 1,
        }
        for _ in range(_TURNS):
            body["limit"] = ask.wanted - len(found)
            answer = await self._aws.ask("FilterLogEvents", body, _Events, log_pages.PAGE_BYTES)
            found += [log_pages.line(one.timestamp * 1_000_000, one.message) for one in answer.events]
            if answer.next_token is None or len(found) >= ask.wanted:
                break
            body["nextToken"] = answer.next_token
        return found

    def _link(self, group: str, question: Question) -> str:
        region = self._options.region
        since, until = (round(at.timestamp() * 1000) for at in (question.since, question.until))
        # The console writes the percent sign of its own encoding as $25.
        name = quote(quote(group, safe=""), safe="").replace("%", "$")
        query = quote(f"?start={since}&end={until}", safe="").replace("%", "$")
        console = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
        return f"{console}#logsV2:log-groups/log-group/{name}/log-events{query}"


class _Event(BaseModel):
    timestamp: int
    message: str


class _Events(BaseModel):
    events: list[_Event] = []
    next_token: str | None = Field(default=None, alias="nextToken")


class _Groups(BaseModel):
    groups: list[dict[str, Any]] = Field(default=[], alias="logGroups")
