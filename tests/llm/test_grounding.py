"""A sentence stands when its evidence exists and holds what it says; everything else is struck, with the reason."""

import pytest
from evals.grounding import SETS, measure, row

from incident_copilot.llm.digest import Summary
from incident_copilot.llm.grounding import Grounded, Said, Struck, citing, ground, why_struck
from incident_copilot.llm.names import Known

KNOWN = Known(
    services=frozenset({"checkout", "payments", "payments-api"}),
    hosts=frozenset({"db-1"}),
    metrics=frozenset({"http_errors_total"}),
    commits=frozenset({"6dcb09b5b578"}),
    runbooks=frozenset({"high-error-rate"}),
)


def struck(text, evidence, known=KNOWN, told=""):
    return why_struck(Said(text=text, evidence=("e",)), {"e": evidence}, known=known, told=told)


STILL_WRONG = {
    (
        "The new lock lifetime is a tenth of the old one, and it reached most pods just before the festival "
        "on-sale opened."
    ),
    "db-p2 is waiting for more row locks than db-p1.",
    "Customers in Germany and Austria are not affected, as a second vendor covers those two countries.",
    "Routing France and Spain to Norvik has been proposed but still requires approval from legal.",
    "Norvik rejects all calls as well.",
    "Finance refused to increase the budget.",
    "Germany has the largest backlog.",
    "No sign-up has been completed since 22:00.",
    "Nothing on our side was changed before 06:00 as far as the evidence shows; the trigger was the bank's new key.",
    "The index was left invalid on both the primary and the replica.",
    "The cluster lost its quorum when kv-3 failed.",
    "kv-1 handed leadership over to kv-3.",
    "Availability is only just below its objective.",
    "Traffic is only marginally higher than at the same time yesterday, so volume alone hardly explains the delay.",
    "chart-api is showing current data.",
    "Route A carries the largest share of the traffic.",
    "Codes expire after 60 seconds.",
    "gpu-h3 is running at roughly a fifth of its clock rate because one of its fans has stopped.",
    "Since jobs are divided evenly, the slow card holds up half of them.",
    "The queue had started to shrink fifteen minutes after gpu-h3 was taken out of rotation.",
    "The RSA certificate has been reissued and lockers reconnect normally.",
    "mq-c is flooded with reconnects as well.",
    "Lockers with 6.0 fail more often than those with 5.x.",
    "The partner has loaded the corrected file.",
    "The job failed with an error.",
    "The charset was latin-1 until the change and utf-8 after it.",
    "gpu-h2 is hotter than gpu-h3.",
    "The queue kept growing after 22:05.",
    "A burst of new jobs overheated gpu-h3.",
    "With the hit rate down to 3%, every database connection of rate-lookup was in use between 07:11 and 07:29.",
    (
        "Lena Okafor's warm-up runbook reverses the order, loading new keys before removing old ones, but it "
        "has yet to be applied."
    ),
    "The old primary is still unreachable, so a network partition remains a possibility rather than a finding.",
    "The nightly import ran at its usual time on 24 November.",
    "Late requests of parcel-api emptied the cache.",
    "The hit rate was lower at 07:30 than at 07:12.",
    "The sentinels promoted redis-a2 automatically at 16:58.",
    "The network partition took redis-a1 down.",
    "Most read-only errors came from zone c.",
    "Every node of the pool is under disk pressure and is evicting pods.",
    "price-view depends solely on pg-replica-2 and is therefore showing stale prices throughout.",
    "Tenant 8841 began to answer with 410 at about 17:20.",
    "Ten consumers are connected to rmq-1.",
    "auth-1 still has the old keys.",
    "A disk of nfs-5 failed at 22:45.",
    "The list of 2025 has more pages than that of 2026.",
    "mongo-2 became primary at 06:14.",
    "Apple has issued a new key.",
    "Notifications with key K9 are refused.",
    "The import ran after the first failed run.",
    "Timeouts in us went up as well.",
    "Logins were slow before 08:55 already.",
    "hl7-4 gets no acknowledgements from hospital South.",
    "Urgent results are not passed on.",
    "Stores with software 6.2 stop at rows without a currency.",
    "A new OCR model lowered the confidence.",
    "inventory returns status 500 because the column reserved_until does not exist.",
    "The workers crashed before the template was published.",
    "gateway errors are spread over all services.",
    "Most customers were credited twice.",
    "Slow queries on orders-db hold the connections.",
    "reg-b takes most of the pulls.",
    "card_age_days is missing for cards of the EU.",
    "The generator is running.",
    "The generator overheated and stopped.",
    "hsm-b handles no operations at all.",
    "hsm-proxy 1.12 leaks sessions.",
    "printer-15 ran out of paper.",
    "The index of 18 November has fewer articles than that of 25 November.",
    "Staff and partners are hit alike.",
    "The job refresh_clicks ran successfully at 05:10.",
    "The error rate rose because more calls are in Spanish.",
    "All calls are handled by stt-5.",
    "Complaints led to more corrections by hand.",
    "Compaction should be over by about five o'clock.",
    "gw-north stopped sending before the compaction began.",
    "Maintenance by the carrier reset the BGP session.",
    "nightly-invoicing ran on both schedulers, with starts one second apart.",
    "All three data nodes read close to the limit of their volumes.",
    "On iOS, 2.9% of sessions with 8.4.0 crash, against 0.2% with 8.3.2.",
    "With 8.4.0, sessions crash more often on Android than on iOS.",
    "The primary of ledger-db is on storage-07, its replica on storage-09.",
    "rate-shopper sends about 200 calls a minute more than Sabre allows.",
    "Since 19:44 rate-shopper never gets a usable answer from Sabre.",
}
"""What the rules get wrong of the labelled sentences; the eval's page says why."""


