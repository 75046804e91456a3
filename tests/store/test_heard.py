"""When sources were heard: one row each, the newest."""

from incident_copilot.domain.source_health import SourceHealth
from incident_copilot.store import heard


async def test_of_each_source_the_newest_is_kept_and_the_last_lag_that_was_known(any_db, clock):
    async with any_db.transaction() as tx:
        await heard.note(tx, "w", {"grafana": 4.0, "github": None}, clock())
    clock.forward(60)
    async with any_db.transaction() as tx:
        await heard.note(tx, "w", {"grafana": None}, clock())
        await heard.note(tx, "elsewhere", {"zabbix": 1.0}, clock())

    async with any_db.read() as view:
        github, grafana = await heard.all_of(view, "w")

    assert github == SourceHealth(source="github", last_at=github.last_at)
    assert grafana == SourceHealth(source="grafana", last_at=clock(), lag_s=4.0)
    assert (grafana.last_at - github.last_at).total_seconds() == 60
