"""What the settings come to: the policy of the pipeline, the places in the chat, and secrets."""

import os
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import SecretStr

from incident_copilot.domain.effect import Place
from incident_copilot.domain.investigation import Budget
from incident_copilot.domain.support_hours import hours_of
from incident_copilot.errors import ConfigError
from incident_copilot.pipeline.deps import Policy
from incident_copilot.settings import Settings
from incident_copilot.vendors.smtp import Smtp

JOB_S = 150.0
OPENAI = "https://api.openai.com/v1"


def policy_of(settings: Settings) -> Policy:
    """Return what the pipeline decides by."""
    return Policy(
        shadow=settings.mode == "shadow",
        silent=settings.suggestions == "silent",
        brief_deadline=timedelta(seconds=settings.brief_deadline_s),
        context_deadline=timedelta(seconds=longest_wait_s(settings)),
        join_window=timedelta(minutes=settings.join_window_min),
        reopen_window=timedelta(minutes=settings.reopen_window_min),
        quiet_before_ending=timedelta(minutes=settings.quiet_resolve_min),
        verify_every=timedelta(seconds=settings.verify_every_s),
        verify_for=timedelta(minutes=settings.verify_for_min),
        log_heads_file=settings.log_heads_file,
        log_keep=timedelta(days=settings.log_keep_days),
        working_hours=hours_of(settings.working_hours),
        posts_per_hour=settings.posts_per_hour,
        archive_after=timedelta(days=settings.archive_after_days),
        bridge=settings.bridge_url,
        canvas=settings.canvas,
        weekly_channel=settings.weekly_channel or "",
        drill_day=settings.drill_day,
        judge_per_hour=settings.judge_per_hour,
        ai_report_channel=settings.ai_report_channel,
        channel_pattern=settings.channel_pattern,
        offer_declare=settings.offer_declare,
        timeline_emoji=settings.timeline_emoji,
        public_url=settings.public_url,
        model_deadline=timedelta(seconds=settings.llm_deadline_s),
        mail_after=timedelta(seconds=settings.mail_after_s),
        stale_after=timedelta(minutes=settings.stale_after_min),
        can_mail=settings.smtp_url is not None,
        places=places_of(settings),
        operator_emails=(settings.operator_email,) if settings.operator_email else (),
        model_calls_per_hour=settings.llm_calls_per_hour,
        model_endpoint=endpoint_of(settings),
        hide_addresses=settings.llm_hide_addresses,
        model_budget=_budget_of_an_incident(settings),
        model_budget_a_day=_budget_of_a_day(settings),
    )


def _budget_of_an_incident(settings: Settings) -> Budget:
    return Budget(
        steps=settings.llm_steps_per_incident,
        tokens=settings.llm_tokens_per_incident,
        usd=settings.llm_usd_per_incident,
        seconds=settings.llm_seconds_per_incident,
    )


def _budget_of_a_day(settings: Settings) -> Budget:
    return Budget(
        steps=settings.llm_steps_per_day,
        tokens=settings.llm_tokens_per_day,
        usd=settings.llm_usd_per_day,
        seconds=settings.llm_seconds_per_day,
    )


def endpoint_of(settings: Settings) -> str:
    """The host that the model is asked at, without a user or password that stands in the address."""
    if settings.llm_model is None:
        return ""
    return urlsplit(settings.llm_base_url or OPENAI).netloc.rpartition("@")[2]


def longest_wait_s(settings: Settings) -> float:
    """Return how long context sources are waited for: never shorter than the brief waits."""
    return max(settings.brief_deadline_s, settings.context_deadline_s)


def longest_job_s(settings: Settings) -> float:
    """Return how long a job may take: longer than the model may, which is asked once in one."""
    return max(JOB_S, settings.llm_deadline_s + 30)


def places_of(settings: Settings) -> Mapping[Place, str]:
    """Return the channels of all places but the incident's own."""
    return {
        Place.ANNOUNCE: settings.announce_channel,
        Place.INTERNAL_UPDATES: settings.internal_updates_channel,
        Place.CUSTOMER_UPDATES: settings.customer_updates_channel,
        Place.OPERATOR: settings.operator_channel,
    }


def environment() -> dict[str, str]:
    """Return what plugins find their secrets in: .env, under the process's own environment."""
    from_file = {key: value for key, value in dotenv_values(".env").items() if value is not None}
    return {**from_file, **os.environ}


def slack_token(settings: Settings) -> str:
    """Return the bot's token; without a way for Slack to reach the copilot nobody could click anything.

    Raises:
        ConfigError: it is missing, or the other one is.
    """
    if settings.install_key:
        _require_oauth(settings)
        return shown(settings.slack_bot_token) or ""
    if settings.slack_bot_token is None:
        raise ConfigError(
            "COPILOT_SLACK_BOT_TOKEN is not set; take it from the app's page at Slack, or run `incident-copilot demo`"
        )
    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        raise ConfigError("set COPILOT_SLACK_APP_TOKEN (Socket Mode) or COPILOT_SLACK_SIGNING_SECRET (HTTP)")
    return settings.slack_bot_token.get_secret_value()


def _require_oauth(settings: Settings) -> None:
    """People install the app over HTTP, and Slack must know it and find it."""
    needed = {
        "COPILOT_SLACK_CLIENT_ID": settings.slack_client_id,
        "COPILOT_SLACK_CLIENT_SECRET": settings.slack_client_secret,
        "COPILOT_SLACK_SIGNING_SECRET": settings.slack_signing_secret,
        "COPILOT_PUBLIC_URL": settings.public_url,
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise ConfigError(f"with COPILOT_INSTALL_KEY set, people install the app; set {', '.join(missing)} too")


def mailer_of(settings: Settings) -> Smtp | None:
    """Return the mail server, None where none is set. Raises ConfigError where it cannot be one."""
    url = shown(settings.smtp_url)
    return Smtp(url, settings.email_from or "") if url else None


def shown(secret: SecretStr | None) -> str | None:
    """Return what a secret says."""
    return secret.get_secret_value() if secret else None
