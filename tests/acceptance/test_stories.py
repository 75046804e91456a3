"""What Alertmanager sends and what people see of it: nothing lost, nothing twice, nothing else."""

from .vocabulary import (
    PUT_TO_PEOPLE,
    SOON,
    alert,
    at,
    between,
    edit,
    incident,
    lock_database,
    message,
    play,
    proposal,
    push,
    room,
    shows,
    slack_limits,
    the_hour_ends,
    thread,
    unlock_database,
    up_to,
    want,
)

TITLE = "HighErrorRate on checkout"
PLACE = room(1, TITLE)
FIRES = alert("HighErrorRate", service="checkout")
AT_ONCE = between(0, SOON)
LATER = SOON + 1
AFTERWARDS = between(LATER, LATER + SOON)


def first_look(first=0, number=1, title=TITLE):
    """A big incident, its three proposals, and its card and announcement brought up to date with what was found."""
    window, place = between(first, first + SOON), room(number, title)
    return [
        *want(window, *incident(number, title)),
        *want(window, proposal(place), times=3),
        *want(window, edit("#incidents", f"^INC-{number} {title}: P1 high, open. 1 alerts"), times=up_to(2)),
        *want(window, edit(place, f"^INC-{number} {title}: P1 high, open. 1 alerts"), times=up_to(2)),
    ]


async def test_one_alert_is_one_incident_told_once(tmp_path):
    await play(
        tmp_path,
        at(0, push(FIRES)),
        first_look(),
        shows(PLACE, "1 firing, 0 resolved"),
    )


async def test_the_same_alert_again_changes_nothing(tmp_path):
    await play(
        tmp_path,
        at(0, push(FIRES)),
        first_look(),
        at(LATER, push(FIRES)),
        at(LATER + 1, push(FIRES)),
        shows(PLACE, "1 firing, 0 resolved"),
    )


async def test_an_alert_that_resolves_is_counted_and_the_end_is_proposed(tmp_path):
    await play(
        tmp_path,
        at(0, push(FIRES)),
        first_look(),
        at(LATER, push(FIRES.resolved(SOON))),
        want(AFTERWARDS, message(PLACE, "Resolve INC-1. .*Waiting for a decision")),
        want(AFTERWARDS, edit(PLACE, "Waiting its turn")),
        want(AFTERWARDS, edit(PLACE, f"^INC-1 {TITLE}: P1 high, open. 0 alerts")),
        want(AFTERWARDS, edit(PLACE, f"^INC-1: {TITLE}, since"), times=up_to(1)),
        shows(PLACE, "0 firing, 1 resolved"),
    )


async def test_alerts_of_one_service_join_its_incident(tmp_path):
    others = [alert(name, service="checkout") for name in ("HighLatency", "QueueFull", "PodsRestart")]
    await play(
        tmp_path,
        at(0, push(FIRES)),
        first_look(),
        at(LATER, push(*others)),
        want(AFTERWARDS, edit(PLACE, f"^INC-1 {TITLE}: P1 high, open. 4 alerts"), times=(1, 2)),
        want(AFTERWARDS, edit(PLACE, f"^INC-1: {TITLE}, since"), times=up_to(2)),
        shows(PLACE, "4 firing, 0 resolved"),
    )


async def test_a_storm_is_one_incident_with_few_messages(tmp_path):
    storm = [alert("HighErrorRate", service="checkout", pod=f"pod-{number}") for number in range(300)]
    await play(
        tmp_path,
        [at(0.2 * part, push(*storm[30 * part : 30 * part + 30])) for part in range(10)],
        want(AT_ONCE, *incident(1, TITLE)),
        want(AT_ONCE, proposal(PLACE), times=3),
        want(AT_ONCE, edit("#incidents", f"^INC-1 {TITLE}"), times=up_to(2)),
        want(AT_ONCE, edit(PLACE, f"^INC-1 {TITLE}"), times=up_to(4)),
        want(AT_ONCE, edit(PLACE, f"^INC-1: {TITLE}, since"), times=up_to(2)),
        shows(PLACE, "300 firing, 0 resolved"),
    )


