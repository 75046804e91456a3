"""What metrics' names and messages speak of."""

import pytest

from incident_copilot.analysis.signals import (
    classify_metric,
    measures_success,
    measures_what_is_left,
    resource_of,
    trouble_of,
    worsens,
)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("http_requests_errors_total", "errors"),
        ('http_requests_total{status=~"5.."}', "errors"),
        ("http_request_duration_seconds_count", "traffic"),
        ("requests per second", "traffic"),
        ("db_pool_wait_seconds", "saturation"),
        ("FreeableMemory", "saturation"),
        ("http_request_duration_seconds_p99", "latency"),
        ("http_requests_total", "traffic"),
        ("availability of checkout", "errors"),
        ("checkout_workload", "traffic"),
        ("build_info", "other"),
    ],
)
def test_metric_is_classified_by_its_name(name, kind):
    assert classify_metric(name) == kind


def test_free_memory_counts_what_is_left():
    assert measures_what_is_left("FreeableMemory")
    assert not measures_what_is_left("memory_used_bytes")


def test_availability_counts_what_succeeds():
    assert measures_success("availability of checkout")
    assert not measures_success("errors of checkout")


@pytest.mark.parametrize(
    ("name", "up", "down"),
    [
        ("request errors", True, False),
        ("availability", False, True),
        ("CPU usage", True, False),
        ("FreeableMemory", False, True),
        ("latency p99", True, False),
        ("requests", True, False),
        ("build_info", True, True),
    ],
)
def test_metric_tells_of_trouble_in_its_bad_direction(name, up, down):
    assert (worsens(name, "up"), worsens(name, "down"), worsens(name, "flat")) == (up, down, False)


@pytest.mark.parametrize(
    ("text", "resource"),
    [
        ("QueuePool limit of size 4", "connection pool"),
        ("remaining connection slots are reserved", "connections"),
        ("container_memory_rss", "memory"),
        ("no space left on device", "disk"),
        ("the thing is full", "capacity"),
    ],
)
def test_resource_is_read_from_the_text(text, resource):
    assert resource_of(text) == resource


@pytest.mark.parametrize(
    ("message", "trouble"),
    [
        ("QueuePool limit of size 4 overflow 0 reached", "saturation"),
        ("FATAL: remaining connection slots are reserved", "saturation"),
        ("HTTP 429 from upstream", "saturation"),
        ("connection refused by payments", "unreachable"),
        ("upstream answered 503", "unreachable"),
        ("order 7 placed", None),
    ],
)
def test_message_tells_what_it_complains_about(message, trouble):
    assert trouble_of(message) == trouble
