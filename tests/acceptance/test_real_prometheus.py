"""A real Prometheus finds the trouble, a real Alertmanager tells of it, and people see one incident, once."""

from incident_copilot.demo.story import shown

from .real_parts import WELL, Shop, field_of, needs_prometheus

pytestmark = needs_prometheus
PATIENCE_S = 30
FAILING = 0.31
BEGAN = "HighErrorRate on checkout went from 1 % to 31 %."


async def test_trouble_becomes_an_incident_with_its_metric_and_its_end_is_proposed(tmp_path):
    async with field_of(tmp_path, Shop({"checkout": FAILING}, since_s=240)) as field, field.copilot() as whole:
        place = await whole.channel(PATIENCE_S)
        brief = await whole.sees(place, BEGAN, timeout_s=PATIENCE_S)
        await whole.sees(place, "1 firing, 0 resolved")
        field.shop.ratios["checkout"] = WELL

        await whole.sees(place, "0 firing, 1 resolved", timeout_s=PATIENCE_S)
        await whole.sees(place, "Resolve INC-1", timeout_s=PATIENCE_S)

        assert "1 Alert: HighErrorRate" in shown(brief)
        assert place == "#inc-1-requests-of-checkout-fail"
        assert whole.channels() == [place]


async def test_what_nobody_took_is_taken_once_the_copilot_is_back(tmp_path):
    async with field_of(tmp_path, Shop()) as field:
        field.shop.ratios["checkout"] = FAILING
        await field.is_refused()

        async with field.copilot() as whole:
            place = await whole.channel(PATIENCE_S)
            await whole.sees(place, "1 firing, 0 resolved", timeout_s=PATIENCE_S)
            await field.rests()

            assert whole.channels() == [place]
            assert len(whole.told(place, "You are on call for checkout")) == 1


async def test_an_alertmanager_that_repeats_itself_and_forgets_is_heard_once(tmp_path):
    async with field_of(tmp_path, Shop()) as field, field.copilot() as whole:
        field.shop.ratios["checkout"] = FAILING
        place = await whole.channel(PATIENCE_S)
        await whole.sees(place, "1 firing, 0 resolved", timeout_s=PATIENCE_S)
        await field.rests()
        before = [(effect.method, effect.args) for effect in whole.sandbox.ledger]

        await field.sends(1)
        await field.alertmanager.kill()
        await field.alertmanager.start()
        await field.sends(1)
        await field.rests()

        assert [(effect.method, effect.args) for effect in whole.sandbox.ledger] == before
