"""Sentences over evidence by an author who had not seen the rules, labelled: supported (None) or what is wrong.

Of the labelled sentences already there the author had seen seven (for the shape), with all their evidence, and the
page's section on grounding. Twelve pieces of evidence from twelve fields, eight sentences each: four supported, four
not. `DEV`, over six of them, was at hand while the rules were made better; what was held out then is `HELD_OUT`.
"""

from incident_copilot.llm.names import Known

Case = tuple[str, tuple[str, ...], str | None]

NUMBER = "wrong number"
UNIT = "wrong unit or magnitude"
SWAPPED = "swapped names"
ORDER = "wrong order in time"
CAUSE = "invented cause"
LINK = "causal link between two true facts"
NEGATED = "negation flipped"
FUTURE = "future told as done"
CERTAIN = "possible told as certain"
DONE = "remedy told as done"
ADVICE = "recommendation told as fact"
EXAGGERATED = "exaggeration"
UNKNOWN = "a name that does not exist"
QUOTE = "invented quotation"
DIRECTION = "direction of change reversed"
COMPARED = "wrong comparison"

KNOWN = Known(
    services=frozenset(
        {
            "shipping-worker",
            "edge-proxy",
            "llm-serve",
            "webhook-receiver",
            "cart-api",
            "profile-api",
            "storefront-web",
            "notifier",
            "nightly-invoicing",
            "catalog-search",
            "shopper",
            "help-assistant",
            "rag-indexer",
            "vector-db",
            "ledger-db",
            "rate-shopper",
            "fare-prefetch",
            "quote-api",
        }
    ),
    hosts=frozenset(
        {
            "shipping-worker-2",
            "kafka-1",
            "edge-1",
            "edge-2",
            "edge-3",
            "gpu-a100-4",
            "gpu-a100-5",
            "dns-resolver-1",
            "dns-resolver-2",
            "sched-1",
            "sched-2",
            "etcd-0",
            "es-data-1",
            "es-data-2",
            "es-data-3",
            "storage-07",
            "storage-08",
            "storage-09",
            "storage-12",
        }
    ),
    runbooks=frozenset({"consumer-lag", "slow-disk"}),
)

DEV_FACTS: dict[str, tuple[str, ...]] = {
    "kafka": (
        (
            "consumer group shipping-worker, topic order-events: lag rose from 850 to 126,400 messages"
            " between 09:12 and 09:40 UTC"
        ),
        "partitions 3, 7 and 11 of 12 hold 94% of the lag; the others are below 900 messages each",
        "rebalance of shipping-worker at 09:08:48 and again at 09:19:05; members: 4, were 6",
        'log of shipping-worker-2 at 09:08:47: "session timed out, revoking partitions [3, 7, 11]"',
        "producer rate of order-events: 310 messages/s, unchanged since 08:00; broker kafka-1 CPU 22%",
    ),
    "tls": (
        (
            "edge-proxy: TLS handshake failures 6.4% of connections since 22:03 UTC, was 0.02%;"
            " 9 of 10 failing clients are Android 7 or older"
        ),
        (
            "edge-proxy v1.18.2 was rolled out to edge-1 and edge-2 between 22:01 and 22:03;"
            " edge-3 still runs v1.18.1 and shows 0.02% failures"
        ),
        'log of edge-1: "tls: no cipher suite supported by both client and server", 4,870 times since 22:03',
        "certificate of edge-proxy is valid until 2027-02-14; OCSP answers in 18 ms",
        "likely cause: commit a41f9c2 in v1.18.2 drops cipher suite TLS_RSA_WITH_AES_128_CBC_SHA",
    ),
    "gpu": (
        "llm-serve on gpu-a100-4: memory 78.9 of 80 GiB since 13:26 UTC, was 61.2 GiB; on gpu-a100-5: 60.8 of 80 GiB",
        'log of llm-serve on gpu-a100-4: "CUDA out of memory. Tried to allocate 1.50 GiB", 37 times, first at 13:27:15',
        "max_batch_size of llm-serve on gpu-a100-4 was changed from 16 to 32 at 13:24 by Tomas Berg (config 58)",
        "time to first token p95 of llm-serve: 2,400 ms, was 380 ms; temperature of gpu-a100-4 71 °C, no throttling",
        "possible cause: larger batches need more KV cache",
    ),
    "webhooks": (
        "webhook-receiver: 1,912 of 2,390 deliveries from Adyen answered with 401 since 16:18 UTC; before it 3 a day",
        'log of webhook-receiver: "HMAC signature mismatch, key id 7f21", first at 16:18:22',
        "Adyen: HMAC key of the merchant account was rotated at 16:15; the new key id is 9c04",
        "webhook-receiver reads secret adyen-hmac, last changed 2026-03-02; its pods started 11 days ago",
        "Adyen retries failed deliveries for up to 7 days; the oldest waiting delivery is 52 min old",
    ),
    "dns": (
        "dns-resolver-2: 11.8% of queries time out since 03:52 UTC; dns-resolver-1: 0.1%",
        "node-local DNS cache: hit rate 34%, was 88%; queries to dns-resolver-2: 9,400/s, was 2,100/s",
        'log of cart-api at 03:53:10: "lookup redis-main.svc: i/o timeout"',
        "cart-api: p99 5,120 ms, was 140 ms; profile-api: p99 135 ms as before",
        "ruled out: packet loss between zone b and zone c is 0.00%",
    ),
    "flag": (
        (
            "flag one-click-checkout was set by Lena Fischer to 5% of users at 10:00, 20% at 12:30 and 50% at 15:10"
            " UTC; the next step, 100%, is planned for 18:00"
        ),
        "conversion with the flag 2.9%, without it 3.6%, over 41,200 sessions",
        'browser errors of storefront-web: "TypeError: address is undefined", 688 times, all in sessions with the flag',
        "server errors of storefront-web: 0.3%, unchanged since 08:00",
    ),
}

