"""What came back from the app for one delivery."""

from dataclasses import dataclass, field

from incident_copilot.sandbox.wire import Json


@dataclass(frozen=True, slots=True)
class Ack:
    """`error` is Slack's name for what went wrong; `status` is 0 where no answer came at all."""

    ok: bool
    status: int = 0
    body: Json = field(default_factory=dict)
    seconds: float = 0.0
    error: str | None = None
    no_retry: bool = False

    @property
    def errors(self) -> dict[str, str]:
        """The problems of a submitted form by block_id."""
        return dict(self.body.get("errors", {})) if self.body.get("response_action") == "errors" else {}
