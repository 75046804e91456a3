"""What looks at single interactions of AI systems."""

from typing import Protocol

from incident_copilot.domain.sampled import Evaluation, Sampled, Usual


class Evaluator(Protocol):
    """Says of one interaction how good or how safe it is; quick, and without asking anybody."""

    name: str
    """Under which its score is kept."""

    def look(self, one: Sampled, usual: Usual) -> Evaluation:
        """Return what can be said of a redacted interaction; `usual` is what its system's figures are like."""
        ...
