"""Takes MLflow's webhooks: new versions of models and prompts, and the aliases that say which one serves, as changes.

Set-up: 1. In MLflow with a database backend create a webhook for the events model_version.created,
model_version_alias.created, model_version_alias.deleted, prompt_version.created, prompt_alias.created and
prompt_alias.deleted: `MlflowClient().create_webhook(name=..., url=..., events=[...], secret=...)`. 2. The address is
`https://copilot.example.net/webhooks/mlflow`, the secret that of copilot.yaml. 3. Where a model or prompt is not called
as the catalogue calls the service that uses it, say so in the option `services`: `{support-answers: answers}`.

API: https://mlflow.org/docs/latest/ml/webhooks/
"""

from collections.abc import Mapping
from datetime import timedelta

from pydantic import Field

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.change import Change, ChangeKind
from incident_copilot.errors import Unauthenticated
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields, signatures, times
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

TOLERANCE = timedelta(minutes=5)
_KINDS = {"model_version": ChangeKind.MODEL, "prompt_version": ChangeKind.PROMPT}
_ALIASES = {"model_version_alias": ChangeKind.MODEL, "prompt_alias": ChangeKind.PROMPT}
_SILENT = {"registered_model", "model_version_tag", "prompt", "prompt_tag", "prompt_version_tag"}


class Options(Frozen):
    """The catalogue's name of the service that uses a model or prompt, by the registry's name of it."""

    services: dict[str, str] = Field(default_factory=dict)


def create(env: PluginEnv, options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return MlFlow(env, options)


class MlFlow:
    """One registry of models and prompts."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._now, self._services = env.now, options.services
        self._secrets = Secrets(env, "mlflow")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Check the signature of id, time and body, and that it is not an old one sent again."""
        given, at = headers.get("x-mlflow-signature", ""), headers.get("x-mlflow-timestamp", "")
        sent_at = times.read(at)
        if sent_at is None or abs(self._now() - sent_at) > TOLERANCE:
            raise Unauthenticated(f"{self._secrets.source}: the delivery's time is missing or over 5 min away")
        signed = f"{headers.get('x-mlflow-delivery-id', '')}.{at}.".encode() + body
        source = self._secrets.source
        signatures.require_sha256(source, given.removeprefix("v1,"), signed, self._secrets.texts, in_base64=True)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return what became of a model or prompt, under MLflow's id of the delivery."""
        sent = Fields.of(self._secrets.source, body)
        entity, action = sent.required("entity"), sent.required("action")
        delivery_id = headers.get("x-mlflow-delivery-id") or None
        event = f"{entity}.{action}"
        if entity in _SILENT:
            return Delivery(ignored=event, delivery_id=delivery_id)
        if event in {"model_version.created", "prompt_version.created"}:
            change = self._change(sent, _KINDS[entity], "version {version} registered")
        elif entity in _ALIASES and action == "created":
            change = self._change(sent, _ALIASES[entity], "{alias} is version {version} from now on")
        elif entity in _ALIASES and action == "deleted":
            change = self._change(sent, _ALIASES[entity], "{alias} is taken away")
        else:
            return Delivery(unknown=event, delivery_id=delivery_id)
        return Delivery(changes=(change,), delivery_id=delivery_id)

    def _change(self, sent: Fields, kind: ChangeKind, words: str) -> Change:
        data = sent.at("data")
        name, version, alias = data.required("name"), data.text("version"), data.text("alias")
        said = words.format(version=version, alias=alias)
        return alert_fields.change(
            sent.source,
            self._now(),
            key="|".join((sent.text("entity"), sent.text("action"), name, alias, version, sent.text("timestamp"))),
            kind=kind,
            title=f"{kind.capitalize()} {name}: {said}",
            service=self._services.get(name, name),
            version=version or None,
            at=sent.time("timestamp"),
        )
