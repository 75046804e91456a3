"""Titles as monitoring systems write them for people: what each says, and that firing and resolved are one problem."""

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.vendors import alert_text

FIRING, RESOLVED = AlertStatus.FIRING, AlertStatus.RESOLVED

PAIRS = {
    "Alertmanager": (
        "[FIRING:2] HighErrorRate checkout (prod critical)",
        "[RESOLVED] HighErrorRate checkout (prod)",
        "HighErrorRate",
    ),
    "Grafana": (
        "[FIRING:1] Disk almost full Infra (web-1 warning)",
        "[RESOLVED] Disk almost full Infra (web-1)",
        "Disk almost full Infra",
    ),
    "Grafana, some of each": (
        "[FIRING:1, RESOLVED:2] QueueBacklog mailer",
        "[RESOLVED:3] QueueBacklog mailer",
        "QueueBacklog",
    ),
    "Grafana before 9": ("[Alerting] Queue length alert", "[OK] Queue length alert", "Queue length alert"),
    "Datadog": ("[Triggered] [P2] Queue is too long", "[Recovered] [P2] Queue is too long", "Queue is too long"),
    "Datadog in words": ("Triggered: Queue is too long", "Recovered: Queue is too long", "Queue is too long"),
    "Datadog's e-mail": (
        "[Monitor Alert] Triggered: Queue is too long",
        "[Monitor Alert] Recovered: Queue is too long",
        "Queue is too long",
    ),
    "Datadog on a host": (
        "[Triggered on {host:web-1,env:prod}] CPU is high",
        "[Recovered on {host:web-1,env:prod}] CPU is high",
        "CPU is high",
    ),
    "CloudWatch": ('ALARM: "queue-depth" in EU (Ireland)', 'OK: "queue-depth" in EU (Ireland)', "queue-depth"),
    "PagerDuty": ("Triggered #123: Queue is too long", "Resolved #123: Queue is too long", "Queue is too long"),
    "Zabbix": ("Problem: High load on web-1", "Resolved in 5m 3s: High load on web-1", "High load on web-1"),
    "Zabbix before 4": ("PROBLEM: High load", "OK: High load", "High load"),
    "UptimeRobot": (
        "Monitor is DOWN: Shop ( https://shop.example.net )",
        "Monitor is UP: Shop (https://shop.example.net)",
        "Shop",
    ),
    "Pingdom": ("DOWN alert: Shop (shop.example.net) is DOWN", "UP alert: Shop (shop.example.net) is UP", "Shop"),
    "Uptime Kuma": ("[Shop] [\U0001f534 Down] connect ECONNREFUSED", "[Shop] [\u2705 Up] 200 - OK", "Shop"),
    "Nagios": (
        "** PROBLEM Service Alert: web-1/disk is CRITICAL **",
        "** RECOVERY Service Alert: web-1/disk is OK **",
        "disk",
    ),
    "Nagios on a host": ("** PROBLEM Host Alert: web-1 is DOWN **", "** RECOVERY Host Alert: web-1 is UP **", "web-1"),
    "Icinga": ("[PROBLEM] disk on web-1 is CRITICAL!", "[RECOVERY] disk on web-1 is OK!", "disk"),
    "Azure": (
        "Fired:Sev2 Azure Monitor Alert cpu-high on vm-1 ( microsoft.compute/virtualmachines ) at 10/1/2026 2:00:03 PM",
        "Resolved:Sev2 Azure Monitor Alert cpu-high on vm-1 ( microsoft.compute/virtualmachines ) at 10/1/2026 3:00 PM",
        "cpu-high",
    ),
    "Azure in few words": (
        "Azure: Activated Severity: 2 cpu-high",
        "Azure: Deactivated Severity: 2 cpu-high",
        "cpu-high",
    ),
    "Azure in a sentence": (
        "Important notice: Azure Monitor alert 'cpu-high' was activated for 'vm-1'",
        "Azure Monitor alert rule 'cpu-high' was resolved for 'vm-1'",
        "cpu-high",
    ),
    "Google Cloud": ("[ALERT] Queue depth on mailer", "[RESOLVED] Queue depth on mailer", "Queue depth"),
    "Google Cloud, severe": (
        "[ALERT - Critical] Queue depth on mailer",
        "[RESOLVED - Critical] Queue depth on mailer",
        "Queue depth",
    ),
    "Dynatrace": (
        "OPEN Problem P-123: Failure rate increase",
        "RESOLVED Problem P-123: Failure rate increase",
        "Failure rate increase",
    ),
    "New Relic": (
        "Critical priority issue is ACTIVATED: Slow pages",
        "Critical priority issue is CLOSED: Slow pages",
        "Slow pages",
    ),
    "Opsgenie": ("Opsgenie Alert: [P1] #12: Slow pages", "[Opsgenie] Closed: [P1] #12: Slow pages", "Slow pages"),
    "Honeycomb": ("Triggered: Slow pages", "Resolved: Slow pages", "Slow pages"),
    "Healthchecks": ("DOWN | Nightly backup", "UP | Nightly backup", "Nightly backup"),
    "Better Stack": ("Incident started: Shop", "Incident resolved: Shop", "Shop"),
    "Incident with a number": ("Incident #12 opened - Shop", "Incident #12 has been resolved: Shop", "Shop"),
    "Checkly": ('Check "Shop" has failed', 'Check "Shop" has recovered.', "Shop"),
    "Elastic": ("Slow pages is active", "Slow pages is recovered", "Slow pages"),
    "severity with a dash": ("CRITICAL - Slow pages", "RECOVERY - Slow pages", "Slow pages"),
    "severity alone": ("CRITICAL Slow pages", "RECOVERY Slow pages", "Slow pages"),
    "a sentence": ("Shop is down", "Shop is back up", "Shop"),
    "a sentence with a state": ("Shop is now CRITICAL", "Shop has been resolved!", "Shop"),
    "state last": ("Slow pages - firing", "Slow pages: resolved", "Slow pages"),
    "state last without a sign": ("Slow pages triggered", "Slow pages back to normal", "Slow pages"),
    "chat markup": (
        ":fire: *<https://grafana.example/a|[FIRING:1] SlowPages shop>*",
        ":white_check_mark: [RESOLVED] SlowPages shop",
        "SlowPages",
    ),
    "priority alone": ("[P1] Slow pages", "[P1] Resolved: Slow pages", "Slow pages"),
    "state shouted last": ("Host web-1 DOWN", "Host web-1 UP", "Host web-1"),
    "state before values": ("Slow pages is critical (p99 = 2.3s)", "Slow pages is OK (12 minutes)", "Slow pages"),
    "a noun and a state": ("Datadog: Monitor triggered: CPU load", "Datadog: Monitor recovered: CPU load", "CPU load"),
    "forwarded": ("Fwd: [EXTERNAL] [FIRING:1] SlowPages shop", "[RESOLVED] SlowPages shop", "SlowPages"),
    "values": ("CRITICAL: CPU usage on web-1 is 97.3% (> 90%)", "OK: CPU usage on web-1 is 12%", "CPU usage on web-1"),
    "compared values": ("WARNING: CPU usage 97.3% > 90%", "OK: CPU usage 12 % <= 90 %", "CPU usage"),
    "value after a colon": ("Alert: Queue length: 9000", "Resolved: Queue length = 3", "Queue length"),
    "times": ("Problem: Disk full since 2026-11-27 10:00", "Resolved: Disk full for 5m", "Disk full"),
    "environment in brackets": ("[prod] [FIRING:1] SlowPages shop", "[prod] [RESOLVED] SlowPages shop", "SlowPages"),
    "something in brackets": ("[team-a] Triggered: Slow pages", "[team-a] Resolved: Slow pages", "Slow pages"),
}


