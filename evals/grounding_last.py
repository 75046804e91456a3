"""Sentences over evidence in eighteen more fields, by the hand that made the rules; each set was first run when done.

`SEVENTH` taught rules after its first run, `EIGHTH` and `NINTH` after those; the page says what came of the first runs.
"""

from incident_copilot.llm.names import Known

Case = tuple[str, tuple[str, ...], str | None]


def _text(*lines: str) -> str:
    return "\n".join(lines)


SEVENTH_KNOWN = Known(
    services=frozenset(
        {
            "deploy-bot",
            "fraud-score",
            "image-registry",
            "invoice-pdf",
            "login-web",
            "orders-api",
            "orders-db",
            "payments-api",
            "room-2",
            "scheduler",
            "ups-east",
            "waf",
        }
    ),
    hosts=frozenset(
        {"app-3", "app-4", "jvm-7", "jvm-8", "orders-api-1", "orders-api-2", "pdu-11", "pdu-12", "reg-a", "reg-b"}
    ),
)
SEVENTH_EVIDENCE = {
    "pool": _text(
        "orders-api: 8.2% of requests answered with 503 since 14:36 UTC, was 0.05%; p99 10 s, the timeout",
        (
            "connection pool of orders-api-1: 50 of 50 in use, 118 requests waiting; of orders-api-2: 12 of 50"
            " in use, none waiting"
        ),
        "orders-db: 62 connections of 200, longest query 2 s, CPU 31%, was 30%",
        'log of orders-api-1 at 14:35:50: "connection leaked, borrowed 300 s ago", 41 times, all from ReportJob',
        "ReportJob was moved from scheduler to orders-api-1 by Chen Wei at 14:20 (change 5512)",
        "possible cause: ReportJob does not give connections back",
    ),
    "gc": _text(
        (
            "invoice-pdf on jvm-7: heap 7.8 of 8 GiB, full GC every 20 s, pauses up to 6.4 s since 09:02 UTC; on"
            " jvm-8: heap 3.1 of 8 GiB, no full GC since start"
        ),
        "jvm-7 has been up for 19 days, jvm-8 for 2 days",
        "invoices per minute: 310, was 540; 0 failed so far, 2,260 wait",
        "heap dump of jvm-7 at 09:31: 61% are objects of class FontCache",
        "FontCache has had no limit since invoice-pdf 4.12, deployed 2026-11-06",
    ),
    "registry": _text(
        "image-registry: 73% of pulls answered with 429 since 16:50 UTC; pulls 1,900 per minute, was 240",
        "reg-a: 1,860 per minute of them, all by deploy-bot; reg-b: 40 per minute",
        "deploy-bot 2.0 was rolled out at 16:44; it pulls each image anew, deploy-bot 1.9 kept a cache",
        "31 of 88 pods are in ImagePullBackOff; running pods are not affected",
        "Sara Lind: raising the limit would need a restart of reg-a, planned for 19:00 if nothing else helps",
    ),
    "fraud": _text(
        (
            "fraud-score: 6.3% of payments held for review since 2026-11-27 00:00 UTC, was 1.9%; confirmed fraud"
            " 0.3%, unchanged"
        ),
        "feature card_age_days is 0 for 44% of payments, was 2%; all other features as before",
        "payments-api 7.2 of 2026-11-26 sends card_age_days only for cards of the EU",
        "reviewers: 5,400 payments wait, oldest 9 h; target 2 h",
        "likely cause: missing card_age_days raises the score",
    ),
    "bots": _text(
        "login-web: 48,000 logins per minute since 03:15 UTC, was 2,900; 99.2% fail, was 7%",
        "91% of them come from 3 networks; 640 accounts were locked by failed attempts",
        "waf: rule rate-login is in count mode since 2026-11-19, was block; it would have stopped 88% of them",
        "password resets: 210 an hour, was 190; no account was taken over as far as is known",
        "login-web CPU 64%, was 22%; p95 240 ms, was 210 ms",
    ),
    "power": _text(
        "ups-east: on battery since 11:09:12 UTC, 38% left at 11:25; at this load empty at about 11:42",
        "generator started at 11:09:40 and stopped at 11:10:05: coolant temperature sensor 131 °C, sensor error",
        "room-2: 212 of 640 servers hang on ups-east; pdu-11 feeds 120 of them, pdu-12 92",
        "grid operator: outage in the district since 11:09, repair expected by 13:30",
        "app-3 and app-4 have a second feed from ups-west, which is on grid",
    ),
}
SEVENTH: tuple[Case, ...] = (
    (
        (
            "The pool of orders-api-1 is exhausted, with 118 requests waiting, while orders-api-2"
            " uses only 12 of its 50 connections."
        ),
        ("pool",),
        None,
    ),
    (
        ("orders-db is not the bottleneck as far as can be seen: less than a third of its connections are in use."),
        ("pool",),
        None,
    ),
    ("ReportJob moved to orders-api-1 a quarter of an hour before the errors began.", ("pool",), None),
    ("ReportJob may be leaking connections.", ("pool",), None),
    ("The pool of orders-api-2 is exhausted.", ("pool",), "swapped"),
    ("Slow queries on orders-db hold the connections.", ("pool",), "cause"),
    ("ReportJob has been moved back to scheduler.", ("pool",), "done"),
    ("CPU of orders-db has jumped to 62%.", ("pool",), "number"),
    ("jvm-7 has been running for 17 days longer than jvm-8.", ("gc",), None),
    ("Throughput is down by more than 40%, but no invoice has failed.", ("gc",), None),
    ("FontCache holds about three fifths of the heap of jvm-7.", ("gc",), None),
    ("jvm-7 is nearly out of heap, jvm-8 is not.", ("gc",), None),
    ("jvm-8 spends its time in full GC.", ("gc",), "swapped"),
    ("2,260 invoices have failed.", ("gc",), "negated"),
    ("FontCache has been limited since 4.12.", ("gc",), "negated"),
    ("jvm-7 was restarted two days ago.", ("gc",), "swapped"),
    ("Pulls are about eight times as many as before, nearly all of them by deploy-bot.", ("registry",), None),
    ("Roughly one pod in three cannot pull its image.", ("registry",), None),
    ("Pods that already run are fine.", ("registry",), None),
    ("The rejections started six minutes after deploy-bot 2.0 was rolled out.", ("registry",), None),
    ("reg-b takes most of the pulls.", ("registry",), "compared"),
    ("reg-a was restarted at 19:00 with a higher limit.", ("registry",), "future"),
    ("deploy-bot 1.9 pulls every image anew.", ("registry",), "swapped"),
    ("All pods are in ImagePullBackOff.", ("registry",), "exaggerated"),
    ("More than three times as many payments as before are held for review.", ("fraud",), None),
    ("Actual fraud has not increased.", ("fraud",), None),
    ("card_age_days is probably the reason: it is missing for 44% of payments.", ("fraud",), None),
    ("The oldest payment has waited seven hours longer than the target.", ("fraud",), None),
    ("Fraud has risen since 27 November.", ("fraud",), "direction"),
    ("card_age_days is missing for cards of the EU.", ("fraud",), "negated"),
    ("Every feature is broken.", ("fraud",), "exaggerated"),
    ("Reviewers are faster than their target.", ("fraud",), "compared"),
    ("Nine in ten of the logins come from three networks.", ("bots",), None),
    ("No account is known to have been taken over.", ("bots",), None),
    ("The rule rate-login only counts and does not block.", ("bots",), None),
    ("login-web still answers about as fast as before.", ("bots",), None),
    ("640 accounts were taken over.", ("bots",), "swapped"),
    ("The waf blocked 88% of the attempts.", ("bots",), "possible told as done"),
    ("The rule was set to block on 19 November.", ("bots",), "direction"),
    ("High CPU made logins fail.", ("bots",), "link"),
    ("A third of the servers in room-2 depend on ups-east.", ("power",), None),
    ("The generator ran for only 25 seconds.", ("power",), None),
    ("The battery will be empty at about 11:42 if nothing changes.", ("power",), None),
    ("app-3 and app-4 can get power from ups-west.", ("power",), None),
    ("The generator is running.", ("power",), "negated"),
    ("Power was restored at 13:30.", ("power",), "future"),
    ("pdu-12 feeds more servers than pdu-11.", ("power",), "compared"),
    ("The generator overheated and stopped.", ("power",), "cause"),
)
EIGHTH_KNOWN = Known(
    services=frozenset(
        {
            "billing",
            "chat-assist",
            "checkout",
            "email-worker",
            "gateway",
            "inventory",
            "loyalty",
            "payments",
            "reco",
            "search",
        }
    ),
    hosts=frozenset({"cache-7", "db-3", "db-4", "node-21", "queue-1"}),
)
EIGHTH_EVIDENCE = {
    "deploy": _text(
        "checkout: 17.6% of requests fail since 21:14:20 UTC, before it 0.3%; p99 latency 2.9 s, was 410 ms",
        "likely cause: inventory v5.12.0 was deployed at 21:13:05 by Ruth Adler (commit 3fa9c1d77e20)",
        (
            'inventory: 31.2% of requests fail, all with status 500; error "column reserved_until does not'
            ' exist" 4,410 times since 21:13:40'
        ),
        "payments and search are as before",
        "earlier incident INC-31: the same error after inventory v5.9.0, resolved by a rollback in 12 min",
    ),
    "db": _text(
        "db-3: disk 96% of 2 TiB, 71% a week ago; grows 38 GiB an hour since 04:00 UTC; full in about 2 h",
        "billing: writes take 820 ms at p95, was 45 ms; reads unchanged; no errors so far",
        "replication slot analytics_cdc of db-3 holds 1.1 TiB of WAL, its consumer is gone since 03:52",
        "possible cause: the consumer of analytics_cdc was removed with node-21 at 03:50",
        "db-4: disk 44%, unchanged",
    ),
    "mail": _text(
        "email-worker: 38,200 mails wait on queue-1 since 08:00 UTC, usually below 500; oldest 1 h 25 min",
        "email-worker sends 12 mails per second, was 95; 6 of 8 workers restart every 2 min",
        'new log line on email-worker: "MemoryError in render_template", 1,930 times since 07:58:31',
        "template spring_sale was published by Ivo Petrov at 07:57",
        "provider Mailgun reports no problem; password mails go over another queue and are on time",
    ),
    "ai": _text(
        (
            "chat-assist: 22% of answers cut off since 15:30 UTC, was 0.5%; tokens per answer at the limit of"
            " 512 in 21% of answers"
        ),
        "max_tokens of chat-assist was lowered from 2,048 to 512 at 15:29 with configuration 141",
        "thumbs down 9.7%, was 4.2%; cost per answer $0.006, was $0.011",
        "model and prompt of chat-assist are unchanged; latency p50 1.9 s, was 3.4 s",
        "owner of chat-assist: team Conversations, on call Mei Lin",
    ),
    "cache": _text(
        "cache-7 was restarted at 02:10 UTC by the kernel update job; its hit rate is 12%, was 93%",
        "reco: p95 1,480 ms, was 160 ms, since 02:10; 4.4% of requests time out",
        "gateway: 1.1% errors, was 0.2%, all on paths of reco",
        "hit rate of cache-7 by time: 12% at 02:15, 31% at 02:30, 55% at 02:45",
        "ruled out: reco was last deployed 6 days ago",
    ),
    "loyal": _text(
        ("loyalty: points of 3,480 customers were credited twice on 2026-11-27; 61,900 customers were credited once"),
        "job credit_points ran at 03:00 and again at 03:40; the second run was started by hand by Tess Okafor",
        "the job has no guard against a second run (found by Tess Okafor at 09:15)",
        "no points have been taken back so far; customers spent 2.1% of the extra points",
        "support: 44 mails about points since 06:00",
    ),
}
EIGHTH: tuple[Case, ...] = (
    ("Checkout has been failing 17.6% of its requests since about 21:14 UTC, up from 0.3%.", ("deploy",), None),
    ("The likely cause is inventory v5.12.0, which Ruth Adler deployed about a minute earlier.", ("deploy",), None),
    ("inventory returns status 500 because the column reserved_until does not exist.", ("deploy",), "cause"),
    ("A similar incident, INC-31, was resolved by a rollback within 12 minutes.", ("deploy",), None),
    ("payments and search are not affected.", ("deploy",), None),
    ("inventory v5.12.0 has been rolled back.", ("deploy",), "done"),
    ("payments fails 31.2% of its requests.", ("deploy",), "swapped"),
    ("p99 latency of checkout improved from 2.9 s to 410 ms.", ("deploy",), "direction"),
    ("The disk of db-3 is 96% full and will run out of space in about two hours.", ("db",), None),
    ("Writes of billing have become about eighteen times slower, but nothing fails yet.", ("db",), None),
    ("The WAL held by analytics_cdc takes up more than half of the disk.", ("db",), None),
    ("The consumer of analytics_cdc has been gone since 03:52.", ("db",), None),
    ("db-3 has run out of disk space.", ("db",), "future"),
    ("The consumer was removed with node-21, which caused the growth.", ("db",), "certain"),
    ("Reads of billing are slow as well.", ("db",), "negated"),
    ("db-4 grows by 38 GiB an hour.", ("db",), "swapped"),
    ("38,200 mails are waiting, the oldest for almost an hour and a half.", ("mail",), None),
    ("email-worker sends only an eighth of what it usually sends.", ("mail",), None),
    ("Three quarters of the workers keep restarting.", ("mail",), None),
    ("The MemoryError appeared a minute and a half after template spring_sale was published.", ("mail",), None),
    ("Password mails are delayed too.", ("mail",), "negated"),
    ("Mailgun has an outage.", ("mail",), "negated"),
    ("Ivo Petrov withdrew the template spring_sale.", ("mail",), "done"),
    ("The workers crashed before the template was published.", ("mail",), "order"),
    ("More than a fifth of the answers are cut off since max_tokens was lowered to 512.", ("ai",), None),
    ("Answers got cheaper, by nearly half, and faster.", ("ai",), None),
    ("Thumbs down have more than doubled.", ("ai",), None),
    ("Mei Lin is on call for chat-assist.", ("ai",), None),
    ("max_tokens was raised to 2,048 at 15:29.", ("ai",), "direction"),
    ("A new prompt cuts answers off.", ("ai",), "negated"),
    ("Answers cost more than before.", ("ai",), "direction"),
    ("Mei Lin lowered max_tokens.", ("ai",), "swapped"),
    ("After the restart of cache-7 its hit rate fell from 93% to 12%, and reco got slow.", ("cache",), None),
    ("The hit rate is recovering: it was 55% at 02:45.", ("cache",), None),
    ("All errors of gateway are on paths of reco.", ("cache",), None),
    ("reco has not been deployed for six days.", ("cache",), None),
    ("The hit rate of cache-7 has recovered to 93%.", ("cache",), "done"),
    ("A deployment of reco is the likely cause.", ("cache",), "ruled out"),
    ("gateway errors are spread over all services.", ("cache",), "exaggerated"),
    ("reco was restarted at 02:10.", ("cache",), "swapped"),
    ("About one in nineteen customers got points twice.", ("loyal",), None),
    ("Tess Okafor started the job by hand a second time at 03:40.", ("loyal",), None),
    ("None of the extra points have been taken back yet.", ("loyal",), None),
    ("Customers have already spent some of the extra points, 2.1%.", ("loyal",), None),
    ("The extra points have been taken back.", ("loyal",), "done"),
    ("The job is guarded against a second run.", ("loyal",), "negated"),
    ("Most customers were credited twice.", ("loyal",), "exaggerated"),
    ("The second run began 20 minutes after the first.", ("loyal",), "number"),
)
NINTH_KNOWN = Known(
    services=frozenset(
        {
            "booking",
            "claims-inbox",
            "claims-ocr",
            "geo-fence",
            "lift-api",
            "price-feed",
            "scooter-hub",
            "seat-map",
            "shelf-labels",
            "tax-calc",
            "ticket-print",
            "turn-relay",
            "video-call",
        }
    ),
    hosts=frozenset(
        {"mq-1", "mq-2", "ocr-gpu-1", "ocr-gpu-2", "store-118", "store-204", "turn-ams-1", "turn-fra-1", "turn-fra-2"}
    ),
)
NINTH_EVIDENCE = {
    "seats": _text(
        (
            "booking: 3.8% of bookings end with seat taken twice since 12:02 UTC, before it 0; 164 double"
            " bookings so far"
        ),
        "seat-map: lock time-out was changed from 120 s to 12 s at 11:58 by Hana Sato (ticket 9921)",
        "seat-map p95 210 ms, was 190 ms; errors 0.1%, unchanged",
        "payment takes 38 s on average, longest 95 s",
        "Omar Diaz wrote at 12:40: 31 of the double bookings are sorted out, the others wait for the airline",
    ),
    "labels": _text(
        "shelf-labels: 41 stores show prices of yesterday since 05:00 UTC; 378 stores are right",
        "price-feed: file of 2026-11-27 has 1,204,800 rows, 12 of them without a currency",
        'import stopped in store-118 at row 88,412 with "currency missing"; in store-204 at row 88,412 too',
        "stores with software 6.2 skip such rows, those with 6.1 stop; 41 stores have 6.1",
        "a corrected file is to be sent at 07:30",
    ),
    "call": _text(
        "video-call: 18% of calls drop within 60 s since 13:44 UTC, was 1.1%; audio-only calls 1.0% as before",
        (
            "turn-fra-1: 0 relayed streams since 13:43:20; turn-fra-2: 9,800, was 5,100, its limit is 10,000;"
            " turn-ams-1: 2,300 as before"
        ),
        ('log of turn-fra-1 at 13:43:19: "certificate expired", certificate of turn-fra-1 was valid until 13:43:19'),
        "renewal of the certificate failed on 2026-11-20 and 2026-11-27: DNS challenge refused",
        "likely cause: certificate of turn-fra-1 expired",
    ),
    "ocr": _text(
        "claims-ocr: 27% of pages have confidence below 0.5 since 2026-11-25 07:00 UTC, was 6%",
        "scanner firmware at the mail room was updated on 2026-11-24: resolution 150 dpi, was 300 dpi",
        "ocr-gpu-1 and ocr-gpu-2: utilisation 55% and 57%, both as before; model ocr-7 since March",
        "claims-inbox: 2,930 claims wait for typing by hand, was 640; oldest 21 h",
        "pages sent by app are not worse: 5.8% below 0.5",
    ),
    "scooter": _text(
        "scooter-hub: 2,310 of 7,700 scooters send no position since 17:18 UTC; all of them use carrier B",
        "carrier B: status page green; carrier A: scooters as before",
        "mq-1: 0.2 messages per second from carrier B, was 310; mq-2 the same as before",
        "geo-fence: 96 rides ended outside the zone since 17:20, usually 4 an hour",
        "firewall rule 77 was changed at 17:17 by pipeline net-42; it drops UDP from 10.8.0.0/16",
    ),
    "tax": _text(
        "tax-calc: 100% of requests for Italy fail since 00:00 UTC, other countries 0.0%",
        "rate table of Italy ends on 2026-11-30; the new one was to be loaded on 2026-11-28 and was not",
        "booking: 1,480 orders from Italy wait; orders are retried every 15 min for 24 h",
        'error: "no rate valid for 2026-12-01"',
        "Paola Conti loads the new table now, done at about 01:10 she says",
    ),
}
NINTH: tuple[Case, ...] = (
    ("164 seats have been sold twice since 12:02.", ("seats",), None),
    ("The lock time-out was cut to a tenth four minutes before the first double bookings.", ("seats",), None),
    ("Paying takes longer than the lock now lasts: 38 s on average against 12 s.", ("seats",), None),
    ("Of the double bookings, 31 are settled.", ("seats",), None),
    ("Hana Sato set the lock time-out back to 120 s.", ("seats",), "done"),
    ("All double bookings are sorted out.", ("seats",), "exaggerated"),
    ("The lock time-out was raised from 12 s to 120 s.", ("seats",), "direction"),
    ("seat-map has become much slower.", ("seats",), "exaggerated"),
    ("Roughly a tenth of the stores show yesterday's prices.", ("labels",), None),
    ("The import stops at the same row in store-118 and store-204.", ("labels",), None),
    ("Only stores with software 6.1 are affected.", ("labels",), None),
    ("A corrected file is due at 07:30.", ("labels",), None),
    ("The corrected file was sent at 07:30.", ("labels",), "future"),
    ("Stores with software 6.2 stop at rows without a currency.", ("labels",), "swapped"),
    ("12 stores have no currency.", ("labels",), "number"),
    ("Most stores show prices of yesterday.", ("labels",), "exaggerated"),
    ("Since turn-fra-1 stopped relaying, turn-fra-2 has almost reached its limit.", ("call",), None),
    ("Audio-only calls are fine.", ("call",), None),
    ("The expired certificate of turn-fra-1 is the likely cause.", ("call",), None),
    ("Renewing the certificate failed twice.", ("call",), None),
    ("The certificate of turn-fra-2 has expired.", ("call",), "swapped"),
    ("The certificate has been renewed.", ("call",), "done"),
    ("turn-ams-1 relays more streams than turn-fra-2.", ("call",), "compared"),
    ("Audio-only calls drop too.", ("call",), "negated"),
    (
        ("More than a quarter of the pages are read with low confidence, over four times as many as before."),
        ("ocr",),
        None,
    ),
    ("The scanners have been working at half the resolution since their update on 24 November.", ("ocr",), None),
    ("Pages from the app are as good as before.", ("ocr",), None),
    ("Claims waiting for typing have grown to 2,930.", ("ocr",), None),
    ("A new OCR model lowered the confidence.", ("ocr",), "cause"),
    ("Both GPUs are overloaded.", ("ocr",), "exaggerated"),
    ("The resolution went up from 150 to 300 dpi.", ("ocr",), "direction"),
    ("The oldest claim waits for 21 minutes.", ("ocr",), "unit"),
    ("Three in ten scooters send no position, all of them on carrier B.", ("scooter",), None),
    ("Firewall rule 77 was changed a minute before the positions stopped.", ("scooter",), None),
    ("Carrier A works normally.", ("scooter",), None),
    ("mq-1 gets hardly any messages from carrier B.", ("scooter",), None),
    ("Carrier B reports an outage.", ("scooter",), "negated"),
    ("The firewall rule was changed after the positions had stopped.", ("scooter",), "order"),
    ("Rule 77 has been reverted by pipeline net-42.", ("scooter",), "done"),
    ("mq-2 lost the messages of carrier B.", ("scooter",), "swapped"),
    ("Every request for Italy fails; other countries are not affected.", ("tax",), None),
    ("The new rate table of Italy was not loaded in time.", ("tax",), None),
    ("Waiting orders are tried again every quarter of an hour.", ("tax",), None),
    ("According to Paola Conti the new table is loaded by about 01:10.", ("tax",), None),
    ("The new rate table was loaded on 28 November.", ("tax",), "negated"),
    ("Other countries fail as well.", ("tax",), "negated"),
    ("Paola Conti finished loading the table at 01:10.", ("tax",), "future"),
    ("Orders from Italy are lost.", ("tax",), "exaggerated"),
)
