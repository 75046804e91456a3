"""One culprit among twenty changes, or none of them, for kinds of trouble that share few words with their cause."""

import pytest

from incident_copilot.analysis.changes import Change, Symptoms, rank_changes
from incident_copilot.analysis.findings import Event, Findings
from incident_copilot.analysis.hypotheses import weigh

ONSET = 1_700_000_000.0
GRAPH = {"storefront": ("orders", "search"), "orders": ("orders-db",), "search": ()}

# Decoys go out on the same services, the last of them minutes before the onset.
DECOYS = (
    ("orders", "Bump lint to 4.2", '+++ b/package.json\n-  "lint": "4.1"\n+  "lint": "4.2"\n'),
    ("orders", "Rename a helper of invoices", "+++ b/orders/invoices.py\n-def total(o):\n+def order_total(o):\n"),
    ("orders", "Log the order id", "+++ b/orders/api.py\n+    log.info('order %s', order.id)\n"),
    ("orders", "Translate the receipt", "+++ b/orders/receipt.py\n-    title = 'Receipt'\n+    title = _('Receipt')\n"),
    ("orders", "Document the API", "+++ b/docs/api.md\n+POST /orders\n"),
    ("orders", "Test refunds", "+++ b/tests/test_refunds.py\n+def test_refund():\n"),
    ("orders", "Show delivery dates", "+++ b/orders/delivery.py\n+    return order.placed + days(2)\n"),
    ("search", "Rank by sales", "+++ b/search/rank.py\n-    score = 1\n+    score = sales\n"),
    ("search", "Add synonyms", "+++ b/search/words.yaml\n+  - sofa: couch\n"),
    ("storefront", "New banner", "+++ b/web/banner.html\n+<b>Sale</b>\n"),
    ("storefront", "Use the new colours", "+++ b/web/style.css\n-  color: red\n+  color: blue\n"),
    ("storefront", "Track clicks", "+++ b/web/track.js\n+  send('click', item)\n"),
    ("orders", "Round prices up", "+++ b/orders/prices.py\n-    return round(price)\n+    return ceil(price)\n"),
    ("orders", "Remove the old export", "+++ b/orders/export.py\n-def export_csv():\n"),
    ("orders", "Group imports", "+++ b/orders/api.py\n-import b\n-import a\n+import a\n+import b\n"),
    ("search", "Index colours", "+++ b/search/index.py\n+    fields.append('colour')\n"),
    ("storefront", "Larger pictures", "+++ b/web/pictures.js\n-  width = 300\n+  width = 600\n"),
    ("orders", "Sort orders by date", "+++ b/orders/list.py\n-    return all\n+    return sorted(all, key=date)\n"),
    ("orders", "Greet by name", "+++ b/orders/mail.py\n-    hello = 'Hello'\n+    hello = f'Hello {name}'\n"),
)  # fmt: skip
CULPRITS = {
    "memory": (
        "+++ b/orders/config.yaml\n-  cache_entries: 1000\n+  cache_entries: 5000000\n",
        "Container orders was OOMKilled, exit code 137",
    ),
    "names": (
        "+++ b/deploy/orders.yaml\n-  ndots: 2\n+  ndots: 15\n",
        "lookup orders-db.internal: i/o timeout while resolving hostname",
    ),
    "configuration": (
        "+++ b/deploy/values.yaml\n-  PAYMENT_URL: http://pay\n+  PAYMENTS_URL: http://pay\n",
        "KeyError: 'PAYMENT_URL'",
    ),
    "probes": (
        "+++ b/deploy/orders.yaml\n-  initialDelaySeconds: 30\n+  initialDelaySeconds: 1\n   readinessProbe:\n",
        "Readiness probe failed: context deadline exceeded",
    ),
    "database": (
        "+++ b/migrations/0042.sql\n-CREATE INDEX orders_by_customer ON orders (customer_id);\n+DROP INDEX x;\n",
        "slow query: SELECT * FROM purchases took 9.1 s, seq scan on table purchases",
    ),
    "rights": (
        "+++ b/deploy/role.yaml\n-  verbs: [get, list, watch]\n+  verbs: [get]\n   kind: Role\n",
        "403 Forbidden while listing objects",
    ),
    "a code path": (
        "+++ b/orders/discounts.py\n-    rate = rule.rate or 0\n+    rate = rule.rate\n",
        "TypeError: unsupported operand in apply_discounts: NoneType",
    ),
}


def change(place, service, title, diff):
    return Change(f"sha{place}", service, ONSET - 300 - 600 * place, "merge", title, diff)


def twenty(culprit=None, *, at=11):
    """Twenty changes, the newest first; the culprit is neither the newest nor the oldest."""
    given = list(DECOYS)
    if culprit:
        given.insert(at, ("orders", "Tidy up", culprit))
    return [change(place, *one) for place, one in enumerate(given)]


def ranked(culprit, symptom):
    symptoms = Symptoms("orders", ONSET, frozenset({"orders"}), (symptom,), ("error ratio of orders",), GRAPH)
    return rank_changes(twenty(culprit), symptoms)


@pytest.mark.parametrize("kind", CULPRITS)
def test_culprit_is_first_of_twenty_though_it_shares_hardly_a_word_with_the_symptom(kind):
    first = ranked(*CULPRITS[kind])[0]

    assert (first.change.id, first.verdict in ("likely", "possible")) == ("sha11", True)


def test_field_that_both_are_about_is_told():
    first = ranked(*CULPRITS["memory"])[0]

    assert 'its diff is about memory, as is "OOMKilled,"' in [reason.text for reason in first.reasons]


@pytest.mark.parametrize(
    ("told", "signature"),
    [
        ("x509: certificate has expired", "network.certificate"),
        ("Node n-7 status is now: NodeNotReady", "kubernetes.node_down"),
        ("Multi-AZ failover initiated: health check failed on the primary host", "database.failover"),
        ("blk_update_request: I/O error, dev nvme1n1", "platform.hardware"),
    ],
)
def test_none_of_twenty_changes_where_something_happened_by_itself(told, signature):
    symptoms = Symptoms("orders", ONSET, frozenset({"orders"}), (told,), (), GRAPH)
    changes = {one.change.id: one for one in rank_changes(twenty(), symptoms)}
    findings = Findings(
        alert="alert",
        service="orders",
        onset_at=ONSET,
        changes=changes,
        events={"event": Event(ONSET, told, "orders")},
        depends_on=GRAPH,
    )

    first = weigh(findings)[0]

    assert first.signature == signature
