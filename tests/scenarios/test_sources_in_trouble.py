"""A source that fails or hangs is a gap that people see; the brief comes all the same, and in time."""

from incident_copilot.demo.files import free_port
from incident_copilot.demo.story import shown
from incident_copilot.sandbox.world import Outage
from whole import copilot


async def test_loki_down_is_a_visible_gap(tmp_path):
    async with copilot(tmp_path, outages={"loki": Outage(status=503)}) as whole:
        await whole.fire()

        brief = await whole.sees(await whole.channel(), "Not the cause: checkout v5.8.1")

        assert "loki" in shown(brief).lower()
        assert "503" in shown(brief)


async def test_a_slow_source_is_not_waited_for_and_its_late_answer_refreshes_the_brief(tmp_path):
    async with copilot(tmp_path, outages={"loki": Outage(delay_s=5)}, brief_deadline_s=2) as whole:
        await whole.fire()

        place = await whole.channel()
        early = " ".join(shown(await whole.sees(place, "Still asking")).split())
        late = " ".join(shown(await whole.sees(place, "answered late")).split())

        assert "Loki" in early.partition("Still asking:")[2]
        assert "Loki" in late.partition("What changed:")[2].partition(" answered late")[0]


async def test_without_any_source_people_still_get_a_brief(tmp_path):
    down = Outage(status=500)
    async with copilot(tmp_path, outages={"loki": down, "prometheus": down, "github": down}) as whole:
        await whole.fire()

        place = await whole.channel()

        brief = await whole.sees(place, "HTTP 500")
        assert [source in shown(brief).lower() for source in ("loki", "prometheus", "github")] == [True] * 3


async def test_a_model_that_is_away_costs_the_brief_nothing(tmp_path):
    model = {"llm_model": "some-model", "llm_base_url": f"http://127.0.0.1:{free_port()}/v1"}
    async with copilot(tmp_path, **model) as whole:
        await whole.fire()

        brief = await whole.sees(await whole.channel(), "Not the cause: checkout v5.8.1")

        assert "pool_size 20 -> 4" in shown(brief)
