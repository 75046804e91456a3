"""Signatures as data: each can be read, is found by what its field would log, and by nothing ordinary."""

import re
from collections import Counter

import pytest

from incident_copilot.analysis.findings import Event, Findings, Part
from incident_copilot.analysis.hypotheses import weigh
from incident_copilot.analysis.matching import matches, signed
from incident_copilot.analysis.readings import Reading
from incident_copilot.analysis.signatures import SIGNATURES

ONSET = 1_700_000_000.0

TELLING = {
    "Error: Back-off restarting failed container api in pod api-7d": "kubernetes.crash_loop",
    "Container api was OOMKilled, exit code: 137": "kubernetes.oom_killed",
    'Failed to pull image "acme/api:v9": manifest unknown': "kubernetes.image_pull",
    "0/6 nodes are available: 6 Insufficient memory.": "kubernetes.unschedulable",
    "Readiness probe failed: HTTP probe failed with statuscode: 503": "kubernetes.probe_fails",
    "Node ip-10-0-3-7 status is now: NodeNotReady": "kubernetes.node_down",
    "Pod was evicted: the node had condition DiskPressure": "kubernetes.node_pressure",
    "Multi-Attach error for volume pvc-1: already attached": "kubernetes.volume",
    'CreateContainerConfigError: secret "api-keys" not found': "kubernetes.missing_config",
    'pods "x" is forbidden: exceeded quota: team-a': "kubernetes.forbidden",
    "dial tcp: lookup orders on 10.96.0.10:53: no such host": "network.name_resolution",
    "x509: certificate has expired or is not yet valid": "network.certificate",
    "connect: cannot assign requested address": "network.ports_used_up",
    "no healthy upstream": "network.balancer",
    "token used before issued": "network.clock",
    "write /var/lib/data: no space left on device": "platform.disk_full",
    "accept4: too many open files": "platform.file_descriptors",
    "java.lang.OutOfMemoryError: Java heap space": "platform.memory_leak",
    "ThrottlingException: Rate exceeded, too many requests": "platform.quota",
    "HikariPool-1 - Connection is not available, request timed out; pool exhausted": "platform.pool",
    "NOT_LEADER_OR_FOLLOWER: not enough in-sync replicas": "platform.broker",
    "Error: environment variable DB_URL is required": "platform.wrong_setting",
    "FATAL: password authentication failed for user app": "database.credentials",
    'ERROR: column "tax_id" does not exist': "database.schema_mismatch",
    "ERROR: deadlock detected": "database.lock_waits",
    "FATAL: sorry, too many clients already": "database.idle_connections",
    "A Multi-AZ failover has been initiated": "database.failover",
    "invalid page in block 7 of relation base/1/2": "database.corruption",
    "database must be vacuumed within 999 transactions to avoid wraparound": "database.wraparound",
    "Rate limit reached for m-1 on tokens per min (TPM)": "ai.provider_limit",
    "This model's maximum context length is 8192 tokens": "ai.context_too_long",
    "overloaded_error: the service is overloaded": "ai.provider_overloaded",
    "torch.OutOfMemoryError: CUDA out of memory": "ai.gpu_memory",
    "NVRM: Xid (PCI:0000:3b:00): 79, GPU has fallen off": "ai.gpu_fault",
    "The model m-0301 has been retired": "ai.model_missing",
    "output parsing failed for tool call": "ai.bad_output",
    "vector index dimension mismatch: 768 and 1536": "ai.retrieval",
}
ORDINARY = (
    "GET /healthz 200 in 3 ms",
    "Started application in 4.2 seconds",
    "order 4711 paid",
    "Automated backup finished",
    "Pulled image acme/api:v9",
    "checkpoint complete: wrote 120 buffers",
    "connection received: host=10.0.0.7",
    "user logged in",
)


def told(*texts, **fields):
    events = {f"events#{place}": Event(ONSET + place, text, "api") for place, text in enumerate(texts)}
    return Findings(alert="alert", service="api", onset_at=ONSET, events=events, changes_known=False, **fields)


def test_signatures_have_names_of_their_own_and_point_at_each_other():
    names = Counter(one.id for one in SIGNATURES)

    assert set(names.values()) == {1}
    assert {name for one in SIGNATURES for name in one.explains} <= set(names)
    assert all(0 < one.precision < 1 and one.confirm and one.refute and one.next_check for one in SIGNATURES)
    assert all(bool(sign.says) + bool(sign.metric) + bool(sign.load) == 1 for one in SIGNATURES for sign in one.signs)
    assert all(re.compile(sign.says or sign.load) for one in SIGNATURES for sign in (*one.signs, *one.against))
    assert all("{" not in one.title.replace("{service}", "") for one in SIGNATURES)


@pytest.mark.parametrize(("text", "name"), TELLING.items())
def test_what_a_field_would_log_is_named_first(text, name):
    found = sorted(matches(told(text)), key=lambda one: -one.sureness)

    assert found[0].signature.id == name


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_words_match_nothing(text):
    assert matches(told(text)) == []


def reading(name, first, last, *, moved="up", full=False, returned=False, service="db", unit=""):
    return Reading(name, service, unit, first, last, max(first, last), moved, returned, full)


