"""Impact: who met the trouble of an AI system since its onset, as far as requests are known."""

from incident_copilot.domain.base import Frozen, Utc


class Impact(Frozen):
    """How many of the requests that are known since the onset were answered badly, and how many users met one.

    `low` and `high` are the 95 % interval of the share of bad ones. `requests` is how many there were in all, as far as
    the system told; only a sample of them may be known.
    """

    system: str
    since: Utc
    until: Utc
    known: int
    bad: int
    users: int
    low: float
    high: float
    requests: int | None = None

    @property
    def in_all(self) -> tuple[int, int] | None:
        """Between how many and how many of all requests were answered badly; None where their number is not known."""
        if self.requests is None or self.requests <= self.known:
            return None
        return max(self.bad, round(self.requests * self.low)), round(self.requests * self.high)

    @property
    def lines(self) -> list[str]:
        """What people should know of it."""
        share = (
            f"{self.bad / self.known:.1%}, {self.low:.1%} to {self.high:.1%} at 95 %" if self.known else "none known"
        )
        known = f"{self.bad} of {self.known} known requests to {self.system} since {self.since:%H:%M} UTC"
        told = [f"{known} were answered badly ({share}).", f"{self.users} users met one of these."]
        if self.in_all and self.requests:
            low, high = self.in_all
            told.append(f"Of all {self.requests:,} requests that is {low:,} to {high:,}; more users than these met it.")
        return told