@pytest.mark.parametrize(("fires", "ends", "name"), PAIRS.values(), ids=PAIRS)
def test_firing_and_resolved_are_told_apart_and_are_one_problem(fires, ends, name):
    fired, ended = alert_text.read(fires), alert_text.read(ends)

    assert (fired.status, fired.name) == (FIRING, name)
    assert (ended.status, ended.name) == (RESOLVED, name)
    assert fired.key == ended.key


@pytest.mark.parametrize(
    ("title", "severity"),
    [
        ("[FIRING:2] HighErrorRate checkout (prod critical)", "critical"),
        ("[Triggered] [P2] Queue is too long", "P2"),
        ("[CRITICAL - Triggered] Slow pages", "CRITICAL"),
        ("Fired:Sev2 cpu-high on vm-1", "Sev2"),
        ("Azure: Activated Severity: 2 cpu-high", "2"),
        ("[ALERT - Critical] Queue depth on mailer", "Critical"),
        ("** PROBLEM Service Alert: web-1/disk is WARNING **", "WARNING"),
        ("Error: Slow pages", "Error"),
        ("Shop is CRITICAL", "CRITICAL"),
        ("Problem: Slow pages", None),
    ],
)
def test_severity_is_the_word_of_the_title(title, severity):
    assert alert_text.read(title).severity == severity


def test_group_of_alertmanager_names_service_and_environment():
    found = alert_text.read("[FIRING:2] HighErrorRate checkout (prod critical)")

    assert (found.service, found.environment, found.key) == ("checkout", "prod", "higherrorrate checkout")


def test_more_than_one_thing_grouped_by_is_no_service():
    found = alert_text.read("[FIRING:2] HighErrorRate checkout eu-1")

    assert (found.name, found.service, found.key) == ("HighErrorRate", None, "higherrorrate checkout eu-1")


