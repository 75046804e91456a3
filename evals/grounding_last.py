"""Sentences over evidence in eighteen more fields, by the hand that made the rules; each set was first run when done.

`EIGHTH`, `NINTH` and `TENTH` each taught rules after the first run; the page says what came of these.
"""

from incident_copilot.llm.names import Known

Case = tuple[str, tuple[str, ...], str | None]


def _text(*lines: str) -> str:
    return "\n".join(lines)


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
TENTH_KNOWN = Known(
    services=frozenset(
        {
            "ad-bidder",
            "ad-cache",
            "exam-portal",
            "hl7-bridge",
            "lab-results",
            "login-sso",
            "mobile-push",
            "push-gateway",
            "session-api",
            "stock-sync",
            "user-store",
            "warehouse-a",
            "warehouse-b",
        }
    ),
    hosts=frozenset({"ap-1", "ap-2", "bid-eu-3", "bid-us-1", "hl7-3", "hl7-4", "mongo-1", "mongo-2", "mongo-3"}),
)
TENTH_EVIDENCE = {
    "mongo": _text(
        "user-store: primary moved from mongo-1 to mongo-3 at 06:14:22 UTC, back to mongo-1 at 06:31:05",
        "mongo-3: disk latency 48 ms, was 1.9 ms, since 06:12; mongo-2: 2.0 ms as before",
        ("session-api: writes p95 6.1 s between 06:14 and 06:31, before and after it 85 ms; 3,240 writes timed out"),
        "mongo-1 lost its heartbeat to mongo-2 and mongo-3 for 14 s at 06:14:08; it did not restart",
        "possible cause: maintenance of switch sw-7 at 06:14 by network team",
    ),
    "push": _text(
        "mobile-push: 46% of notifications for iOS refused since 2026-11-28 00:00 UTC; Android 0.4% as before",
        'push-gateway: error "ExpiredProviderToken" 212,000 times; key of Apple was created on 2025-11-28',
        "refused: only notifications with key K7; those with key K9 are accepted",
        "apps since version 9.1 use key K9; 54% of iOS users have 9.1 or later",
        "Nils Berg asked for a new key at 07:10; Apple has not answered yet",
    ),
    "stock": _text(
        "stock-sync: last successful run at 02:40 UTC, it runs every 20 min; 5 runs failed since",
        "warehouse-a: 18,400 items differ from the shop; warehouse-b: 0",
        'log of stock-sync at 03:00:07: "duplicate key sku 55-1820"',
        "sku 55-1820 was entered twice by an import of warehouse-a at 02:51",
        "shop: 73 orders for items that are out of stock, 12 of them paid",
    ),
    "ads": _text(
        "bid-eu-3: timeouts 34% since 17:42 UTC, was 2%; bid-us-1: 2%, unchanged",
        "ad-cache for eu: 3 of 9 nodes were drained at 17:40 for cost reasons by autoscaling policy night-eu",
        "policy night-eu is meant for 01:00 to 05:00; its time zone was changed from UTC to PST on 2026-11-27",
        "ad-bidder: revenue per minute in eu $410, was $655; in us $880 as before",
        "nodes can be added back within about 6 min",
    ),
    "exam": _text(
        (
            "exam-portal: 61% of logins take longer than 20 s since 08:55 UTC; 4,300 students in exams that"
            " began at 09:00"
        ),
        "login-sso: 12 requests per second, its limit; 900 requests wait",
        "limit of login-sso was set to 12 per second on 2026-08-04 for the holidays, before it was 80",
        "students who are logged in are not affected; 118 could not begin by 09:10",
        "Dr. Ilse Kern extends all exams by 15 min",
    ),
    "lab": _text(
        "lab-results: 640 results not delivered since 11:05 UTC; oldest 55 min; urgent ones are phoned through",
        ("hl7-3: connection to hospital North open, 0 acknowledgements since 11:04:50; hl7-4: hospital South normal"),
        "hospital North: new version of its system was installed at 11:00",
        "hl7-bridge retries every 30 s and keeps results for 72 h",
        "likely cause: hospital North's new version does not accept segment ZBX",
    ),
}
TENTH: tuple[Case, ...] = (
    ("mongo-3 was primary for almost seventeen minutes.", ("mongo",), None),
    ("mongo-1 is primary again since 06:31.", ("mongo",), None),
    (
        ("Disk latency of mongo-3 is about twenty-five times as high as before, while mongo-2 is normal."),
        ("mongo",),
        None,
    ),
    ("Writes of session-api were slow only while mongo-3 was primary.", ("mongo",), None),
    ("mongo-1 restarted at 06:14.", ("mongo",), "negated"),
    ("mongo-2 became primary at 06:14.", ("mongo",), "swapped"),
    ("Maintenance of sw-7 broke the heartbeat.", ("mongo",), "certain"),
    ("Disk latency on mongo-3 rose after it became primary.", ("mongo",), "order"),
    ("Nearly half of the iOS notifications are refused.", ("push",), None),
    ("Android is not affected.", ("push",), None),
    ("Notifications with key K9 still get through.", ("push",), None),
    ("A new key has been asked for; Apple has yet to answer.", ("push",), None),
    ("Apple has issued a new key.", ("push",), "done"),
    ("Notifications with key K9 are refused.", ("push",), "swapped"),
    ("All iOS users are on 9.1 or later.", ("push",), "exaggerated"),
    ("Android notifications are refused more often than those for iOS.", ("push",), "compared"),
    ("The last successful run was at 02:40, and the five runs since then failed.", ("stock",), None),
    ("Stock of warehouse-b is right; that of warehouse-a differs for 18,400 items.", ("stock",), None),
    (
        ("A sku entered twice broke the run: the import came nine minutes before the first failure."),
        ("stock",),
        "cause",
    ),
    ("61 of the orders for items out of stock are not paid.", ("stock",), None),
    ("warehouse-b differs from the shop for 18,400 items.", ("stock",), "swapped"),
    ("The import ran after the first failed run.", ("stock",), "order"),
    ("stock-sync runs again without errors.", ("stock",), "done"),
    ("Most of the 73 orders are paid.", ("stock",), "exaggerated"),
    ("A third of the cache nodes in eu were drained two minutes before the timeouts began.", ("ads",), None),
    ("Revenue in eu is down by more than a third; the us is unchanged.", ("ads",), None),
    ("The policy night-eu ran outside its hours.", ("ads",), None),
    ("The nodes could be back within six minutes.", ("ads",), None),
    ("The nodes were added back within six minutes.", ("ads",), "done"),
    ("Timeouts in us went up as well.", ("ads",), "direction"),
    ("The time zone of night-eu was changed from PST to UTC.", ("ads",), "direction"),
    ("us earns less per minute than eu.", ("ads",), "compared"),
    ("login-sso is at its limit of 12 requests per second, with 900 waiting.", ("exam",), None),
    ("The limit was lowered from 80 to 12 in August.", ("exam",), None),
    ("Students who have logged in can go on.", ("exam",), None),
    ("Exams are extended by a quarter of an hour.", ("exam",), None),
    ("All students are locked out.", ("exam",), "exaggerated"),
    ("The limit has been put back to 80.", ("exam",), "done"),
    ("118 students were logged out.", ("exam",), "negated"),
    ("Logins were slow before 08:55 already.", ("exam",), "order"),
    ("640 results are waiting, the oldest for nearly an hour.", ("lab",), None),
    ("Hospital North has acknowledged nothing since shortly before 11:05.", ("lab",), None),
    ("The trouble began five minutes after hospital North installed a new version.", ("lab",), None),
    ("No result is lost yet: they are kept for three days.", ("lab",), None),
    ("hl7-4 gets no acknowledgements from hospital South.", ("lab",), "swapped"),
    ("Urgent results are not passed on.", ("lab",), "negated"),
    ("hospital North's new version rejects segment ZBX; that is certain.", ("lab",), "certain"),
    ("Results are kept for 72 minutes.", ("lab",), "unit"),
)
