"""What holds for every context source, set up as the operators' guide shows it."""

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import yaml

from incident_copilot.errors import VendorError
from incident_copilot.pipeline import consult
from incident_copilot.plugins import Config, PluginInstance, build

GUIDE = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
EXAMPLE = yaml.safe_load(GUIDE.partition("```yaml\n# copilot.yaml\n")[2].partition("```")[0])
SECRETS = {"cloudwatch": "AKID:s3cret", "cloudwatch_logs": "AKID:s3cret", "datadog": "api:s3cret", "rds": "AKID:s3cret"}
SIGNED = {"cloudwatch", "cloudwatch_logs", "rds", "statuspage"}
"""They send no secret that anybody could repeat."""
NOW = datetime(2026, 11, 21, 9, 10, tzinfo=UTC)

every_source = pytest.mark.parametrize(
    "entry", EXAMPLE["context_sources"], ids=[entry["plugin"] for entry in EXAMPLE["context_sources"]]
)


@pytest.fixture
async def built(tls):
    """Builds the source of an entry."""
    async with httpx.AsyncClient(verify=tls) as http:

        def source(entry):
            name = entry["plugin"]
            fields = (
                {"kind": "context_sources", "name": name, "secret_env": "SECRET"} | entry | {"secret_env": "SECRET"}
            )
            config = Config(instances=(PluginInstance.model_validate(fields),))
            plugins = build(config, http, lambda: NOW, {"SECRET": SECRETS.get(name, "s3cret")})
            return plugins.context_sources[fields["name"]]

        yield source


@every_source
async def test_check_that_fails_names_the_vendor_and_not_the_secret(built, respx_mock, entry):
    said = "no" if entry["plugin"] in SIGNED else "the secret s3cret is wrong"
    respx_mock.route().respond(401, json={"message": said})

    with pytest.raises(VendorError) as caught:
        await built(entry).check()

    assert "HTTP 401 for " in str(caught.value)
    assert "s3cret" not in str(caught.value)


@every_source
@pytest.mark.parametrize(
    ("answer", "told", "look"),
    [
        ({"return_value": httpx.Response(403)}, "HTTP 403 for ", "secret_env"),
        ({"return_value": httpx.Response(404)}, "HTTP 404 for ", "url, options and secret"),
        ({"side_effect": httpx.ConnectError("no")}, "cannot connect for ", "can be reached from here"),
    ],
    ids=["forbidden", "not there", "not reached"],
)
async def test_what_is_wrong_is_told_with_its_address_and_where_to_look(built, respx_mock, entry, answer, told, look):
    respx_mock.route().mock(**answer)

    ((name, problem),) = await consult.check({"tried": built(entry)})

    assert name == "tried"
    assert all(words in problem for words in (told, "http", look)), problem


@every_source
async def test_whoever_refuses_to_answer_is_no_answer_and_no_bug(built, question, respx_mock, entry):
    respx_mock.route().respond(400)
    services = question.model_copy(update={"services": ("checkout", "psp"), "repos": {"checkout": "acme/checkout"}})

    with pytest.raises(VendorError, match="HTTP 400 for "):
        await built(entry).gather(services)
