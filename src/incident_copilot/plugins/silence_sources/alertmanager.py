"""Reads the silences of Prometheus Alertmanager, and of Grafana and Mimir, which speak its API.

API: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
"""

from collections.abc import Sequence

from pydantic import Field

from incident_copilot.domain.silence import Silence
from incident_copilot.ports import PluginEnv, SilenceSource
from incident_copilot.vendors.silences import SilencesOptions, VendorSilence, all_of, connect, page_of, understood

_LONGEST_TEXT = 200


class Options(SilencesOptions):
    """Where it answers, and the names of the alert sources whose alerts it silences."""

    alert_sources: tuple[str, ...] = Field(default=("alertmanager", "grafana"), min_length=1)


def create(env: PluginEnv, options: Options) -> SilenceSource:
    """Return the source."""
    return Alertmanager(env, options)


class Alertmanager:
    """One Alertmanager."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = env.instance or "alertmanager"
        self.alert_sources = options.alert_sources
        self._url = options.url
        self._vendor = connect(env, options, self.name)

    async def silences(self) -> Sequence[Silence]:
        """Return the silences that are active now, those that end last first. Raises VendorError."""
        active = [one for one in await all_of(self._vendor) if one.is_active and one.matchers]
        return [self._silence(one) for one in sorted(active, key=lambda one: (one.endsAt, one.id), reverse=True)]

    def _silence(self, one: VendorSilence) -> Silence:
        return Silence(
            id=one.id,
            source=self.name,
            ref=one.id[:100],
            matchers=tuple(map(understood, one.matchers)),
            alert_sources=self.alert_sources,
            until=one.endsAt,
            reason=one.comment[:_LONGEST_TEXT] or "no reason given",
            by=one.createdBy[:_LONGEST_TEXT] or "somebody",
            link=page_of(self._url, one.id),
        )
