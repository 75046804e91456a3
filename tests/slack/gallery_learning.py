"""What the gallery shows of what the copilot learned."""

from datetime import timedelta

from slack_samples import NOON

from incident_copilot.domain.measures import Load, Measures, Phase, Saved, Share, Spread, Week
from incident_copilot.pipeline.forget import Learned
from incident_copilot.pipeline.weekly import QUIET, Weekly
from incident_copilot.slack.views.learned import learned
from incident_copilot.slack.views.stats import stats
from incident_copilot.slack.views.weekly import weekly

QUIETER = (
    "SlowSearch on search: with `for:` 5 min longer 6 of 8 pages with nothing to do would not have come, and 0 of 2 "
    "real ones would have been missed, and all others would have come that much later."
)


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
    yield "answer-digest", weekly(Weekly(heading="This week: 3 incidents in 7 days", lines=(QUIETER,))), weekly, True
    yield "answer-digest-quiet", weekly(Weekly(heading=QUIET)), weekly, True
    yield "answer-stats", stats(measured()), stats, True
    yield "answer-stats-nothing", stats(Measures(since=NOON - timedelta(days=30), until=NOON)), stats, True


def measured():
    """A month of a small team."""
    took = Spread(
        number=9, mean=3_900, median=2_040, p90=9_000, low=1_500, high=5_400, before=2_460, before_number=7, chance=0.4
    )
    few = Spread(number=2, mean=600, median=600, p90=900)
    times = {Phase.DETECT: few, Phase.RESOLVE: took}
    return Measures(
        since=NOON - timedelta(days=30),
        until=NOON,
        incidents=9,
        times=times,
        by={"severity": {"P1": times}, "service": {"checkout": times}, "type": {"errors": {}}},
        weeks=(
            Week(begins=NOON - timedelta(days=14), incidents=4, resolve_s=2_040),
            Week(begins=NOON - timedelta(days=7), incidents=5, resolve_s=None),
        ),
        accepted=(Share(name="action", part=5, whole=6, low=0.5, high=0.94),),
        edited=Spread(number=3, mean=0.2, median=0.15, p90=0.4),
        usd=Spread(number=4, mean=0.03, median=0.02, p90=0.05),
        tokens=Spread(number=4, mean=9_000, median=8_000, p90=14_000),
        detection=(Share(name="false alarms among incidents opened by alerts", part=1, whole=8, low=0.04, high=0.4),),
        updates=Share(name="updates on time", part=7, whole=9, low=0.5, high=0.91),
        rating=Spread(number=3, mean=4.3, median=4, p90=5),
        saved=Saved(minutes=210, how=("6 briefs of incidents that somebody took, 10 min each",)),
        load=(Load(person="U0ANA", name="Ana", incidents=5, led=3, calls=4, at_night=1),),
    )
