"""More sentences over evidence, by the hand that made the rules, in twelve other fields; half are not supported.

`THIRD` was written before the rules were made better and at hand then. `FOURTH` was written when they were better and
first run after that; the page says what came of the first run. Both have taught rules since.
"""

from incident_copilot.llm.names import Known

Case = tuple[str, tuple[str, ...], str | None]


def _text(*lines: str) -> str:
    return "\n".join(lines)


THIRD_KNOWN = Known(
    services=frozenset(
        {
            "accounts-db",
            "login-api",
            "web-shop",
            "cdn-images",
            "mobile-app",
            "warehouse-load",
            "reports",
            "branch-vpn",
            "session-store",
            "thumbnailer",
        }
    ),
    hosts=frozenset({"pg-1", "pg-2", "pg-3", "router-a", "router-b", "cache-3", "cache-4"}),
    runbooks=frozenset({"replica-lag"}),
)
THIRD_EVIDENCE = {
    "replica": _text(
        "accounts-db: replay lag of pg-2 47 s since 06:31 UTC, was 0.2 s; pg-3 0.3 s as before",
        "checkpoint on pg-1 took 212 s, from 06:29:40 to 06:33:12; disk writes of pg-1 410 MB/s, was 95 MB/s",
        "vacuum of table sessions was started by Nadia Osei at 06:28",
        "login-api reads from pg-2: 14% of logins see a stale session; writes are not affected",
        "possible cause: the vacuum of table sessions writes more WAL than pg-2 can replay",
    ),
    "cdn": _text(
        "cdn-images: cache hit ratio 41%, was 96%, since 19:05 UTC; requests to the origin 5,300/s, was 420/s",
        "purge of /img/* by Omar Haddad at 19:04:10, 2.1 million objects",
        "origin thumbnailer: CPU 97%, was 35%; p95 3.4 s, was 0.21 s; errors 0.0%",
        "web-shop: largest contentful paint 4.1 s, was 1.8 s; orders per minute 64, unchanged",
        "hit ratio is expected to be back above 90% by 21:00",
    ),
    "crash": _text(
        "mobile-app 8.4.0 on Android: crash-free sessions 97.1%, was 99.8% with 8.3.2; on iOS 99.7% as before",
        (
            "release of 8.4.0 began at 07:00 UTC with 10% of users and went to 40% at 11:00; it is paused at"
            " 40% since 12:20"
        ),
        'crash report: "IllegalStateException: camera already closed", 2,316 times, 91% of all crashes',
        "9 of 12 crash groups are new in 8.4.0; the first crash with it was at 07:42",
        "a fix, 8.4.1, is in review and not released",
    ),
    "load": _text(
        "warehouse-load of 2026-11-19: 3 h 50 min, usually 1 h 10 min; started at 01:00, ended at 04:50 UTC",
        "step join_orders: 2 h 55 min, usually 25 min; it spilled 640 GB to disk, usually 0",
        (
            "statistics of table orders were last collected on 2026-11-02; the table grew from 1.1 to 2.9"
            " billion rows since"
        ),
        "reports: figures of 2026-11-18 were shown until 05:02; 37 of 40 reports are up to date now, 3 failed",
        "likely cause: join_orders uses a nested loop because the statistics are old",
    ),
    "vpn": _text(
        "link of router-a to branch Lyon: 23 flaps between 15:02 and 15:39 UTC; router-b: none",
        "branch-vpn: packet loss 7.5%, was 0.1%; 180 of 620 tunnels are down",
        "BGP session of router-a with the carrier was reset at 15:01:30, hold timer expired",
        "carrier: maintenance in Lyon is planned for 2026-12-03 from 02:00 to 04:00 UTC",
        "ruled out: configuration of router-a was last changed on 2026-09-14",
    ),
    "session": _text(
        "session-store: 5 of 6 nodes answer; cache-3 has not answered since 20:17:20 UTC",
        "cache-4: memory 91% of 64 GiB, was 58%; evictions 1,150/s, was 0",
        "login-api: 28% of logins fail since 20:17, 9,400 in all; p50 unchanged at 90 ms",
        'log of login-api at 20:17:31: "MOVED 9123 cache-4", 51,000 times',
        "Kofi Mensah wrote at 20:29: cache-3 was taken out for a kernel upgrade, it should be back by 20:45",
    ),
}
THIRD: tuple[Case, ...] = (
    ("pg-2 is 47 seconds behind, while pg-3 keeps up at 0.3 s.", ("replica",), None),
    ("The checkpoint on pg-1 lasted about three and a half minutes.", ("replica",), None),
    ("One in seven logins sees an outdated session.", ("replica",), None),
    ("Nadia Osei started the vacuum three minutes before the lag on pg-2 appeared.", ("replica",), None),
    ("pg-3 lags by 47 s, pg-2 by 0.3 s.", ("replica",), "swapped"),
    ("The vacuum of sessions overwhelmed pg-2.", ("replica",), "certain"),
    ("Writes fail as well.", ("replica",), "negated"),
    ("The vacuum has been cancelled.", ("replica",), "done"),
    ("The cache hit ratio of cdn-images fell from 96% to 41% after a purge by Omar Haddad.", ("cdn",), None),
    ("The origin gets more than twelve times as many requests as before.", ("cdn",), None),
    ("thumbnailer is busy but returns no errors.", ("cdn",), None),
    ("Orders have not dropped: web-shop still takes 64 per minute.", ("cdn",), None),
    ("Requests to the origin fell from 5,300/s to 420/s.", ("cdn",), "direction"),
    ("The slow pages cost orders, so orders per minute fell.", ("cdn",), "direction, cause"),
    ("The hit ratio is back above 90%.", ("cdn",), "future"),
    ("The purge took place after the hit ratio had dropped.", ("cdn",), "order"),
    ("On Android, crash-free sessions went down by 2.7 points to 97.1%.", ("crash",), None),
    ("Three quarters of the crash groups are new in 8.4.0.", ("crash",), None),
    ("The rollout of 8.4.0 stopped at 40% of users at 12:20.", ("crash",), None),
    ("Version 8.4.1, which has a fix, has not been released yet.", ("crash",), None),
    ("8.4.1 has been released to fix the crash.", ("crash",), "done"),
    ("iOS is hit harder than Android.", ("crash",), "compared"),
    ("All users are on 8.4.0.", ("crash",), "exaggerated"),
    ("The first crash came before the release of 8.4.0.", ("crash",), "order"),
    ("The nightly load took more than three times as long as usual and ended at 04:50.", ("load",), None),
    ("Old statistics are the likely reason why join_orders uses a nested loop.", ("load",), None),
    ("Three reports failed; the other 37 are current.", ("load",), None),
    ("The orders table has grown to 2.9 billion rows since 2 November.", ("load",), None),
    ("join_orders normally takes 2 h 55 min.", ("load",), "swapped"),
    ("The statistics were collected again on 19 November.", ("load",), "done"),
    ("join_orders spilled 640 MB to disk.", ("load",), "unit"),
    ("Most reports are still out of date.", ("load",), "exaggerated"),
    ("29% of the tunnels of branch-vpn are down.", ("vpn",), None),
    ("The link flapped 23 times within 37 minutes; router-b had no flaps.", ("vpn",), None),
    ("The BGP session was reset half a minute before the first flap.", ("vpn",), None),
    ("The configuration of router-a has not changed since 14 September.", ("vpn",), None),
    ("Maintenance by the carrier reset the BGP session.", ("vpn",), "link"),
    ("router-b flapped as often as router-a.", ("vpn",), "compared"),
    ("A change to router-a's configuration is the likely cause.", ("vpn",), "ruled out"),
    ("The carrier carried out maintenance in Lyon on 3 December.", ("vpn",), "future"),
    ("cache-3 has been silent since 20:17, the other five nodes answer.", ("session",), None),
    ("More than a quarter of the logins fail, 9,400 so far.", ("session",), None),
    ("Memory use on cache-4 went up to 91%.", ("session",), None),
    ("According to Kofi Mensah, cache-3 should be back by 20:45.", ("session",), None),
    ("cache-3 came back at 20:45.", ("session",), "future"),
    ("Logins take longer than usual.", ("session",), "direction"),
    ("Evictions on cache-4 forced logins to fail.", ("session",), "link"),
    ('login-api logged "CLUSTERDOWN" at 20:17:31.', ("session",), "quote"),
)
FOURTH_KNOWN = Known(
    services=frozenset(
        {
            "ci-runners",
            "artifact-store",
            "sms-gateway",
            "signup",
            "speech-text",
            "call-notes",
            "meter-ingest",
            "tsdb",
            "mail-relay",
            "password-reset",
            "geo-index",
            "driver-match",
        }
    ),
    hosts=frozenset({"runner-a", "runner-b", "gw-north", "gw-south", "tsdb-1", "tsdb-2", "mx-1", "mx-2"}),
    runbooks=frozenset({"disk-cleanup"}),
)
FOURTH_EVIDENCE = {
    "ci": _text(
        "ci-runners: 46 of 60 jobs wait longer than 10 min since 08:15 UTC; queue 212 jobs, was 9",
        "runner-a: disk 100% of 500 GB; runner-b: disk 71% of 500 GB",
        'log of runner-a at 08:14:52: "no space left on device", 380 times',
        (
            "artifact-store: uploads p95 2.2 s, unchanged; retention of artifacts was changed from 7 to 30 days"
            " by Ines Prado on 2026-11-12"
        ),
        "possible cause: artifacts of 30 days fill the disk of the runners",
    ),
    "sms": _text(
        "sms-gateway: delivery rate to Poland 38%, was 97%, since 12:41 UTC; to Germany 98% as before",
        "provider Twilio: status page says degraded delivery to Polish carriers since 12:36",
        "signup: 540 sign-ups wait for a code, usually fewer than 20; abandoned sign-ups 31%, was 12%",
        "route over the second provider is configured for Poland and not switched on",
        "ruled out: sms-gateway was last deployed on 2026-11-09",
    ),
    "speech": _text(
        "speech-text: word error rate 14.8% since 2026-11-23, was 8.9%; on calls in Spanish 27%, was 10%",
        "model stt-5 took the place of stt-4 on 2026-11-23 for 100% of calls in Spanish and 20% of all others",
        "share of calls in Spanish: 24%, was 23%",
        "call-notes: 3.1% of notes corrected by hand, was 1.2%; 17 complaints, 15 of them about Spanish",
        "likely cause: stt-5 was trained without telephone audio in Spanish",
    ),
    "meters": _text(
        (
            "meter-ingest: 1.4 million readings waiting at 03:30 UTC, 0.2 million at 02:30; arrives 900/s, is"
            " written 620/s"
        ),
        "tsdb-1: compaction since 02:25, writes 310/s, was 460/s; tsdb-2: 310/s, was 450/s",
        "gw-south: 0 readings since 02:58; gw-north: 900/s",
        "no reading was lost so far; gateways keep readings for 48 h",
        "compaction is expected to end at about 05:00",
    ),
    "mail": _text(
        (
            "mail-relay: 22% of mails bounce since 14:20 UTC, was 0.8%; 9 of 10 bounces come from one domain,"
            " outlook.example"
        ),
        'bounces say "550 5.7.1 blocked, listed", first at 14:20:09 from mx-2; mx-1 has none',
        "mx-2: address 192.0.2.17 is on one blocklist since 13:50; mx-1 is on none",
        "password-reset: 1,260 mails not delivered; newsletter of 14:00 sent 480,000 mails over mx-2",
        "Jonas Weber wrote at 14:41: removal from the list is asked for, they promise an answer within 24 hours",
    ),
    "geo": _text(
        "driver-match: median time to a driver 190 s, was 65 s, since 17:05 UTC; matched rides 71%, was 93%",
        "geo-index: 5 of 8 shards answer in under 20 ms; shards 2, 4 and 7 take 1,800 ms",
        "shards 2, 4 and 7 were moved to smaller machines at 17:01 by the autoscaler: 8 cores, were 32",
        "requests to geo-index: 2,050/s, was 2,010/s; errors 0.2%, unchanged",
        "likely cause: autoscaler moved shards 2, 4 and 7 to machines that are too small",
    ),
}
FOURTH: tuple[Case, ...] = (
    ("Three quarters of the CI jobs have to wait for more than ten minutes.", ("ci",), None),
    ("runner-a has run out of disk space, while runner-b is 71% full.", ("ci",), None),
    ("The queue has grown from 9 to 212 jobs.", ("ci",), None),
    ("Ines Prado extended the retention of artifacts to 30 days on 12 November.", ("ci",), None),
    ("Both runners have a full disk.", ("ci",), "exaggerated"),
    ("Uploads to artifact-store have become slower.", ("ci",), "direction"),
    ("The retention was shortened from 30 to 7 days.", ("ci",), "direction"),
    ("The longer retention filled the disks of the runners.", ("ci",), "certain"),
    ("Only 38% of the text messages to Poland arrive, down from 97%.", ("sms",), None),
    ("Delivery to Germany is normal.", ("sms",), None),
    ("Twilio reported degraded delivery five minutes before our rate dropped.", ("sms",), None),
    ("A second route for Poland exists but is not active.", ("sms",), None),
    ("Traffic to Poland has been switched to the second provider.", ("sms",), "done"),
    ("Germany is affected more than Poland.", ("sms",), "compared"),
    ("A deployment of sms-gateway at 12:41 is the likely cause.", ("sms",), "ruled out"),
    ("540% more sign-ups than usual wait for a code.", ("sms",), "unit"),
    ("The word error rate went up by about six points to 14.8%.", ("speech",), None),
    ("In Spanish, more than a quarter of the words are wrong.", ("speech",), None),
    ("stt-5 handles all calls in Spanish and a fifth of the others.", ("speech",), None),
    ("15 of the 17 complaints are about Spanish.", ("speech",), None),
    ("stt-4 replaced stt-5 on 23 November.", ("speech",), "swapped"),
    ("The error rate rose because more calls are in Spanish.", ("speech",), "cause"),
    ("All calls are handled by stt-5.", ("speech",), "exaggerated"),
    ("Complaints led to more corrections by hand.", ("speech",), "link"),
    ("The backlog of meter-ingest is seven times what it was an hour earlier.", ("meters",), None),
    ("No readings have been lost.", ("meters",), None),
    ("gw-south has sent nothing since 02:58.", ("meters",), None),
    ("Compaction should be over by about five o'clock.", ("meters",), None),
    ("Readings from gw-south are lost.", ("meters",), "negated"),
    ("Compaction ended at 05:00.", ("meters",), "future"),
    ("gw-north stopped sending before the compaction began.", ("meters",), "swapped, order"),
    ("Readings are written faster than they arrive.", ("meters",), "compared"),
    ("More than a fifth of all mails bounce, nearly all of them from outlook.example.", ("mail",), None),
    ("mx-1 is not on any blocklist and has no bounces.", ("mail",), None),
    ("mx-2 was listed half an hour before the first bounce.", ("mail",), None),
    ("Jonas Weber has asked for removal from the list.", ("mail",), None),
    ("The address of mx-2 has been removed from the blocklist.", ("mail",), "done"),
    ("The newsletter got mx-2 onto the blocklist.", ("mail",), "link"),
    ("mx-1 bounces as well.", ("mail",), "negated"),
    ("1,260 newsletters were not delivered.", ("mail",), "swapped"),
    ("Three of eight shards need 1.8 s for an answer.", ("geo",), None),
    ("Passengers now wait almost three times as long for a driver.", ("geo",), None),
    ("The autoscaler moved the slow shards to machines with a quarter of the cores.", ("geo",), None),
    ("The number of requests has hardly changed.", ("geo",), None),
    ("More traffic slowed geo-index down.", ("geo",), "cause"),
    ("All shards of geo-index are slow.", ("geo",), "exaggerated"),
    ("The shards were moved back to larger machines.", ("geo",), "done"),
    ("Fewer than half of the rides are matched.", ("geo",), "number"),
)
