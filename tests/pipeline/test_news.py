"""What a refreshed brief says otherwise than the one before."""

import pytest

from incident_copilot.domain.evidence import EvidenceGap
from incident_copilot.pipeline.investigating.news import news

from .samples import brief
from .test_gather_context import suspecting

WAITING = tuple(EvidenceGap(source=name, reason="no answer yet", still_asked=True) for name in ("Loki", "Tempo", "X"))
NONE = brief(hypotheses=())


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, suspecting(), ""),
        (suspecting(), suspecting(cause="4.3 times the usual traffic"), ""),
        (NONE, suspecting(), "Suspect now: 4.2 times the usual traffic."),
        (suspecting(), NONE, "No longer suspected: 4.2 times the usual traffic."),
        (
            suspecting(),
            suspecting(kind="change", cause="payments v2"),
            "Suspect now: payments v2. Before: 4.2 times the usual traffic.",
        ),
        (brief(gaps=WAITING[:1]), brief(), "Loki answered late."),
        (brief(gaps=WAITING), brief(gaps=WAITING[2:]), "Loki and Tempo answered late."),
        (brief(gaps=WAITING), brief(gaps=()), "Loki, Tempo and X answered late."),
    ],
)
def test_news_are_who_answered_late_and_another_suspect(before, after, said):
    assert news(before, after) == said
