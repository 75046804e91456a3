"""The plain pages behind the links."""

import pytest


async def test_graph_page_draws_the_expression(bad_deploy):
    [alert] = bad_deploy.world.take_webhooks()[0].body["alerts"]

    page = await bad_deploy.client.get(alert["generatorURL"])

    assert page.status_code == 200
    assert "<h1>job:http_errors:ratio{service=&quot;checkout&quot;} &gt; 0.05</h1>" in page.text
    assert page.text.count("<polyline") == 1


async def test_graph_page_draws_a_flat_line_of_nothing(bad_deploy):
    bad_deploy.elapsed_s = -4000
    page = await bad_deploy.get("/prometheus/graph", **{"g0.expr": "db_pool_size"})

    assert "now 20, highest 20" in page.text


async def test_graph_page_says_when_there_is_nothing(bad_deploy):
    page = await bad_deploy.get("/prometheus/graph", **{"g0.expr": "<script>"})
    empty = await bad_deploy.get("/prometheus/graph", **{"g0.expr": "nothing"})

    assert (page.status_code, page.headers["content-type"]) == (400, "text/plain; charset=utf-8")
    assert "Empty query result" in empty.text


async def test_comparison_and_commit_pages_show_the_diff(bad_deploy):
    compared = (await bad_deploy.get("/github/repos/acme/payments/compare/v2.30.4...v2.31.0")).json()
    pages = [await bad_deploy.client.get(url) for url in (compared["html_url"], compared["commits"][0]["html_url"])]

    assert [page.status_code for page in pages] == [200, 200]
    assert all("-  pool_size: 20\n+  pool_size: 4\n" in page.text for page in pages)


async def test_run_page_shows_its_inputs(bad_deploy):
    await bad_deploy.dispatch("acme/payments", "rollback.yml", service="payments", version="v2.30.4")
    run_id = bad_deploy.world.dispatches[0].run_id

    page = await bad_deploy.get(f"/github/acme/payments/actions/runs/{run_id}")

    assert page.text == "rollback.yml: service=payments, version=v2.30.4"


@pytest.mark.parametrize("path", ["actions", "deployments"])
async def test_lists_show_deployments_and_runs(bad_deploy, path):
    await bad_deploy.dispatch("acme/payments", "rollback.yml", service="payments", version="v2.30.4")

    page = await bad_deploy.get(f"/github/acme/payments/{path}")

    assert page.text.splitlines() == [
        "acme/payments: deployments (UTC)",
        "2026-11-21 08:56:30 v2.31.0 Use the shared database template (#412)",
        "2026-11-20 07:00:00 v2.30.4 Send receipts in the customer's language (#409)",
        "2026-11-17 09:00:00 v2.30.3 Log the acquirer's answer code (#401)",
        "Workflow runs",
        "2026-11-21 09:00:30 rollback.yml: service=payments, version=v2.30.4",
    ]


@pytest.mark.parametrize("path", ["/github/acme/payments/commit/nothing", "/github/acme/payments/actions/runs/7"])
async def test_page_of_nothing_is_not_found(bad_deploy, path):
    assert (await bad_deploy.get(path)).status_code == 404
