"""Sentences over evidence in eighteen more fields, by the hand that made the rules; each set was first run when done.

`FIFTH` taught rules after its first run, `SIXTH` and `SEVENTH` after those; the page says what came of the first runs.
"""

from incident_copilot.llm.names import Known

Case = tuple[str, tuple[str, ...], str | None]


def _text(*lines: str) -> str:
    return "\n".join(lines)


FIFTH_KNOWN = Known(
    services=frozenset(
        {
            "backup-nightly",
            "batch-pool",
            "feature-store",
            "image-builder",
            "live-edge",
            "oauth-proxy",
            "partner-portal",
            "ranking",
            "restore-check",
            "thumb-fn",
            "transcoder",
            "uploads",
        }
    ),
    hosts=frozenset({"enc-1", "enc-2", "enc-3", "idp-1", "idp-2", "nas-1", "nas-2", "node-12", "node-14", "node-19"}),
)
FIFTH_EVIDENCE = {
    "video": _text(
        "transcoder: 34 of 120 live streams drop frames since 20:11 UTC; before it none did",
        "enc-2: GPU encoder load 99%, was 64%; enc-1 61% and enc-3 63%, both as before",
        "enc-2 took over 40 streams of enc-4 at 20:10:20, which was drained by Yara Haddad for a driver update",
        'log of enc-2: "encode queue full, frame skipped", 51,300 times since 20:11:04',
        "live-edge: rebuffering of viewers 5.9%, was 0.7%; 12,800 viewers are affected of 61,000",
    ),
    "oauth": _text(
        ("oauth-proxy: 61% of logins of partners fail since 07:44 UTC, was 1.3%; logins of staff are not affected"),
        "idp-1: clock is 94 s ahead of UTC; idp-2: 0.02 s",
        'log of oauth-proxy at 07:44:09: "token used before issued (iat)", 8,420 times',
        "idp-1 was restarted at 07:41 after a kernel update; its time service did not start",
        "likely cause: clock of idp-1 runs ahead, so its tokens are refused",
    ),
    "features": _text(
        ("feature-store: user_clicks_7d is 26 h old, at most 2 h are allowed; the other 41 feature groups are fresh"),
        "job refresh_clicks failed 12 times in a row since 2026-11-24 05:10 UTC, last successful run at 04:10",
        'error of the job: "column session_ref not found in events_v3"',
        "events_v3 replaced events_v2 on 2026-11-24 at 05:00 (merge request 881 by Piotr Zielinski)",
        "ranking: click rate of recommendations 3.4%, was 4.1%; p95 62 ms, unchanged",
    ),
    "fn": _text(
        ("thumb-fn: cold starts 38% of calls since 11:20 UTC, was 4%; p95 2.9 s, was 0.35 s; errors 0.1% as before"),
        "provisioned concurrency of thumb-fn was lowered from 60 to 10 at 11:18 by a budget rule",
        "calls of thumb-fn: 74 per second, was 71",
        "uploads: 1 of 9 uploads shows no preview within 5 s; uploads themselves succeed",
        "possible cause: fewer warm instances make calls wait for cold starts",
    ),
    "backup": _text(
        "backup-nightly of 2026-11-25: 6 of 14 volumes were not copied; usually all are",
        "nas-1: free space 0.4 TB of 24 TB; nas-2: 9.1 TB of 24 TB free",
        "retention job of nas-1 has not run since 2026-11-13; its lock is held by pid 4411",
        "restore-check of 2026-11-24 read back 14 of 14 volumes",
        "Lea Brandt wrote: the lock will be removed in the window at 22:00",
    ),
    "nodes": _text(
        ("batch-pool: 210 of 300 pods pending since 02:30 UTC; node-12, node-14 and node-19 were preempted at 02:27"),
        "price of spot instances in zone c: $1.92 an hour, was $0.64; in zone a $0.66, unchanged",
        "autoscaler: 18 attempts to get nodes in zone c failed, quota in zone a allows 4 more",
        "image-builder: builds take 41 min, usually 12 min; 7 builds were cancelled by their owners",
        "ruled out: node images were last changed on 2026-10-30",
    ),
}
FIFTH: tuple[Case, ...] = (
    ("More than a quarter of the live streams have been dropping frames since 20:11.", ("video",), None),
    ("enc-2 is at 99% encoder load; the other two encoders are at their usual level.", ("video",), None),
    ("About a fifth of the viewers are affected.", ("video",), None),
    (("Frames have been skipped on enc-2 since less than a minute after it took over 40 streams."), ("video",), None),
    ("enc-1 runs at 99% while enc-2 is as before.", ("video",), "swapped"),
    ("enc-4 crashed and its streams moved to enc-2.", ("video",), "cause"),
    ("The streams have been moved back to enc-4.", ("video",), "done"),
    ("Rebuffering has eased from 5.9% to 0.7%.", ("video",), "direction"),
    ("Partners cannot log in reliably: 61% of their attempts fail.", ("oauth",), None),
    ("Staff can still log in.", ("oauth",), None),
    ("The clock of idp-1 is about a minute and a half ahead.", ("oauth",), None),
    ("The failures began three minutes after idp-1 was restarted.", ("oauth",), None),
    ("idp-2 runs 94 s ahead of UTC.", ("oauth",), "swapped"),
    ("The clock of idp-1 has been corrected.", ("oauth",), "done"),
    ("Tokens are refused because they have expired.", ("oauth",), "cause"),
    ("Staff and partners are hit alike.", ("oauth",), "negated"),
    ("user_clicks_7d is more than a day old; all other feature groups are fresh.", ("features",), None),
    ("The refresh job has failed twelve times since the switch to events_v3.", ("features",), None),
    ("Recommendations get fewer clicks, 3.4% instead of 4.1%.", ("features",), None),
    ("ranking is not slower than before.", ("features",), None),
    ("events_v2 replaced events_v3 on 24 November.", ("features",), "swapped"),
    ("The job refresh_clicks ran successfully at 05:10.", ("features",), "negated"),
    ("None of the feature groups is fresh.", ("features",), "exaggerated"),
    ("The stale feature lowered the click rate.", ("features",), "link"),
    ("Cold starts are nearly ten times as frequent as before.", ("fn",), None),
    ("A budget rule cut the provisioned concurrency by more than 80%.", ("fn",), None),
    ("The load is practically the same: 74 calls per second against 71.", ("fn",), None),
    ("One in nine uploads has no preview after five seconds, but no upload is lost.", ("fn",), None),
    ("The lower concurrency is confirmed as the reason for the slow calls.", ("fn",), "certain"),
    ("Errors of thumb-fn went up with the cold starts.", ("fn",), "direction"),
    ("Calls of thumb-fn have doubled.", ("fn",), "number"),
    ("Uploads fail.", ("fn",), "negated"),
    ("Eight of fourteen volumes were backed up.", ("backup",), None),
    ("nas-1 has less than half a terabyte left.", ("backup",), None),
    ("The retention job on nas-1 last ran on 13 November.", ("backup",), None),
    ("The last restore check was complete.", ("backup",), None),
    ("nas-2 has less free space than nas-1.", ("backup",), "compared"),
    ("Lea Brandt has removed the lock.", ("backup",), "done"),
    ("nas-1 has 0.4 GB free.", ("backup",), "unit"),
    ("No volume was copied on 25 November.", ("backup",), "exaggerated"),
    ("70% of the pods in batch-pool are pending.", ("nodes",), None),
    ("The spot price in zone c tripled.", ("nodes",), None),
    ("Three nodes were preempted three minutes before pods began to wait.", ("nodes",), None),
    ("The node images are not the cause.", ("nodes",), None),
    ("Spot instances cost as much in zone a as in zone c.", ("nodes",), "compared"),
    ("The autoscaler got 18 nodes in zone c.", ("nodes",), "negated"),
    ("Builds took 41 minutes before and take 12 minutes now.", ("nodes",), "direction"),
    ("Pods were pending before the nodes were preempted.", ("nodes",), "order"),
)
SIXTH_KNOWN = Known(
    services=frozenset(
        {
            "fleet-update",
            "fx-rates",
            "hsm-proxy",
            "kb-search",
            "lobby",
            "lock-api",
            "matchmaker",
            "pdf-sign",
            "pick-labels",
            "pricing",
            "room-cooling",
            "support-bot",
            "wms",
        }
    ),
    hosts=frozenset(
        {"crac-1", "crac-2", "eu-1", "eu-2", "hsm-a", "hsm-b", "printer-14", "printer-15", "rack-c3", "us-1"}
    ),
)
SIXTH_EVIDENCE = {
    "match": _text(
        "matchmaker in eu-1: median wait 148 s, was 22 s, since 18:32 UTC; in us-1 24 s as before",
        "players waiting in eu-1: 9,700, was 1,300; players online 61,000, was 60,200",
        "matchmaker 3.9.0 was deployed to eu-1 at 18:30 and to eu-2 at 18:45; us-1 runs 3.8.4",
        'log of matchmaker in eu-1: "no candidate within skill range", 22,150 times since 18:30:40',
        "likely cause: 3.9.0 narrows the skill range from 200 to 20 points",
    ),
    "locks": _text(
        (
            "fleet-update: firmware 2.4.1 was installed on 3,100 of 12,400 locks since 2026-11-22; rollout"
            " paused at 25% on 2026-11-24 at 09:40"
        ),
        "lock-api: 410 locks have not reported since 2026-11-24, 402 of them with firmware 2.4.1",
        "battery drain with 2.4.1: 1.9% a day, with 2.3.8: 0.4% a day",
        "support: 96 tickets since Tuesday, usually 10 in that time; no door failed to open",
        "a downgrade to 2.3.8 is being prepared and not released",
    ),
    "sign": _text(
        "pdf-sign: 27% of signatures time out since 13:03 UTC, was 0.1%; p95 30 s, was 1.1 s",
        "hsm-a: 0 operations per second since 13:02; hsm-b: 180 per second, its limit is 180",
        "hsm-proxy sends half of the requests to each HSM; health check of hsm-a is green",
        'log of hsm-proxy at 13:02:47: "hsm-a: session limit reached"',
        "possible cause: sessions of hsm-a leak since hsm-proxy 1.12 of 2026-11-20",
    ),
    "labels": _text(
        (
            "pick-labels: 1,140 labels wait, was about 30, since 05:48 UTC; printer-14 prints 0 per minute,"
            " printer-15 22 per minute"
        ),
        ("printer-14: out of paper since 05:46, reported by Marek Nowak at 06:02; refilled at 06:05, still offline"),
        "wms: orders per hour 2,450, was 2,500; none was cancelled",
        "job of printer-14 at 05:46:31 is stuck: label 88213, status held",
        "ruled out: network of hall 3 lost 0 of 10,000 packets",
    ),
    "bot": _text(
        ("support-bot: 12.6% of answers rated wrong since 2026-11-26, was 4.8%; 1,830 answers rated of 9,400 given"),
        "kb-search: index of 2026-11-25 has 3,120 articles, that of 2026-11-18 had 8,960",
        "answers without a source: 31%, was 6%; prompt version 22 unchanged since 2026-11-10",
        "model of support-bot is the same since October; temperature 0.2",
        "likely cause: index of 2026-11-25 lacks the articles in German",
    ),
    "fx": _text(
        "fx-rates: rate EUR/TRY is 47 min old, limit 5 min, since 10:13 UTC; all other pairs are under 1 min",
        "source Reuters: EUR/TRY quoted as suspended since 10:11",
        (
            "pricing: 260 quotes in TRY refused since 10:18 as intended; quotes in other currencies 0.2% refused"
            " as before"
        ),
        "fallback source is configured for USD/TRY only",
        "trading desk expects quotes again at 11:30",
    ),
}
SIXTH: tuple[Case, ...] = (
    ("Players in eu-1 wait about two and a half minutes, almost seven times as long as before.", ("match",), None),
    ("us-1 is fine: its median wait is still 24 s, on version 3.8.4.", ("match",), None),
    ("The number of players online has barely changed, so extra load is not visible.", ("match",), None),
    ("Waits in eu-1 went up two minutes after matchmaker 3.9.0 arrived there.", ("match",), None),
    ("us-1 got 3.9.0 at 18:45.", ("match",), "swapped"),
    ("3.9.0 widened the skill range from 20 to 200 points.", ("match",), "direction"),
    ("The wait in eu-1 rose before 3.9.0 was deployed.", ("match",), "order"),
    ("A surge of players filled the queue.", ("match",), "cause"),
    ("A quarter of the locks have firmware 2.4.1.", ("locks",), None),
    ("Nearly all silent locks run the new firmware.", ("locks",), None),
    ("Batteries drain almost five times as fast with 2.4.1 as with 2.3.8.", ("locks",), None),
    ("Every door could still be opened.", ("locks",), None),
    ("The downgrade to 2.3.8 has been released.", ("locks",), "done"),
    ("2.3.8 drains the battery faster than 2.4.1.", ("locks",), "compared"),
    ("Several doors failed to open.", ("locks",), "negated"),
    ("Support got 960 tickets since Tuesday.", ("locks",), "number"),
    ("hsm-a has done nothing since 13:02, and hsm-b is at its limit.", ("sign",), None),
    ("More than one in four signatures times out.", ("sign",), None),
    ("The health check of hsm-a does not show the problem.", ("sign",), None),
    ("A leak of sessions on hsm-a since hsm-proxy 1.12 is a possible cause.", ("sign",), None),
    ("hsm-b handles no operations at all.", ("sign",), "swapped"),
    ("All signatures time out.", ("sign",), "exaggerated"),
    ("hsm-a was restarted and works again.", ("sign",), "done"),
    ("hsm-proxy 1.12 leaks sessions.", ("sign",), "certain"),
    ("The backlog of labels has grown from about 30 to 1,140.", ("labels",), None),
    (("Marek Nowak reported the empty printer-14 a quarter of an hour after it ran out of paper."), ("labels",), None),
    ("printer-14 is still offline although it has paper again.", ("labels",), None),
    ("No order has been cancelled.", ("labels",), None),
    ("printer-14 has been printing again since 06:05.", ("labels",), "negated"),
    ("printer-15 ran out of paper.", ("labels",), "swapped"),
    ("The network of hall 3 is the likely cause.", ("labels",), "ruled out"),
    ("Orders per hour have risen.", ("labels",), "direction"),
    ("Wrong answers are up from 4.8% to 12.6% since 26 November.", ("bot",), None),
    ("The newer index has 5,840 fewer articles.", ("bot",), None),
    ("About a fifth of the answers were rated.", ("bot",), None),
    ("Neither the model nor the prompt changed.", ("bot",), None),
    ("The prompt was changed on 25 November.", ("bot",), "negated"),
    ("The index of 18 November has fewer articles than that of 25 November.", ("bot",), "compared"),
    ("Missing German articles caused the wrong answers.", ("bot",), "certain"),
    ("Most answers are rated wrong.", ("bot",), "exaggerated"),
    ("The rate EUR/TRY is more than nine times as old as allowed.", ("fx",), None),
    ("Reuters suspended EUR/TRY two minutes before our rate went stale.", ("fx",), None),
    ("Only quotes in TRY are refused more than usual.", ("fx",), None),
    ("There is no fallback for EUR/TRY.", ("fx",), None),
    ("Quotes for EUR/TRY came back at 11:30.", ("fx",), "future"),
    ("All currency pairs are out of date.", ("fx",), "exaggerated"),
    ("The fallback source has taken over EUR/TRY.", ("fx",), "done"),
    ("Refused quotes made Reuters suspend the pair.", ("fx",), "link"),
)
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
