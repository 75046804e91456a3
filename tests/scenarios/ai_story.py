"""What an AI system of a story in ai_incidents tells of itself: snapshots and interactions, by the clock.

A row of `told` is one metric over `n` cases: its share before, since the onset (one value, or one for each snapshot),
and again before once it is mended. Counts are drawn; those of a distribution are not.
"""

from datetime import timedelta

import numpy as np

DAY, HOUR, ONSET = timedelta(days=1), timedelta(hours=1), timedelta(minutes=8)
STEP = ONSET / 5
BEFORE = [2 * DAY, DAY + 12 * HOUR, ONSET + 2 * STEP, ONSET + STEP]
SINCE = [ONSET - part * STEP for part in (1, 2, 3, 4)]
MENDED = 10_000
"""How many times as much is told at once when all is well, so that the window forgets the trouble."""
FINDINGS = {"bias_metrics": "successes", "security_metrics": "flagged", "performance_metrics": "flagged"}


def snapshots_of(story, now):
    """The snapshots until now, oldest first; the last come since the onset."""
    times = [*((ago, False) for ago in BEFORE), *((ago, True) for ago in SINCE)]
    draw = np.random.default_rng(len(story["system"]))
    for number, (ago, since) in enumerate(times):
        values = [_value(row, number - len(BEFORE) if since else None) for row in story["told"]]
        yield _snapshot(story, f"s{number}", (now - ago).isoformat(), values, draw) | _labels(story, since)


def mended(story, now):
    """The snapshot that says that all is as it was, of many cases."""
    draw = np.random.default_rng(0)
    values = [_value(row, None) for row in story["told"]]
    return _snapshot(story, "mended", now.isoformat(), values, draw, MENDED) | _labels(story, since=False)


def requests_of(story, now):
    """The interactions: evenly over the hour before the onset, and since."""
    made = []
    for row in story["requests"]:
        begins, span = (now - ONSET, ONSET) if row.get("since") else (now - HOUR, HOUR - ONSET)
        for place in range(row["n"]):
            is_bad = (place + 1) * row["bad"] // row["n"] > place * row["bad"] // row["n"]
            made.append(
                {
                    "id": f"{story['system']}-{len(made)}",
                    "at": (begins + span * (place + 1) / (row["n"] + 2)).isoformat(),
                    "request": row.get("request", "How much is it?"),
                    "response": row.get("answers", "It is 12.") if is_bad else "It is 12.",
                    "labels": row["labels"],
                    "user": f"u{place}",
                    "rating": 1 if is_bad else 5,
                }
            )
    return {"id": f"batch-{story['system']}", "interactions": made}


def _labels(story, since):
    versions = story.get("versions")
    return {"labels": {"version": versions[since]}} if versions else {}


def _value(row, place):
    """What a row says before (None), and in each snapshot since."""
    told = row["before"] if place is None else row.get("since", row["before"])
    return told[place] if isinstance(told, list) else told


def _snapshot(story, key, at, values, draw, times=1):
    body = {"id": key, "at": at}
    for row, value in zip(story["told"], values, strict=True):
        section, name = row["metric"].split(".")
        metrics, told = body.setdefault(section, {}), _told(section, value, row["n"] * times, draw)
        if "group" in row:
            attribute, group = row["group"].split("=")
            of_all = metrics.setdefault(name, {"attribute": attribute, "groups": {}})
            of_all["groups"][group] = told
        else:
            metrics[name] = told
    return body


def _told(section, value, n, draw):
    if isinstance(value, dict):
        return {"counts": {bucket: round(part * n) for bucket, part in value.items()}}
    if value > 1:
        return {"value": value, "n": n}
    return {FINDINGS.get(section, "successes"): int(draw.binomial(n, value)), "total": n}