async def test_an_alert_of_less_weight_is_told_in_a_thread(tmp_path):
    title = "SearchSlow on search"
    await play(
        tmp_path,
        at(0, push(alert("SearchSlow", service="search", severity="warning"))),
        want(AT_ONCE, message("#incidents", f"^INC-1 {title}: P2 medium, open")),
        want(AT_ONCE, message(thread(1), "You are on call for search")),
        want(AT_ONCE, message(thread(1), f"^INC-1: {title}, since")),
        want(AT_ONCE, proposal(thread(1))),
        want(AT_ONCE, edit("#incidents", f"^INC-1 {title}: P2 medium, open"), times=up_to(2)),
        shows("#incidents", "1 firing, 0 resolved"),
    )


async def test_a_small_alert_waits_for_the_digest(tmp_path):
    small = alert("DiskFilling", service="reports", severity="info")
    await play(
        tmp_path,
        at(0, push(small)),
        at(LATER, the_hour_ends),
        want(AFTERWARDS, message("#incidents", "1 small alert")),
        shows("#incidents", "DiskFilling on reports"),
    )


async def test_what_could_not_be_recorded_is_told_once_when_it_is_sent_again(tmp_path):
    await play(
        tmp_path,
        at(0, lock_database),
        at(0, push(FIRES, answered=503)),
        at(0.5, unlock_database),
        at(1, push(FIRES)),
        at(1, push(FIRES)),
        first_look(),
        shows(PLACE, "1 firing, 0 resolved"),
    )


async def test_an_alert_that_flaps_stays_one_incident(tmp_path):
    flaps = [alert("HighErrorRate", service="checkout", since=second) for second in (0, 1, 2)]
    ends = [one.resolved(one.since + 0.5) for one in flaps[:2]]
    await play(
        tmp_path,
        [at(one.since, push(one)) for one in flaps],
        [at(one.over, push(one)) for one in ends],
        want(AT_ONCE, *incident(1, TITLE)),
        want(AT_ONCE, message(PLACE, "Resolve INC-1"), times=up_to(2)),
        want(AT_ONCE, edit(PLACE, "Resolve INC-1. Withdrawn"), times=up_to(2)),
        want(AT_ONCE, proposal(PLACE), times=3),
        want(AT_ONCE, edit(PLACE, f"Waiting its turn|{PUT_TO_PEOPLE}"), times=up_to(4)),
        want(AT_ONCE, edit("#incidents", f"^INC-1 {TITLE}"), times=up_to(4)),
        want(AT_ONCE, edit(PLACE, f"^INC-1 {TITLE}"), times=up_to(6)),
        want(AT_ONCE, edit(PLACE, f"^INC-1: {TITLE}, since"), times=up_to(4)),
        shows(PLACE, "1 firing, 0 resolved"),
    )


async def test_services_that_have_nothing_to_do_with_each_other_are_two_incidents(tmp_path):
    await play(
        tmp_path,
        at(0, push(FIRES)),
        first_look(),
        at(LATER, push(alert("SearchDown", service="search"))),
        first_look(LATER, 2, "SearchDown on search"),
        shows(PLACE, "1 firing, 0 resolved"),
        shows(room(2, "SearchDown on search"), "1 firing, 0 resolved"),
    )


async def test_alert_that_always_fires_is_nothing_that_people_see(tmp_path):
    await play(
        tmp_path,
        at(0, push(alert("Watchdog", service="prometheus"), FIRES)),
        first_look(),
        shows(PLACE, "1 firing, 0 resolved"),
    )


async def test_nothing_is_lost_and_nothing_told_twice_while_slack_limits(tmp_path):
    await play(
        tmp_path,
        at(0, slack_limits("chat.postMessage", 3)),
        at(0, slack_limits("conversations.create", 1)),
        at(0, slack_limits("chat.update", 2)),
        at(0, push(FIRES)),
        first_look(),
        shows(PLACE, "1 firing, 0 resolved"),
    )