def test_environment_in_brackets_tells_problems_apart():
    prod, test = (alert_text.read(f"[{place}] [FIRING:1] SlowPages shop") for place in ("prod", "test"))

    assert (prod.environment, test.environment) == ("prod", "test")
    assert prod.key != test.key


def test_tags_of_datadog_are_labels():
    found = alert_text.read("[Triggered on {host:web-1,service:shop,env:prod}] CPU is high")

    assert (found.service, found.environment, found.labels["host"]) == ("shop", "prod", "web-1")
    assert found.key != alert_text.read("[Triggered on {host:web-2}] CPU is high").key


@pytest.mark.parametrize(
    ("title", "labels"),
    [
        ("** PROBLEM Service Alert: web-1/disk is CRITICAL **", {"host": "web-1"}),
        ('ALARM: "queue-depth" in EU (Ireland)', {"region": "EU (Ireland)"}),
    ],
)
def test_place_is_a_label(title, labels):
    assert alert_text.read(title).labels == labels


def test_sentry_is_keyed_by_its_short_id():
    found = alert_text.read("[Sentry] SHOP-1A - ZeroDivisionError: division by zero")

    assert (found.status, found.name, found.service) == (FIRING, "ZeroDivisionError: division by zero", "shop")
    assert found.key == "zerodivisionerror: division by zero shop-1a"


def test_threshold_stays_in_the_name():
    assert alert_text.read("Problem: Disk above 90%").name == "Disk above 90%"


BODY = """
*Service:* shop
Severity: major
> Env = prod
Host: web-1
Host: web-2
Comment: nothing known
Team:
"""


def test_lines_of_the_body_say_the_rest():
    found = alert_text.read("Problem: Slow pages", BODY)

    assert (found.service, found.severity, found.environment) == ("shop", "major", "prod")
    assert found.labels == {"service": "shop", "severity": "major", "env": "prod", "host": "web-1"}


def test_fact_that_is_too_long_is_no_fact():
    assert alert_text.read("Problem: Slow pages", "Service: " + "x" * 300).service is None


@pytest.mark.parametrize(("line", "status"), [("Status: firing", FIRING), ("State: OK", RESOLVED)])
def test_state_may_be_in_the_body(line, status):
    assert alert_text.read("Slow pages", line).status is status


def test_name_may_be_in_the_body():
    found = alert_text.read("[FIRING:1]", "alertname = SlowPages\nservice = shop")

    assert (found.name, found.service) == ("SlowPages", "shop")


def test_words_win_over_the_hint():
    assert alert_text.read("Slow pages", hint=RESOLVED).status is RESOLVED
    assert alert_text.read("Problem: Slow pages", hint=RESOLVED).status is FIRING


def test_colour_says_what_the_chat_messages_of_cloudwatch_do_not():
    title = ":rotating_light: *CloudWatch Alarm | queue-depth | eu-west-1 | Account: 123456789012*"

    found = alert_text.read(title, hint=FIRING)

    assert (found.name, found.status, found.labels) == ("queue-depth", FIRING, {"region": "eu-west-1"})
    assert alert_text.read(title) is None


MUTE = [
    "[acme/shop] Run failed: CI - main (abc1234)",
    "Build #12 failed",
    "Pipeline passed",
    "Deployment succeeded",
    "Acknowledged #123: Queue is too long",
    "[Acknowledged] Slow pages",
    "Slow pages was acknowledged",
    "** ACKNOWLEDGEMENT Service Alert: web-1/disk is CRITICAL **",
    "** FLAPPINGSTART Service Alert: web-1/disk is CRITICAL **",
    'INSUFFICIENT_DATA: "queue-depth" in EU (Ireland)',
    "Test: this is a notification",
]


@pytest.mark.parametrize("title", MUTE)
def test_known_words_that_tell_of_no_problem_are_no_alert(title):
    assert alert_text.read(title, hint=FIRING) is None
    assert alert_text.is_mute(title)


@pytest.mark.parametrize(
    "title",
    ["", "Good morning", "Weekly report", "[JIRA] (SHOP-1) Fix the footer", "Info: nothing to do", "Triggered: ", "OK",
     "[FIRING:1] ", "P2 review at 10:00", "Registration is open", "Lunch is late", "\u2603",
     "Note: the office is closed on Friday"],
)  # fmt: skip
def test_other_titles_are_no_alert(title):
    assert alert_text.read(title) is None
    assert not alert_text.is_mute(title)


def test_acknowledged_state_in_the_body_is_no_alert():
    assert alert_text.read("Slow pages", "Status: acknowledged", FIRING) is None


@pytest.mark.parametrize("title", ["[" * 5000, "a: " * 5000, "x is " * 5000, "(" * 5000, "1 > " * 5000, "_ " * 5000])
def test_titles_made_to_hurt_are_read_at_once(title):
    assert alert_text.read(title, title) is None
