"""What a change explains beyond its own service, and which of two causes that explain each other stands."""

from incident_copilot.analysis.changes import Change, Symptoms, rank_changes
from incident_copilot.analysis.explaining import explanations
from incident_copilot.analysis.findings import Cause, Event, Findings, Statement
from incident_copilot.analysis.hypotheses import weigh

ONSET = 1_700_000_000.0
GRAPH = {"orders": ("orders-db", "resolver"), "orders-db": (), "resolver": ()}
KILLED = "Memory cgroup out of memory: Killed process 7 (orders)"


def change(diff, *, before=300.0, kind="deploy", title="Tidy up", service="orders"):
    return Change("sha", service, ONSET - before, kind, title, diff)


def findings(one, told, *, about="orders"):
    symptoms = Symptoms("orders", ONSET, log_texts=(told,), depends_on=GRAPH)
    return Findings(
        alert="alert",
        service="orders",
        onset_at=ONSET,
        changes={ranked.change.id: ranked for ranked in rank_changes([one], symptoms)},
        events={"event": Event(ONSET + 60, told, about)},
        depends_on=GRAPH,
    )


def summary(causes):
    return [(cause.kind, cause.subject, cause.verdict) for cause in causes][:2]


def cause(kind, subject, confidence, key="log", signature=""):
    return Cause(
        kind=kind,
        subject=subject,
        title=f"{subject} is in trouble",
        mechanism="m",
        confidence=confidence,
        verdict="possible",
        supporting=(Statement("seen", (key,)),),
        contradicting=(),
        next_check="n",
        confirm="c",
        refute="r",
        signature=signature,
    )


def test_change_about_the_message_of_the_surest_cause_is_what_brought_that_about():
    diff = "+++ b/orders/lookup.py\n-    @lru_cache(5000)\n+    @lru_cache(None)\n"

    causes = weigh(findings(change(diff), KILLED))

    assert summary(causes) == [("change", "sha", "likely"), ("saturation", "orders", "possible")]
    assert Statement("orders Tidy up explains it", ("sha",)) in causes[1].contradicting


def test_change_long_before_or_about_something_else_stays_behind_the_cause():
    cache = "+++ b/orders/lookup.py\n-    @lru_cache(5000)\n+    @lru_cache(None)\n"
    label = "+++ b/orders/label.py\n-    red\n+    crimson\n"

    early, other = (weigh(findings(one, KILLED)) for one in (change(cache, before=7200), change(label)))

    assert [causes[0].kind for causes in (early, other)] == ["saturation", "saturation"]


def test_change_explains_what_rests_on_the_message_that_its_diff_is_about_in_another_service():
    diff = "+++ b/prod/orders\n-  dnsConfig.options.ndots: 1\n+  dnsConfig.options.ndots: 5\n"

    causes = weigh(findings(change(diff), "A IN hooks.example. NXDOMAIN", about="resolver"))

    assert summary(causes) == [("change", "sha", "likely"), ("infrastructure", "resolver", "unlikely")]


def test_of_causes_that_explain_each_other_the_deeper_one_stands():
    deep = cause("saturation", "orders-db", 0.4)
    named = cause("saturation", "orders", 0.6, signature="database.idle_connections")

    assert explanations([deep, named], None, Findings("a", "orders", ONSET, depends_on=GRAPH)) == {1: deep}
    assert explanations([named, deep], None, Findings("a", "orders", ONSET, depends_on=GRAPH)) == {0: deep}


def test_of_causes_of_one_service_only_the_surer_one_stands():
    full = cause("saturation", "orders", 0.5)
    refused = cause("dependency", "orders", 0.7, signature="platform.dependency_unreachable")

    assert explanations([full, refused], None, Findings("a", "orders", ONSET, depends_on=GRAPH)) == {0: refused}


def test_value_that_a_message_names_makes_its_change_likely_whatever_the_words():
    diff = "+++ b/env/prod.yaml\n-  URL: https://points.acme.internal\n+  URL: https://points.staging.acme.internal\n"
    line = "POST https://points.staging.acme.internal/v2/credit: 403"
    symptoms = Symptoms("orders", ONSET, log_texts=("POST <URL> 403",), samples={"POST <URL> 403": line})

    (ranked,) = rank_changes([change(diff)], symptoms)

    assert ranked.verdict == "likely"
    told = "URL https://points.acme.internal -> https://points.staging.acme.internal"
    assert ranked.reasons[1].text == f"the messages name the value that it set ({told})"


def test_setting_counts_where_the_symptom_is_about_what_it_sets_and_not_what_it_belongs_to():
    limit = "+++ b/prod/orders\n-  resources.limits.memory: 1Gi\n+  resources.limits.memory: 512Mi\n"
    recycle = "+++ b/prod/orders\n-  memory_recycle: 100\n+  memory_recycle: 200\n"
    symptoms = Symptoms("orders", ONSET, log_texts=("memory cgroup",))

    scores = [rank_changes([change(diff)], symptoms)[0].score for diff in (limit, recycle)]

    assert scores[0] > scores[1]


def test_run_that_names_no_rollout_is_no_cause_by_its_time_alone():
    symptoms = Symptoms("orders", ONSET, log_texts=("no path",), depends_on=GRAPH)
    runs = [change("", kind="run", title=title, before=1200) for title in ("Nightly licences check", "Deploy orders")]

    check, deploy = (rank_changes([one], symptoms)[0] for one in runs)

    assert [reason.text for reason in check.reasons if not reason.supports] == ["it is a run that names no rollout"]
    assert (check.score < deploy.score, deploy.verdict) == (True, "possible")
