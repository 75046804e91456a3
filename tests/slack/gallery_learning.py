"""What the gallery shows of what the copilot learned."""

from incident_copilot.pipeline.forget import Learned
from incident_copilot.slack.views.learned import learned


def entries():
    """Each as name, what is shown, by which view, and whether only one person sees it."""
    poor = Learned(
        name="runbook:cache-cold",
        said="runbook cache-cold",
        record="rejected 6 of 6 times",
        effect="helps in 24%, likely between 9% and 42%; it comes last until it does better",
        is_demoted=True,
    )
    good = Learned(
        name="rule:change",
        said="rule change",
        record="worked 5 of 6 times",
        effect="helps in 74%, likely between 56% and 90%; it counts more than what is new",
    )
    yield "answer-learned", learned([poor, *[good] * 20]), learned, True
    yield "answer-nothing-learned", learned([]), learned, True
