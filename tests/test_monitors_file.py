"""monitors.yaml is read whole or not at all; each problem is told with its line."""

import pytest

from incident_copilot.domain.monitoring import Monitored
from incident_copilot.errors import ConfigError
from incident_copilot.monitors_file import load_monitored, monitors_of
from incident_copilot.plugins import discover
from incident_copilot.plugins.discovery import MONITORS

GOOD = """\
systems:
  - name: support-bot
    owner: ai-team
    opentelemetry: {service_name: support-bot}
    queries:
      - {metric: quality.satisfaction, query: avg(satisfaction), by: language}
    monitors:
      - monitor: quality
        options: {smallest_drop: 0.05}
      - monitor: thresholds
        options:
          more: [{name: Slow, expr: performance.latency_p95_s > 900ms}]
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "monitors.yaml"
        path.write_text(text)
        return path

    return write


def test_without_a_file_nothing_is_listed_and_every_monitor_looks_on(tmp_path):
    loaded = load_monitored(tmp_path / "monitors.yaml")

    assert loaded == Monitored()
    assert [one.name for one in monitors_of(loaded)[""]] == list(discover(MONITORS))


def test_file_that_is_right_is_read(written):
    loaded = load_monitored(written(GOOD))

    system = loaded.system("support-bot")
    assert system is not None
    assert (system.owner, system.window_h, len(system.asks), system.asks[-1].by) == ("ai-team", 24.0, 9, "language")
    assert loaded.system("other") is None
    assert [one.name for one in monitors_of(loaded)["support-bot"]] == ["quality", "thresholds"]


def test_a_system_that_chooses_none_has_all(written):
    loaded = load_monitored(written("systems: [{name: a}]"))

    assert len(monitors_of(loaded)["a"]) == len(discover(MONITORS))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (GOOD.replace("owner:", "ower:"), ":3: systems[0].ower: "),
        (
            GOOD.replace("monitor: quality", "monitor: qualty"),
            ":8: systems[0].monitors[0].monitor: there is no monitor",
        ),
        (GOOD.replace("smallest_drop", "smalest_drop"), ":9: systems[0].monitors[0].options.smalest_drop: "),
        (GOOD.replace("> 900ms", "over 900"), ":12: systems[0].monitors[1].options.more[0].expr: "),
        (
            GOOD + "  - name: support-bot\n",
            ":1: systems: support-bot is there twice; give each system a name of its own",
        ),
        ("systems: [{name: a, window_h: 48, baseline_days: 3}]", "baseline_days must be at least twice window_h"),
    ],
)
def test_problem_is_told_with_its_line(written, text, problem):
    path = written(text)

    with pytest.raises(ConfigError) as error:
        load_monitored(path)

    assert str(error.value).startswith(f"{path}:")
    assert problem in str(error.value)
