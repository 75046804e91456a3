"""LaunchDarkly: entries of the audit log about flags."""

from incident_copilot.plugins.context_sources.launchdarkly import Options, create

LOG = "https://app.launchdarkly.com/api/v2/auditlog"


async def test_flag_that_was_switched_is_a_change_of_the_service_in_its_key(env, question, fixture, respx_mock):
    asked = respx_mock.get(LOG).respond(json=fixture("launchdarkly_auditlog"))

    (found,) = await create(env, Options(project="default")).gather(question)

    request = asked.calls.last.request
    assert dict(request.url.params) == {
        "spec": "proj/default:env/production:flag/*",
        "limit": "20",
        "after": "1795162200000",
        "before": "1795252200000",
    }
    assert request.headers["authorization"] == "s3cret"
    assert found.data == {
        "service": "mailer",
        "at": 1795251660.521,
        "version": "turned on the flag",
        "previous": None,
        "author": "rosa@acme.test",
        "diff": "+++ b/flags/mailer-fast-path\n-mailer-fast-path: off\n+mailer-fast-path: on",
        "kind": "flag",
        "ref": "mailer-fast-path",
        "repo": "",
    }
    assert found.summary == (
        "Flag mailer-fast-path: turned on the flag at 09:01:00 UTC on 21 November, by rosa@acme.test: go live."
    )
    assert found.link == "https://app.launchdarkly.com/default/production/features/mailer-fast-path"


async def test_entry_that_says_little_is_told_by_its_description(env, question, respx_mock):
    little = {"date": 1795251660521, "kind": "flag", "name": "pool", "description": "default rule is 4 now"}
    respx_mock.get(LOG).respond(json={"items": [little]})

    (found,) = await create(env, Options(services_of={"pool": "payments"})).gather(question)

    assert (found.title, found.data["service"], found.data["author"], found.link) == (
        "Flag pool: changed the flag",
        "payments",
        "unknown",
        None,
    )
    assert found.data["diff"] == "+++ b/flags/pool\n+pool: default rule is 4 now"


async def test_flag_of_no_service_that_is_known_says_so(env, question, fixture, respx_mock):
    entry = fixture("launchdarkly_auditlog")["items"][0] | {"target": {"_links": None, "resources": []}}
    respx_mock.get(LOG).respond(json={"items": [entry]})

    (found,) = await create(env, Options()).gather(question)

    assert (found.data["service"], found.data["ref"], found.link) == ("feature flags", "Fast path", None)


async def test_check_reads_the_last_minute(env, respx_mock):
    asked = respx_mock.get(LOG).respond(json={"items": []})

    await create(env, Options()).check()

    assert asked.calls.last.request.url.params["after"] == "1795252140000"
