"""The alert messages of another bot open an incident, and its all-clear ends the alert."""

from incident_copilot.demo import files
from incident_copilot.sandbox import ChannelSpec
from whole import copilot

OPTIONS = {"channels": (*files.CHANNELS, ChannelSpec("alerts", purpose="What the monitors say."))}


async def test_bots_message_opens_an_incident_and_its_edit_resolves_the_alert(tmp_path):
    async with copilot(tmp_path, sandbox_options=OPTIONS, watched_channels=("alerts",)) as whole:
        alerts = whole.sandbox.channel("alerts")
        await whole.sandbox.until(lambda: alerts.has(whole.sandbox.bot_user_id))
        grafana = whole.sandbox.other_app("Grafana")

        ts = await grafana.post("#alerts", attachments=[_attachment("[FIRING:1] HighErrorRate checkout", "danger")])
        place = await whole.channel()
        await whole.sees(place, "HighErrorRate")
        await grafana.edit("#alerts", ts, attachments=[_attachment("[RESOLVED] HighErrorRate checkout", "good")])

        await whole.sees(place, "1 resolved")
        assert whole.channels() == [place]


def _attachment(title, color):
    fields = [{"title": "Severity", "value": "critical", "short": True}, {"title": "Env", "value": "prod"}]
    return {"title": title, "title_link": "https://grafana.example.net/a/1", "color": color, "fields": fields}