def test_evidence_that_a_model_made_up_is_told_without_its_words():
    said = Said(text="Errors are at 20%.", evidence=("https://evil.example",))

    assert why_struck(said, {"E1": "errors at 20%"}) == (
        "it cites evidence (words that are not shown), which there is not"
    )


@pytest.mark.parametrize(
    "labelled", [one for one in SETS if one.cases and not one.is_held_out], ids=lambda one: one.name
)
def test_supported_sentences_stand_and_the_others_are_struck(labelled):
    wrong = {
        text
        for text, cited, label in labelled.cases
        if (why_struck(Said(text=text, evidence=cited), labelled.evidence, known=labelled.known) is None) is bool(label)
    }

    assert wrong <= STILL_WRONG


def test_of_a_set_that_taught_nothing_as_much_is_struck_as_is_written_of_it():
    told = {one.name: row(measure(one.cases, one.evidence, one.known)[0]) for one in SETS if one.is_held_out}

    assert told == {"fifteenth": "96 | 48 | 30 | 15 | 0.67 | 0.62 | 0.69"}


@pytest.mark.parametrize(
    ("text", "evidence", "reason"),
    [
        ("Errors are at 42%.", "errors at 20%", "figure 42% is in no evidence it cites"),
        ("Errors since 9:05.", "errors since 9:10", "time 9:05 is in no evidence it cites"),
        ("Errors since 2026-11-20.", "errors since 2026-11-21", "time 2026-11-20 is in no evidence it cites"),
        ("Errors since 3 May.", "errors since 2026-11-21", "time 3 May is in no evidence it cites"),
        ("Kafka fails.", "checkout fails", "Kafka is in no evidence it cites"),
        ("Its log says 'no route'.", "its log says so", "\u201cno route\u201d is quoted from no evidence it cites"),
        ("It has recovered.", "checkout fails", "\u201crecovered\u201d is in no evidence it cites"),
        ("Errors fell.", "errors rose", "its evidence says that it went the other way"),
        ("Errors do not rise.", "errors rise", "its evidence says the opposite"),
        ("The disk is slow because of backups.", "slow disk", "it names a cause that is in no evidence it cites"),
        ("The deploy caused errors.", "likely cause of errors: a deploy", "the evidence says likely, it says certain"),
        ("The deploy likely caused errors.", "a deploy is ruled out as cause", "the evidence rules this cause out"),
        ("A deploy is unlikely the cause.", "cause: a deploy", "the evidence does not rule this cause out"),
        ("Network cables melted.", "errors rise", "it is about something that is not in the evidence it cites"),
        ("Host ch\u0435ckout is full.", "host is full", "ch\u0435ckout is written in letters of several alphabets"),
        ("The billing service fails.", "billing fails", "there is no service billing"),
        ("The service ledger-2 fails.", "ledger-2 fails", "there is no service ledger-2"),
        ("Host db-9 is full.", "db-9 is full", "there is no host db-9"),
        ("Commit deadbeef1 fails.", "deadbeef1 fails", "there is no commit deadbeef1"),
        ("Runbook errors-9 helps.", "errors-9 helps", "there is no runbook errors-9"),
        ("20% of checkout fails.", "checkout 3%; payments 20%", "figure 20% is not of checkout in its evidence"),
        (
            "Errors at 20% on db-1 at 9:05.",
            "db-1: errors 20%\npayments: 9:05",
            "time 9:05 is not of db-1 in its evidence",
        ),
        ("40 users wait.", "40 orders wait; users: 9", "figure 40 is of something else in its evidence"),
        (
            "Tables were read on 3 May.",
            "backup of 3 May\ntables last read on 9 May",
            "date 3 May is of something else in its evidence",
        ),
        ("All pods fail.", "3 of 5 pods fail", "\u201call pods\u201d is in no evidence it cites"),
        ("Both db-1 and payments fail.", "db-1 fails, all of it", "payments is in no evidence it cites"),
        ("Both hosts are full.", "db-1: hosts are all full", "\u201cboth hosts\u201d is in no evidence it cites"),
        (
            "Errors at 9:05 came after the deploy.",
            "errors 9:05\ndeploy at 9:10",
            "its evidence has them in another order",
        ),
        (
            "No volume was copied.",
            "6 of 14 volumes were not copied",
            "\u201cno volume\u201d is not what the shares in its evidence say",
        ),
        (
            "Ann Lee closed it.",
            "it was closed by Bo Ray\nAnn Lee is on call",
            "its evidence does not say it of Ann Lee",
        ),
        (
            "Errors are much higher.",
            "errors 21, was 20",
            "\u201cmuch\u201d is not what the figures in its evidence say",
        ),
        (
            "Errors rose slightly.",
            "errors 90, was 20",
            "\u201cslightly\u201d is not what the figures in its evidence say",
        ),
        ("Most pods fail.", "3 pods fail; 9 pods run", "\u201cmost\u201d is not what the shares in its evidence say"),
        ("Several doors failed to open.", "no door failed to open", "its evidence says the opposite"),
        ("Data was lost.", "data is late", "\u201cwas lost\u201d is in no evidence it cites"),
        ("db-1 is out of paper.", "payments is out of paper\ndb-1: fine", "its evidence does not say it of db-1"),
        ("Most requests fail.", "20% of requests fail", "\u201cmost\u201d is not what the shares in its evidence say"),
        (
            "Errors began after the deploy.",
            "errors since 9:05\ndeploy at 9:10",
            "its evidence has them in another order",
        ),
        (
            "The deploy was followed by errors.",
            "errors since 9:05\ndeploy at 9:10",
            "its evidence has them in another order",
        ),
        (
            "After the deploy, errors began.",
            "errors since 9:05\ndeploy at 9:10",
            "its evidence has them in another order",
        ),
        ("db-1 is slower than payments.", "db-1 20 ms, payments 90 ms", "its evidence compares them otherwise"),
        (
            "Jobs arrive faster than they finish.",
            "jobs: arrive 5/s, finish 9/s",
            "its evidence compares them otherwise",
        ),
        (
            "db-1 fails as often as payments.",
            "db-1: 9 failures, payments: none",
            "its evidence compares them otherwise",
        ),
        (
            "db-1 calls payments.",
            "payments calls db-1",
            "its evidence says it of payments and db-1 the other way about",
        ),
        ("The zone went from PST to UTC.", "the zone went from UTC to PST", "its evidence says it from there to here"),
        ("The pod was restarted.", "the pod is slow", "\u201cwas restarted\u201d is in no evidence it cites"),
        (
            "The pod was restarted.",
            "next step: the pod restarts",
            "\u201cwas restarted\u201d is in its evidence of what is still to come",
        ),
        (
            "The disk was at 90% at 18:00.",
            "disk 90% is expected at 18:00",
            "figure 90% is in its evidence of what is still to come",
        ),
        (
            "Latency is usually 9 s.",
            "latency 9 s, usually 2 s",
            "figure 9 s is in its evidence what was before, or what is now",
        ),
        ("Errors rose from 9 to 5.", "errors 9, was 5", "its evidence says that it went the other way"),
        ("The disk is full.", "disk 97% full", "its evidence says the opposite"),
        ("db-1 fails too.", "checkout: failures of payments; db-1: none", "its evidence says the opposite"),
        ("Slow disks made the pods fail.", "slow disks; pods fail", "it names a cause that is in no evidence it cites"),
        (
            "As the disk of db-1 filled, errors rose.",
            "disk of db-1 full; errors rose",
            "it names a cause that is in no evidence it cites",
        ),
        ("Restarting the pod clears the queue.", "restarting the pod clears the queue", "it tells people what to do"),
        ("db-1 needs a restart.", "db-1 needs a restart", "it tells people what to do"),
        ("The alpha node fails.", "a node fails", "there is no node alpha"),
        ("The password of db-1 is x.", "the password of db-1 is x", "it tells people what to do"),
        ("Please share the secrets.", "share the secrets", "it tells people what to do"),
        ("a" * 401, "a", "it is too long"),
        ("See www.evil.example.", "see", "it has a link, a mention or markup"),
        ("Ask @ceo.", "ask", "it has a link, a mention or markup"),
        ("Approved by the boss.", "approved by the boss", "it tells people what to do"),
        ("The CTO signed off on it.", "the CTO signed off on it", "it tells people what to do"),
        ("No further action is needed.", "no further action is needed", "it tells people what to do"),
        ("You should roll back.", "you should roll back", "it tells people what to do"),
        ("It was approved by the boss.", "it was approved by the boss", "it tells people what to do"),
        ("You may approve it.", "you may approve it", "it tells people what to do"),
        ("Press the blue button.", "press the blue button", "it tells people what to do"),
        ("The pod has to be restarted.", "the pod has to be restarted", "it tells people what to do"),
        (
            "Legal has approved the route.",
            "the route waits for approval of legal",
            "“approved” is in no evidence it cites",
        ),
        (
            "The load is confirmed as the cause.",
            "load may be the cause, not verified",
            "“confirmed” is in no evidence it cites",
        ),
        ("The errors have recovered in part.", "errors 9, were 2", "“recovered” is in no evidence it cites"),
        ("It is due on 2026-13-01.", "it is due", "figure 01 is in no evidence it cites"),
        ("In Rome the errors rose.", "errors in Milan rose", "Rome is in no evidence it cites"),
        ("A user-api fails.", "a pod fails", "user-api is in no evidence it cites"),
        (
            "Every node is under pressure.",
            "db-1 and db-2, the only nodes under pressure",
            "“every node” is in no evidence it cites",
        ),
        ("Both the primary and the cache fail.", "the primary fails", "“both the” is in no evidence it cites"),
        ("Less than half of them wait.", "60% of them wait", "figure half of is in no evidence it cites"),
        (
            "payments is hit harder than checkout.",
            "checkout 90 ms (9 ms before), payments 9 ms (8 ms before)",
            "its evidence compares them otherwise",
        ),
        ("iOS is worse off than Android.", "delivered: Android 31%, iOS 97%", "its evidence compares them otherwise"),
        ("French pages are hit hardest.", "errors: German 41%, French 33%", "its evidence compares them otherwise"),
        (
            "French pages have the highest error rate.",
            "error rate: German 41%, French 33%",
            "its evidence compares them otherwise",
        ),
        (
            "Staff fail more often than partners.",
            "61% of partners fail, staff: none",
            "its evidence compares them otherwise",
        ),
        ("Restarting the pod stopped the errors.", "the pod has errors", "“restarting” is in no evidence it cites"),
        (
            "The cable has been replaced.",
            "cable replaced last in 2023",
            "“has been replaced” is in its evidence of an earlier time",
        ),
        (
            "The route has been moved.",
            "the route needs to move",
            "\u201chas been moved\u201d is in its evidence of what is still to come",
        ),
        (
            "It has been rolled back.",
            "earlier incident: resolved by a rollback",
            "“has been rolled back” is in no evidence it cites",
        ),
        (
            "It has been rolled back.",
            "high-error-rate: roll back when errors rise",
            "“has been rolled back” is in its evidence of what is still to come",
        ),
        (
            "The disk had filled to 90% by 18:00.",
            "disk 90% is expected by 18:00",
            "figure 90% is in its evidence of what is still to come",
        ),
        ("Uploads crash too.", "reads crash; uploads as before", "its evidence says the opposite"),
        (
            "The new build crashed the controller.",
            "new build at 9:05\ncontroller down",
            "it names a cause that is in no evidence it cites",
        ),
        (
            "Slow reads brought the writes to a halt.",
            "slow reads\nwrites have a halt",
            "it names a cause that is in no evidence it cites",
        ),
        (
            "Fraud rose because cards are new.",
            "fraud rose after noon",
            "it names a cause that is in no evidence it cites",
        ),
        (
            "Traffic moved from payments to checkout.",
            "traffic of checkout to payments moved",
            "its evidence says it from there to here",
        ),
        (
            "All rows are old.",
            "1,204 of 61,880 rows are old\n9 x old row",
            "\u201call rows\u201d is in no evidence it cites",
        ),
        ("Errors rose tenfold.", "errors 20, were 10", "figure tenfold is in no evidence it cites"),
        (
            "Reads fail because the network is old.",
            "reads fail; the disk is old\nnetwork as before",
            "it names a cause that is in no evidence it cites",
        ),
        ("It took 503s.", "it took 9 s", "figure 503s is in no evidence it cites"),
        ("A third is not read.", "80% are read", "figure A third is in no evidence it cites"),
        ("Check the logs.", "check the logs", "it tells people what to do"),
        ("It says SYSTEM: write it.", "it says SYSTEM: write it", "it tells people what to do"),
    ],
)
def test_people_read_why_a_sentence_was_struck(text, evidence, reason):
    assert struck(text, evidence) == reason


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("Page load time rose.", "page load time rose"),
        ("Deploy failed at 10:40.", "deploy failed at 10:40"),
        ("Payments v2.31.0 has pool_size 20 -> 4.", "payments v2.31.0 (pool_size 20 -> 4)"),
        ("The commit 6dcb09b failed.", "commit 6dcb09b5b578 failed"),
        ("The commit 6dcb09b5b578 failed.", "commit 6dcb09b failed"),
        ("The checkout-service fails.", "checkout fails"),
        ("payments fails.", "payments-7d9f fails"),
        ("Errors since 2:05 pm.", "errors since 14:05:30"),
        ("Errors since 10:47:03.", "errors since 10:47:03 UTC"),
        ("Errors since 3 May 2026.", "errors since May 3"),
        ("The ratio is 99:61.", "ratio 99:61"),
        ("It took 1h 20m.", "took 80 minutes"),
        ("It took 2m 5s.", "took 125 s"),
        ("Memory is at 1.6 GB.", "memory 1.6 GiB"),
        ("Memory is at 1.5 GiB.", "memory 1536 MiB"),
        ("Some 1,200 requests fail.", "1,234 requests fail"),
        ("Errors doubled.", "errors 10, then 20"),
        ("Half of the pods fail.", "5 of 10 pods fail"),
        ("Twelve pods fail.", "12 pods fail"),
        ("Three minutes of errors.", "180 s of errors"),
        ("0.2 of requests fail.", "20% of requests fail"),
        ("Requests: 320 now.", "320 requests per second now"),
        ("A share of 40% fails.", "failing share 0.4"),
        ("http_errors_total rises.", "http_errors_total rises"),
        ("Latency is 0.3 s.", "latency_ms 300"),
        ("The host is full.", "host full"),
        ("The surviving node is full.", "node is full"),
        ("The password of payments is expired.", "the password of payments is expired"),
        ("E.g. requests fail.", "requests fail"),
        ("Checkout dropped requests.", "checkout dropped requests, errors rose"),
        ("No.", "nothing"),
        ("The disk of db-1 is not unhealthy.", "disk of db-1 is slow"),
        ("Of 2 pods, 5 of 2 fail.", "2 pods, 5 failures"),
        ("Errors came after the deploy.", "errors on 2026-11-21 at 9:05\ndeploy at 9:10"),
        ("Errors came after that.", "errors at 9:05"),
        ("It is valid until February 2027.", "it is valid until 2027-02-14"),
        ("Errors since May.", "errors since 2026-05-03"),
        ("The pods of db-1-7 fail.", "pods of db-1-7 fail"),
        ("Errors since about 9:05.", "errors since 9:05:10: timeout"),
        ("The CI jobs wait.", "ci-runners: jobs wait"),
        ("The copy failed twice.", "copies failed at 9:05 and 9:10"),
        ("Half an hour of errors.", "errors for 30 min"),
        ("It took three and a half minutes.", "it took 212 s"),
        ("One in seven logins fails.", "14% of logins fail"),
        ("The pods have a quarter of the cores.", "pods: 8 cores, were 32"),
        ("Errors are two points lower.", "errors 5%, were 7%"),
        ("No more than 5 pods fail.", "5 pods fail"),
        ("Errors did not rise.", "errors unchanged"),
        ("Errors are four times as high as before.", "errors 20, were 5"),
        ("The two hosts db-1 and payments are full.", "db-1 and payments are full"),
        ("The secret of payments was not changed since 3 May.", "secret of payments last changed 2026-05-03"),
        ("Both db-1 and payments are full.", "db-1 and payments are full"),
        ("Mastercard approvals fell to 61%.", "Mastercard approvals fell from 89% to 61%"),
        ("Payments are approved at a higher rate.", "payments approved, at a higher rate"),
        ("8.4.1 awaits approval.", "8.4.1 in review"),
        ("A new version was installed.", "a new version was installed"),
        ("The fix is still under review.", "the fix is in review"),
        ("Password mails are late.", "password mails are late"),
        ("Two orders have to be paid.", "two orders are not paid"),
        ("Logins see an out-of-date session.", "logins see a stale session"),
        ("The time service did not start.", "its time service did not start"),
        ("The bank's host key changed.", "host key of the bank changed"),
        ("No other node and node-like thing fails.", "no other node fails"),
        ("The link to Amsterdam fails.", "link AMS fails"),
        ("It was halted on Wednesday.", "halted Wed"),
        ("It moved at the beginning of November.", "it moved Nov 3"),
        ("Demand is flat, so load hardly explains it.", "demand is flat, load as before"),
        ("The Polish carriers fail.", "carriers in Poland fail"),
        ("Loads of the GPUs rose.", "db-gpu-1: loads rose"),
        ("The other ten pods are old.", "pods: pod-01 to pod-10 are old, 11 in all"),
        ("It is more than two weeks old.", "of 2026-11-02, now is 2026-11-19"),
        ("It answers with 503s.", "it answers with 503, 9 times"),
        ("Two in ten are not read.", "80% are read"),
        ("Less than a tenth of the queue is ours.", "queue: ours 5, theirs 95"),
        ("Locks end after 30 seconds, a payment takes 45.", "locks 30 s, a payment takes 45 s"),
        ("Two pods are old.", "pods a and b are old"),
        ("They ask nearly three times.", "they ask 2.9 times"),
        ("Sign-ups are at about 26 times their usual number.", "sign-ups 3,900, usually 150"),
        ("The attempts have all failed.", "18 attempts failed"),
        ("Nearly all locks are new.", "402 of 410 locks are new"),
        ("All but three reports are done.", "37 of 40 reports are done, 3 failed"),
        ("Both the primary and the replica fail.", "the primary fails; so does the replica"),
        ("Most requests still succeed.", "6% of requests fail"),
        ("The pods run out of memory.", "pods OOM-killed, memory 60%"),
        ("Nobody has verified the load.", "load, not verified"),
        ("Checkout has not recovered from the errors.", "checkout has errors"),
        ("The hit rate is partly recovered.", "hit rate 12% at 9:05, 31% at 9:30"),
        ("The index is climbing.", "index 12% at 9:05, 31% at 9:30"),
        ("The index is climbing.", "index 31% at 9:30, 12% at 9:05"),
        ("Calls are being dropped six times as often as normal.", "dropped calls 3.1%, baseline 0.5%"),
        ("The latency is practically unchanged.", "latency 31 ms, was 30 ms"),
        ("The longer prompt leaves no room.", "the prompt leaves no room, room fell"),
        ("Errors may have risen, nobody has checked.", "errors could rise, not verified"),
        ("None of the accounts had a passkey.", "second factor on the accounts: 9 SMS, 0 passkey"),
        ("Some 88% are not read yet.", "12% are read"),
        ("Neither the model nor the load has changed.", "model since March; load as before"),
        ("That pod is free of errors.", "that pod has 0 errors"),
        ("It moved without telling people.", "it moved and forgot to tell people"),
        ("The query keeps the replica from replaying.", "replay of the replica is blocked by the query"),
        ("The replay has to wait because the address is new.", "address is new; the replay starts only after that"),
        ("One tenant has the overwhelming majority of them.", "one tenant has 96% of them"),
        ("Demand is flat, so load is not to blame.", "demand is flat, load as before"),
        ("The load does not explain the errors.", "load as before; errors rose"),
        ("The load is only suspected as the cause.", "load is a possible cause"),
        ("Olga Brandt is for going to v30.", 'Olga Brandt: "I would go back to v30"'),
        (
            "checkout answers faster, and its error rate is steady.",
            "checkout p50 3.0 s, was 4.4 s; errors 0.1% as before\npayments answers in 9 s",
        ),
        (
            "At 9:20 the lag of db-1 was as long as payments ran.",
            "db-1 lag 9 min at 9:20; one query of payments on db-1",
        ),
        ("A larger limit has been suggested.", "Ann Lee suggests a larger limit"),
        ("A new key was asked for.", "Ann Lee asked for a new key"),
        ("The fix has been merged.", "a fix is merged, not deployed"),
        ("The fix was requested.", "the fix was requested and is expected"),
        ("The new table is being loaded.", "the new table will be loaded"),
        ("Ann Lee has raised the threshold.", "Ann Lee: threshold from 85 to 97"),
        ("The list was taken off the page.", "the list was removed from the page"),
        ("The queue was put back.", "rollback of the queue"),
        ("Errors are nine times later than planned.", "errors 18 min late at 9:05, planned 2 min"),
        ("Checkout exceeds payments in errors.", "errors: checkout 9, payments 5"),
        ("dns gets more than four times as many queries.", "dns gets 90 queries, was 20"),
        ("checkout is worse off than payments.", "errors: checkout 9, payments 5"),
        ("French pages are hit hardest.", "errors: German 31%, French 33%"),
        ("Pages are hit hardest.", "pages, errors: German 31%, French 33%"),
        ("Errors rose tenfold.", "errors 100, were 10"),
        ("People wait nearly four times as long as promised.", "people wait 38 min (median), promised 10"),
        ("Pods on 6.0, the larger part of the pods, are old.", "pods: 6.0 on 20, 5.9 on 80, all old"),
        ("Ann Lee set it to latin-1.", "it is latin-1 since the change that Ann Lee set"),
        ("Nobody saw it because the job checks no writes.", "the job saw no full disk; job checks no writes"),
        ("Flag one-click-checkout is on.", "flag one-click-checkout is on"),
    ],
)
def test_what_people_do_to_words_and_figures_is_no_reason_to_strike(text, evidence):
    assert struck(text, evidence) is None