DEV_EVIDENCE: dict[str, str] = {ref: "\n".join(lines) for ref, lines in DEV_FACTS.items()}
DEV: tuple[Case, ...] = (
    # Kafka consumer lag
    ("It took 28 minutes for the lag of shipping-worker to reach about 126,000 messages.", ("kafka",), None),
    ("Three of the twelve partitions hold the bulk of the backlog.", ("kafka",), None),
    ("shipping-worker is down to four members, two fewer than before.", ("kafka",), None),
    ("Producers did not speed up; order-events still gets 310 messages per second.", ("kafka",), None),
    ("The lag grew because producers sent more messages to order-events.", ("kafka",), CAUSE),
    ("The first rebalance of shipping-worker came a few minutes after the lag began to rise.", ("kafka",), ORDER),
    ("All 12 partitions of order-events have fallen far behind.", ("kafka",), EXAGGERATED),
    ('shipping-worker-2 logged "broker not available" at 09:08:47.', ("kafka",), QUOTE),
    # TLS handshake failures
    ("Roughly one in sixteen TLS connections to edge-proxy has failed since 22:03.", ("tls",), None),
    ("The likely cause is commit a41f9c2, which removed a cipher suite in v1.18.2.", ("tls",), None),
    ("edge-3 is not affected; it is still on the older v1.18.1.", ("tls",), None),
    ("The certificate has not expired; it stays valid until February 2027.", ("tls",), None),
    ("Handshakes fail because OCSP answers too slowly.", ("tls",), CAUSE),
    ("edge-1 is still on v1.18.1, while edge-3 was moved to v1.18.2.", ("tls",), SWAPPED),
    ("Since 22:03 UTC, 64% of TLS connections to edge-proxy have failed.", ("tls",), UNIT),
    ("edge-4 shows the same handshake failures as edge-1.", ("tls",), UNKNOWN),
    # GPU memory of an inference server
    ("gpu-a100-4 is almost full: about 79 of its 80 GiB are in use.", ("gpu",), None),
    ("The p95 time to first token went up from 0.38 s to 2.4 s.", ("gpu",), None),
    ("The batch limit on gpu-a100-4 was doubled two minutes before its memory use went up.", ("gpu",), None),
    ("Larger batches, which need more KV cache, are a possible cause.", ("gpu",), None),
    ("gpu-a100-5 holds 78.9 GiB, while gpu-a100-4 still has about 19 GiB free.", ("gpu",), SWAPPED),
    ("Larger batches have filled the memory of gpu-a100-4; this is confirmed as the cause.", ("gpu",), CERTAIN),
    ("Time to first token rose due to thermal throttling of the GPU.", ("gpu",), CAUSE),
    ("The change of max_batch_size has been reverted on gpu-a100-4.", ("gpu",), DONE),
    # A payment provider's webhooks
    ("Four in five deliveries from Adyen have been answered with 401 since 16:18.", ("webhooks",), None),
    ("The first signature mismatch came about three minutes after Adyen rotated its key.", ("webhooks",), None),
    ("The secret adyen-hmac has not been changed since 2 March 2026.", ("webhooks",), None),
    ("Failed deliveries are retried by Adyen for as long as a week.", ("webhooks",), None),
    ("Adyen rotated its HMAC key shortly after the first mismatch was logged.", ("webhooks",), ORDER),
    ("Adyen does not retry deliveries that have failed.", ("webhooks",), NEGATED),
    ("The oldest waiting delivery is 52 hours old.", ("webhooks",), UNIT),
    ("Putting key 9c04 into adyen-hmac resolves the 401 responses within minutes.", ("webhooks",), ADVICE),
    # DNS resolver timeouts
    ("cart-api logged an i/o timeout at 03:53 while looking up redis-main.svc.", ("dns",), None),
    ("dns-resolver-2 now gets more than four times as many queries as before.", ("dns",), None),
    ("The p99 of cart-api is above five seconds, while profile-api is unchanged.", ("dns",), None),
    ("Packet loss between zones b and c has been ruled out.", ("dns",), None),
    ("The hit rate of the node-local DNS cache rose from 34% to 88%.", ("dns",), DIRECTION),
    ("Queries time out more often on dns-resolver-1 than on dns-resolver-2.", ("dns",), COMPARED),
    ("profile-api has become slow too, with a p99 above five seconds.", ("dns",), SWAPPED),
    ("The lower cache hit rate made cart-api slow.", ("dns",), LINK),
    # A feature flag rollout
    ("Since 15:10 the flag one-click-checkout has been on for half of the users.", ("flag",), None),
    ("Sessions with the flag convert less often: 2.9% against 3.6% without it.", ("flag",), None),
    ("The TypeError has not been seen in any session without the flag.", ("flag",), None),
    ("A rollout to all users is planned for 18:00.", ("flag",), None),
    ("At 18:00 the flag was turned on for all users.", ("flag",), FUTURE),
    ("Conversion with the flag is lower because of the TypeError.", ("flag",), LINK),
    ("Server errors of storefront-web have risen with each step of the rollout.", ("flag",), DIRECTION),
    ("Browsers reported the TypeError 868 times.", ("flag",), NUMBER),
)

HELD_OUT_EVIDENCE: dict[str, str] = {}
HELD_OUT: tuple[Case, ...] = ()
