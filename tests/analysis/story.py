"""The incident most tests tell: payments shrinks its connection pool, and checkout, which calls it, fails."""

import numpy as np

from incident_copilot.analysis.changes import Change, Symptoms
from incident_copilot.analysis.logs import LogLine
from incident_copilot.analysis.ranking import Series

ONSET = 1_700_000_000.0
DEPENDS_ON = {
    "frontend": ["checkout"],
    "checkout": ["payments", "cart"],
    "payments": ["postgres"],
    "search": ["elastic"],
}
POOL_DIFF = """diff --git a/config/database.yaml b/config/database.yaml
--- a/config/database.yaml
+++ b/config/database.yaml
@@ -3,3 +3,3 @@
 database:
-  pool_size: 20
+  pool_size: 4
   max_overflow: 0
"""
DATE_DIFF = """--- a/src/cart.py
+++ b/src/cart.py
-    label = ""
+    label = delivery_date(order)
"""
POOL_LIMIT = "QueuePool limit of size 4 overflow 0 reached, connection timed out, timeout 30.00"


def payments_pool(*, at: float = ONSET - 30) -> Change:
    return Change("c-payments", "payments", at, "deploy", "Tune the database", POOL_DIFF, "v2.31.0")


def checkout_date(*, at: float = ONSET + 80) -> Change:
    return Change("c-checkout", "checkout", at, "deploy", "Show the delivery date", DATE_DIFF, "v5.8.1")


def symptoms(**other: object) -> Symptoms:
    known = {
        "alerting_service": "checkout",
        "onset_at": ONSET,
        "error_services": frozenset({"checkout", "payments"}),
        "log_texts": (f"sqlalchemy.exc.TimeoutError: {POOL_LIMIT}", "upstream returned 503 for order <NUM>"),
        "metric_names": ("http_requests_errors_total",),
        "depends_on": DEPENDS_ON,
    }
    return Symptoms(**{**known, **other})


def step(before: float, after: float, *, service: str = "checkout", noise: float = 0.01, unit: str = "") -> Series:
    """Half an hour at one level and three minutes at another, every 15 s."""
    times = ONSET - 1800 + np.arange(133) * 15.0
    wave = noise * np.sin(np.arange(133) * 2.4)
    return Series(times, np.where(times >= ONSET, after, before) * (1 + wave), service, unit)


def pool_limit_lines(count: int = 3720) -> list[LogLine]:
    return [
        LogLine(ONSET + i * 180 / count, f"2026-11-21T10:00:{i % 60:02d}Z ERROR {POOL_LIMIT} request={i}", "payments")
        for i in range(count)
    ]


def calm_lines(count: int, *, start: float = ONSET - 1800, length_s: float = 1800) -> list[LogLine]:
    return [
        LogLine(start + i * length_s / count, f"INFO GET /cart/{i} took {i % 90}ms", "checkout") for i in range(count)
    ]
