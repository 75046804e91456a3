"""The chart of the alerting metric: what is marked, what it says in words, and that it is shared once."""

from datetime import timedelta

from incident_copilot.domain.effect import Upload
from incident_copilot.domain.evidence import ContextBundle
from incident_copilot.pipeline import picture
from incident_copilot.pipeline.investigate import Investigation
from incident_copilot.pipeline.investigating.lines import MeasuredOnset

from .samples import NOON, alert, brief, change, evidence, points


def found(*, onset=True):
    began = NOON - timedelta(minutes=3)
    measured = MeasuredOnset(at=began, evidence=evidence(), before=0.004, after=0.2, confidence=0.9)
    return Investigation(brief=brief(), started_at=began, onset=measured if onset else None)


def bundle(*items):
    return ContextBundle(evidence=tuple(items))


def test_chart_marks_onset_alert_and_the_newest_deploys_near_them():
    item = evidence()
    deploys = [change(version=f"v{number}", seconds_before=100 * number) for number in range(1, 6)]
    old = change(version="v0", seconds_before=86_400)

    chart = picture.chart_of(alert(), item, bundle(item, *deploys, old), found())

    assert [(mark.label, mark.kind) for mark in chart.marks] == [
        ("payments v3", "change"),
        ("payments v2", "change"),
        ("onset", "onset"),
        ("payments v1", "change"),
        ("alert", "alert"),
    ]
    assert (chart.title, chart.unit, chart.limit) == ("HighErrorRate on checkout", "ratio", 0.05)


def test_chart_shows_a_quarter_of_an_hour_or_what_led_to_an_older_onset():
    item = evidence(data={"points": points((400, 0.2)), "unit": "ratio", "service": "checkout"})
    before = found().model_copy(update={"onset": found().onset.model_copy(update={"at": NOON - timedelta(minutes=20)})})

    newest = picture.chart_of(alert(), item, bundle(item), found(onset=False))
    older = picture.chart_of(alert(), item, bundle(item), before)

    assert (len(newest.points), len(older.points)) == (61, 121)
    assert [mark.kind for mark in newest.marks] == ["alert"]


def test_chart_is_told_in_words_for_people_who_do_not_see_it():
    item = evidence(data={"points": points((20, 0.004), (13, 0.2)), "unit": "ratio", "service": "checkout"})

    chart = picture.chart_of(alert(), item, bundle(item), found())

    assert picture.alt_text(chart) == (
        "HighErrorRate on checkout: between 0.4 % and 20.2 %, now 20.2 %. Marked: onset, alert."
    )


def test_at_most_two_charts_are_drawn_and_none_without_a_metric():
    several = [
        evidence(query=f"m{number}", data={"points": points((9, number)), "unit": "", "service": None})
        for number in range(1, 4)
    ]
    alerts = [alert(f"A{number}", expression=f"m{number} > 1") for number in range(1, 4)]

    drawn = picture.draw(alerts, bundle(*several), found())

    assert [upload.name for upload in drawn] == ["A1.png", "A2.png"]
    assert drawn[0].content.startswith("iVBOR")
    assert picture.draw(alerts, bundle(), found()) == []


async def test_chart_is_shared_once_in_the_thread_of_the_brief(story):
    told = await story("bad_deploy", log_share=0.05)
    await told.begin()

    await told.go_on(60, step=30)

    uploads = [deed for deed in told.chat.deeds if isinstance(deed, Upload)]
    assert [(deed.name, deed.under) for deed in uploads] == [
        ("HighErrorRate.png", "brief"),
        ("PaymentsLatencyHigh.png", "brief"),
    ]
