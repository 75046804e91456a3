"""Answers Web API calls: token, scopes, arguments, limits, then the method itself; all of it goes to the ledger."""

from dataclasses import dataclass, field
from email.utils import formatdate

from incident_copilot.sandbox.installing import Installing
from incident_copilot.sandbox.ledger import Effect, Ledger, Refusal
from incident_copilot.sandbox.manifest import Manifest
from incident_copilot.sandbox.methods import METHODS, Call, Method
from incident_copilot.sandbox.methods.call import TRUE
from incident_copilot.sandbox.rate_limits import RateLimits
from incident_copilot.sandbox.state.workspace import Workspace
from incident_copilot.sandbox.wire import Json, Refused

FAMILIES = {"channel": "channels:", "group": "groups:", "im": "im:"}
# Bolt sends the workspace with every call, and Slack does not mind.
EVERYWHERE = frozenset({"team_id"})


@dataclass(frozen=True, slots=True)
class Tokens:
    bot: str = "xoxb-sandbox-bot"
    app: str = "xapp-sandbox-app"
    signing_secret: str = "sandbox-signing-secret"  # noqa: S105 - a stand-in's secret is no secret


@dataclass(frozen=True, slots=True)
class Answer:
    body: Json
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class WebApi:
    def __init__(self, workspace: Workspace, tokens: Tokens, manifest: Manifest, ledger: Ledger) -> None:
        self._workspace = workspace
        self._tokens = tokens
        self._manifest = manifest
        self._ledger = ledger
        self._limits = RateLimits(workspace.now, workspace.timing)
        self.installing = Installing()

    def answer(self, name: str, token: str, args: Json, *, reply_dropped: bool = False) -> Answer:
        """Does what the call asks for, or says as Slack does why not."""
        try:
            body = {"ok": True} | self._do(name, token, args)
        except Refused as refused:
            self.refuse(name, refused, args)
            return _no(refused)
        if name in METHODS and not METHODS[name].reads:
            self._ledger.effects.append(Effect(self._workspace.now(), name, args, body, reply_dropped))
        return Answer(body, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        """Slack tells the time and the token's scopes with each answer."""
        scopes = self._manifest.scopes
        named = {} if scopes is None else {"X-OAuth-Scopes": ",".join(sorted(scopes))}
        return {"Date": formatdate(self._workspace.now(), usegmt=True), **named}

    def refuse(self, name: str, refused: Refused, args: Json) -> None:
        """Notes a refusal where the tests look for it."""
        note = Refusal(self._workspace.now(), name, refused.error, refused.detail, args)
        self._ledger.refused.append(note)

    def _do(self, name: str, token: str, args: Json) -> Json:
        if name == "oauth.v2.access":  # asked before there is a token
            return self.installing.exchange(args, self._tokens.bot)
        method = METHODS.get(name)
        if method is None:
            raise Refused("unknown_method", name, req_method=name)
        self._admit(method, token, args)
        self._check_arguments(method, args)
        self._limits.call(name, method.per_minute)
        if name == "chat.postMessage":
            channel = self._workspace.find_channel(str(args["channel"]))
            self._limits.post(channel.id if channel else str(args["channel"]))
        return method.answer(Call(self._workspace, name, args, self._manifest.scopes))

    def _admit(self, method: Method, token: str, args: Json) -> None:
        if method.name == "api.test":
            return
        if not token:
            raise Refused("not_authed", "no token")
        if token not in (self._tokens.bot, self._tokens.app):
            raise Refused("invalid_auth", "the sandbox does not know this token")
        if token == self._tokens.bot and not self.installing.is_installed:
            raise Refused("account_inactive", "the app was uninstalled")
        if (token == self._tokens.app) != method.app_token:
            raise Refused("not_allowed_token_type", f"{method.name} takes another kind of token")
        wanted = self._scopes_for(method, args)
        if not self._manifest.grants(wanted):
            provided = ",".join(sorted(self._manifest.scopes or ()))
            raise Refused("missing_scope", f"needs {wanted[0]}", needed=wanted[0], provided=provided)

    def _scopes_for(self, method: Method, args: Json) -> tuple[str, ...]:
        """Public channels, private ones and direct messages have scopes of their own where a method has any such."""
        channel = self._workspace.find_channel(str(args.get("channel", "")))
        kind = channel.kind if channel else "group" if str(args.get("is_private")) in TRUE else "channel"
        same = tuple(scope for scope in method.scopes if scope.startswith(FAMILIES[kind]))
        return same or method.scopes

    def _check_arguments(self, method: Method, args: Json) -> None:
        missing = sorted(name for name in method.needs if args.get(name) in (None, ""))
        if missing:
            messages = [f"[ERROR] missing required field: {name}" for name in missing]
            raise Refused("invalid_arguments", "; ".join(messages), response_metadata={"messages": messages})
        for name in sorted(args.keys() - method.needs - method.takes - EVERYWHERE):
            if method.name != "api.test":
                self.refuse(method.name, Refused("unknown_argument", name), args)


def _no(refused: Refused) -> Answer:
    body: Json = {"ok": False, "error": refused.error} | refused.extra
    if refused.error != "ratelimited":
        return Answer(body)
    return Answer({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(refused.extra["retry_after"])})
