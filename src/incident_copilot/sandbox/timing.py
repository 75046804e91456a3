"""How long the sandbox waits: Slack's own numbers, which tests may shorten."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds, as Slack has them; `burst` messages per channel pass before the rate limit bites.

    `read_lag_s` is how long a message is not yet seen by who reads the channel.
    """

    ack_s: float = 3.0
    trigger_s: float = 3.0
    retry_after_s: tuple[float, ...] = (0.0, 60.0, 300.0)
    post_interval_s: float = 1.0
    burst: int = 3
    minute_s: float = 60.0
    response_url_s: float = 1800.0
    ping_s: float = 15.0
    read_lag_s: float = 0.0

    def faster(self, speed: float) -> "Timing":
        """Paces and retries shrunk by `speed`; deadlines an app has to hold (ack, trigger) stay as they are."""
        return replace(
            self,
            retry_after_s=tuple(wait / speed for wait in self.retry_after_s),
            post_interval_s=self.post_interval_s / speed,
            minute_s=self.minute_s / speed,
        )