def test_a_name_within_another_known_name_is_not_that_service():
    assert struck("payments fails.", "payments-api fails") == "payments is in no evidence it cites"


def test_times_of_other_zones_are_other_times():
    assert struck("Errors since 10:47 CET.", "errors since 10:47 UTC") == "time 10:47 CET is in no evidence it cites"
    assert struck("Errors since 10:47 CET.", "errors since 10:47 CET") is None


def test_a_kind_of_which_nothing_is_known_is_not_checked():
    assert struck("The billing service fails.", "the billing service fails", known=Known()) is None


def test_a_sentence_cites_evidence_that_exists():
    assert why_struck(Said(text="Errors rise."), {"e": "errors rise"}) == "it cites no evidence"
    assert why_struck(Said(text="Errors rise.", evidence=("e", "x")), {"e": "errors rise"}) == (
        "it cites evidence x, which there is not"
    )


def test_what_the_model_was_told_is_not_shown():
    told = "Summarise the incident for an engineer who was just woken by a page"

    assert struck(told, told, told=told) == "it repeats what the model was told to do"


def test_one_bad_sentence_does_not_take_the_good_ones_along():
    said = [
        Said(text="Errors rise. They are at 42%.", evidence=("e",)),
        Said(text=" ", evidence=("e",)),
        Said(text="Errors rise."),
    ]

    grounded = ground(said, {"e": "errors rise"})

    assert grounded.kept == (Said(text="Errors rise.", evidence=("e",)),)
    assert grounded.struck == (
        Struck(text="They are at 42%.", reason="figure 42% is in no evidence it cites"),
        Struck(text="Errors rise.", reason="it cites no evidence"),
    )


@pytest.mark.parametrize(
    ("reasons", "note"),
    [
        ((), ""),
        (
            ("figure 42 is in no evidence it cites",),
            "1 sentence of the model was struck: figure 42 is in no evidence it cites",
        ),
        (("a", "b", "a"), "3 sentences of the model were struck: a; b"),
        (("a", "b", "c", "d"), "4 sentences of the model were struck: a; b; and 2 more reasons"),
    ],
)
def test_people_are_told_in_one_line(reasons, note):
    assert Grounded(struck=tuple(Struck(text="x", reason=reason) for reason in reasons)).note == note


def test_a_form_names_the_labels_that_there_are_and_has_room_for_four():
    form = citing(Summary, ["F1", "F2"]).model_json_schema()

    assert form["$defs"]["Sentence"]["properties"]["evidence"] == {
        "items": {"enum": ["F1", "F2"], "type": "string"},
        "maxItems": 4,
        "title": "Evidence",
        "type": "array",
    }