LOAD = (
    Part("statement", "UPDATE stream SET done = true", 5.9, {"WAL:Lock": 3.8, "CPU": 0.7}),
    Part("statement", "SELECT count(*) FROM sales GROUP BY region", 1.8, {"CPU": 1.6}),
    Part("wait", "WAL:Lock", 3.8),
    Part("wait", "CPU", 2.3),
    Part("user", "stream_writer", 5.9),
)


def test_cause_names_its_signs_and_what_moved_beside_it_by_other_work():
    findings = told(
        "Read replica lag has exceeded 900 seconds",
        readings={
            "lag": reading("ReplicaLag", 10, 1200, unit="s"),
            "cpu": reading("CPUUtilization", 28, 74, unit="%"),
            "load": reading("load of db", 1, 7),
        },
        parts={"load": LOAD},
    )

    (cause,) = signed(findings)

    assert (cause.kind, cause.subject, cause.signature) == ("saturation", "db", "database.replica_behind")
    assert [one.text for one in cause.supporting] == [
        "ReplicaLag rose from 10 s to 1,200 s",
        '"Read replica lag has exceeded 900 seconds." at 22:13 UTC'.replace('."', '"'),
        '"WAL:Lock" is 3.8 of 6.1 of load of db',
        '"UPDATE stream SET done = true" is 5.9 of 7.7 of load of db, about what stream_writer takes in all',
        (
            "CPUUtilization rose from 28 % to 74 % by other work"
            ' ("SELECT count(*) FROM sales GROUP BY region"), which is causally independent of this'
        ),
    ]
    assert cause.supporting[-1].keys == ("cpu", "load")


def test_work_that_waits_for_the_same_is_not_other_work():
    same = (Part("statement", "INSERT INTO a SELECT * FROM b", 5.0, {"CPU": 4.0}), Part("wait", "CPU", 4.0))
    findings = told(
        "replication lag grows",
        readings={"cpu": reading("CPUUtilization", 28, 74, unit="%")},
        parts={"load": same},
    )

    assert not any("other work" in one.text for cause in signed(findings) for one in cause.supporting)


def test_consequence_says_what_it_follows_from_and_is_weaker():
    findings = told(
        "checkpoints are occurring too frequently (8 seconds apart)",
        readings={"cpu": reading("CPUUtilization", 20, 92, full=True, unit="%", service="api")},
    )

    storm, busy = sorted(signed(findings), key=lambda one: one.follows)

    assert storm.mechanism.endswith("What is seen of CPU follows from it.")
    assert busy.contradicting[-1].text == ("it follows from this: maintenance and checkpoints saturate the disk of api")
    assert (busy.follows, busy.confidence < storm.confidence) == (True, True)
    assert [one.signature for one in weigh(findings)][:2] == [storm.signature, busy.signature]


def test_two_limits_hit_by_work_of_their_own_name_each_other():
    findings = told(
        "storage space is critically low (8 GB free of 200 GB)",
        readings={
            "free": reading("FreeStorageSpace", 50, 8, moved="down", full=True, service="api", unit="GB"),
            "cpu": reading("CPUUtilization", 20, 92, full=True, unit="%", service="api"),
        },
        parts={"load": (Part("wait", "CPU", 5.0),)},
    )

    storage, busy = weigh(findings)[:2]

    assert storage.mechanism.endswith(
        "Two limits are hit at once, each by other work: also the CPU of api is saturated by its queries."
    )
    assert busy.mechanism.endswith(
        "Two limits are hit at once, each by other work: also api runs out of storage space."
    )


def test_what_was_over_before_the_onset_is_told_as_history():
    events = {
        "events#0": Event(ONSET - 18_000, "A Multi-AZ failover has been initiated", "api"),
        "events#1": Event(ONSET - 17_900, "The standby was promoted to primary", "api"),
    }

    (cause,) = signed(Findings(alert="alert", service="api", onset_at=ONSET, events=events))

    assert cause.confidence < 0.1
    assert [one.text for one in cause.contradicting] == ["all of it was over before the onset"]
    assert cause.supporting[0].text == '"A Multi-AZ failover has been initiated" at 17:13 UTC, 5 h before the onset'


def test_passing_cause_says_that_the_workload_is_back():
    findings = told(
        "Multi-AZ failover in progress",
        "instance restarting on the primary host",
        readings={"used": reading("connections", 310, 311, moved="flat", returned=True, service="api")},
    )

    (cause,) = signed(findings)

    assert cause.supporting[-1].text.startswith("it is over, and what it cut off is back: connections went")


def test_signs_of_another_cause_weaken_or_rule_out():
    lag = {"q": reading("consumer_lag", 10, 900)}
    disk = {"q": reading("DiskQueueDepth", 1, 40)}

    assert [one.signature.id for one in matches(told(readings=lag))] == ["platform.queue_backlog"]
    assert matches(told(readings=disk)) == []


def test_load_without_a_reading_is_told_as_the_load_and_a_long_statement_is_cut():
    long = Part("statement", "INSERT INTO a_table_with_a_long_name SELECT " + "column_name, " * 20, 9.0)
    findings = told("ran out of storage space", parts={"load": (long, Part("user", "etl", 2.0))})

    (cause,) = signed(findings)

    assert cause.supporting[-1].text == (
        '"INSERT INTO a_table_with_a_long_name SELECT column_name, column_name, column_name, column_name, …"'
        " is 9 of 9 of the load"
    )
