"""A sentence stands when its evidence exists and holds what it says; everything else is struck, with the reason."""

import pytest
from evals.grounding import SETS

from incident_copilot.llm.grounding import Grounded, Said, Struck, ground, why_struck
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
    "fulfil.low has filled up as well.",
    "Ten consumers are connected to rmq-1.",
    "auth-1 still has the old keys.",
    "The list of 2025 has more pages than that of 2026.",
    "mongo-2 became primary at 06:14.",
    "Apple has issued a new key.",
    "The import ran after the first failed run.",
    "Timeouts in us went up as well.",
    "Logins were slow before 08:55 already.",
    "The trouble began five minutes after hospital North installed a new version.",
    "hl7-4 gets no acknowledgements from hospital South.",
    "Urgent results are not passed on.",
    "Stores with software 6.2 stop at rows without a currency.",
    "A new OCR model lowered the confidence.",
    "Slow queries on orders-db hold the connections.",
    "card_age_days is missing for cards of the EU.",
    "reg-b takes most of the pulls.",
    "The generator is running.",
    "The workers crashed before the template was published.",
    "The hit rate is recovering: it was 55% at 02:45.",
    "gateway errors are spread over all services.",
    "About one in nineteen customers got points twice.",
    "Most customers were credited twice.",
    "The generator overheated and stopped.",
    "Staff and partners are hit alike.",
    "The job refresh_clicks ran successfully at 05:10.",
    "The number of players online has barely changed, so extra load is not visible.",
    "hsm-b handles no operations at all.",
    "hsm-proxy 1.12 leaks sessions.",
    "The index of 18 November has fewer articles than that of 25 November.",
    "iOS is hit harder than Android.",
    "Maintenance by the carrier reset the BGP session.",
    "Germany is affected more than Poland.",
    "All calls are handled by stt-5.",
    "gw-north stopped sending before the compaction began.",
    "Compaction should be over by about five o'clock.",
    "nightly-invoicing ran on both schedulers, with starts one second apart.",
    "Half of the 18,442 invoices are duplicates.",
    "All three data nodes read close to the limit of their volumes.",
    "On iOS, 2.9% of sessions with 8.4.0 crash, against 0.2% with 8.3.2.",
    "8.4.1 was submitted at 13:20 and still awaits approval.",
    "With 8.4.0, sessions crash more often on Android than on iOS.",
    "Some 88% of the vectors have not been re-embedded yet.",
    "The write latency of storage-07 is due to worn drives.",
    "The primary of ledger-db is on storage-07, its replica on storage-09.",
    "A little over a quarter of rate-shopper's requests to Sabre are refused with 429.",
    "rate-shopper sends about 200 calls a minute more than Sabre allows.",
    "Since 19:44 rate-shopper never gets a usable answer from Sabre.",
}
"""What the rules get wrong of the labelled sentences; the eval's page says why."""


def test_evidence_that_a_model_made_up_is_told_without_its_words():
    said = Said(text="Errors are at 20%.", evidence=("https://evil.example",))

    assert why_struck(said, {"E1": "errors at 20%"}) == (
        "it cites evidence (words that are not shown), which there is not"
    )


@pytest.mark.parametrize("labelled", [one for one in SETS if one.cases], ids=lambda one: one.name)
def test_supported_sentences_stand_and_the_others_are_struck(labelled):
    wrong = {
        text
        for text, cited, label in labelled.cases
        if (why_struck(Said(text=text, evidence=cited), labelled.evidence, known=labelled.known) is None) is bool(label)
    }

    assert wrong <= STILL_WRONG


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
        ("It is due on 2026-13-01.", "it is due", "figure 01 is in no evidence it cites"),
        ("It was approved by the boss.", "it was approved by the boss", "it tells people what to do"),
        ("You may approve it.", "you may approve it", "it tells people what to do"),
        ("Press the blue button.", "press the blue button", "it tells people what to do"),
        ("The pod has to be restarted.", "the pod has to be restarted", "it tells people what to do"),
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
        ("A new version was installed.", "a new version was installed"),
        ("The fix is still under review.", "the fix is in review"),
        ("Password mails are late.", "password mails are late"),
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
