"""The group of alerts that Alertmanager and its relatives send; the rest is told by the Alertmanager plugin's tests."""

from datetime import UTC, datetime

from incident_copilot.vendors.alert_group import AlertGroup

NOW = datetime(2026, 11, 21, 9, 10, tzinfo=UTC)


def test_relative_names_its_own_links():
    alert = {"labels": {"alertname": "Up"}, "panelURL": "https://g.example/p", "silenceURL": None}
    body = {"alerts": [alert], "externalURL": "https://g.example/"}

    (found,) = AlertGroup(
        "grafana", body, NOW, home="grafana", links={"panel": "panelURL", "silence": "silenceURL"}
    ).alerts()

    assert found.links == {"panel": "https://g.example/p", "grafana": "https://g.example/"}


def test_alert_without_a_status_has_that_of_its_group():
    body = {"alerts": [{"status": None}, {"status": ""}, {"status": "firing"}], "status": "resolved"}

    assert [alert.status for alert in AlertGroup("src", body, NOW).alerts()] == ["resolved", "resolved", "firing"]
    assert [alert.status for alert in AlertGroup("src", {"alerts": [{}], "status": None}, NOW).alerts()] == ["firing"]


def test_link_that_is_left_empty_leaves_that_of_the_annotations():
    alert = {"annotations": {"dashboard_url": "https://g.example/d"}, "dashboardURL": ""}

    (found,) = AlertGroup("grafana", {"alerts": [alert]}, NOW, links={"dashboard": "dashboardURL"}).alerts()

    assert found.links == {"dashboard": "https://g.example/d"}
