"""Core settings from the environment (prefix COPILOT_) and .env; plugin instances are in copilot.yaml."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from incident_copilot.domain.catalog import MAILBOX
from incident_copilot.domain.support_hours import hours_of
from incident_copilot.domain.team_settings import checked_pattern
from incident_copilot.errors import ConfigError

ROOT = Path(__file__).parents[2]


def _channel(name: str) -> str:
    """People write channels with # and without."""
    if not name.strip(" #"):
        raise ValueError("name a channel, such as incidents")
    return name.strip().removeprefix("#")


def _listed(names: object) -> object:
    """A variable holds names with commas between them."""
    return [name for name in names.split(",") if name.strip()] if isinstance(names, str) else names


def _bridge(url: str) -> str:
    if not url.startswith("https://"):
        raise ValueError("begin with https://, as in https://meet.example.net/inc-{number}")
    return checked_pattern(url)


def _hours(text: str) -> str:
    hours_of(text)
    return text


def _address(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError("begin with https:// or http://")
    return url


def _mailbox(address: str) -> str:
    if not re.fullmatch(MAILBOX, address):
        raise ValueError("write one address, such as oncall@example.net")
    return address


Channel = Annotated[str, AfterValidator(_channel)]
Channels = Annotated[tuple[Channel, ...], NoDecode, BeforeValidator(_listed)]
Address = Annotated[str, AfterValidator(_address)]
Mailbox = Annotated[str, AfterValidator(_mailbox)]


class Settings(BaseSettings):
    """Everything that is set outside of files; `.env.example` explains each for people."""

    model_config = SettingsConfigDict(
        env_prefix="COPILOT_", env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    mode: Literal["live", "shadow"] = "live"
    suggestions: Literal["shown", "silent"] = "shown"
    database_url: str = "sqlite+aiosqlite:///var/copilot.db"
    host: str = "127.0.0.1"
    port: int = Field(default=8420, ge=0, le=65535)
    public_url: Address | None = None
    page_token: SecretStr | None = None
    api_token: SecretStr | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_client_id: str | None = None
    slack_client_secret: SecretStr | None = None
    install_key: SecretStr | None = None
    workspaces: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = ()
    slack_base_url: Address = "https://slack.com/api/"
    slack_workspace: str = "default"

    announce_channel: Channel = "incidents"
    internal_updates_channel: Channel = "incident-updates"
    customer_updates_channel: Channel = "customer-updates"
    operator_channel: Channel = "copilot-ops"
    shadow_channel: Channel = "copilot-shadow"
    watched_channels: Channels = ()
    channel_pattern: Annotated[str, AfterValidator(checked_pattern)] = "inc-{number}-{slug}"
    offer_declare: bool = True
    timeline_emoji: str = Field(default="pushpin", pattern=r"^[a-z0-9_+'-]+$")

    smtp_url: SecretStr | None = None
    email_from: str | None = None
    operator_email: Mailbox | None = None
    mail_after_s: float = Field(default=60.0, ge=1, le=3600)
    stale_after_min: int = Field(default=10, ge=1)

    alertmanager_secret: SecretStr | None = None
    ca_file: Path | None = None
    config_file: Path = Path("copilot.yaml")
    catalog_file: Path = Path("catalog.yaml")
    actions_file: Path = Path("actions.yaml")
    monitors_file: Path = Path("monitors.yaml")
    log_key_file: Path | None = None
    log_heads_file: Path | None = None
    log_keep_days: int = Field(default=0, ge=0, le=36_500)
    runbooks_dir: Path = ROOT / "runbooks"
    migrations_dir: Path = ROOT / "migrations"

    brief_deadline_s: float = Field(default=3.0, gt=0, le=30)
    context_deadline_s: float = Field(default=15.0, gt=0, le=60)
    send_pace_s: float = Field(default=1.0, ge=0, le=60)
    read_back_s: float = Field(default=60.0, gt=0, le=600)
    verify_every_s: float = Field(default=5.0, gt=0, le=600)
    verify_for_min: float = Field(default=10.0, gt=0, le=240)
    reopen_window_min: int = Field(default=30, ge=0)
    quiet_resolve_min: int = Field(default=30, ge=1)
    join_window_min: int = Field(default=10, ge=0)
    working_hours: Annotated[str, AfterValidator(_hours)] = "mon-fri 09:00-17:00 UTC"
    posts_per_hour: int = Field(default=20, ge=1, le=500)
    bridge_url: Annotated[str, AfterValidator(_bridge)] | None = None
    canvas: bool = False
    archive_after_days: int = Field(default=0, ge=0)
    weekly_channel: Channel | None = None
    drill_day: int = Field(default=0, ge=0, le=28)
    ai_report_channel: str = ""
    judge_per_hour: int = Field(default=0, ge=0, le=1_000)

    llm_base_url: Address | None = None
    llm_api_key: SecretStr | None = None
    llm_model: str | None = None
    llm_strong_model: str | None = None
    llm_api: Literal["auto", "chat", "responses"] = "auto"
    llm_api_version: str | None = None
    llm_tools: Literal["auto", "server", "words"] = "auto"
    llm_reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    llm_prices_file: Path = ROOT / "prices.yaml"
    llm_deadline_s: float = Field(default=20.0, gt=0, le=300)
    llm_answer_tokens: int = Field(default=1_200, ge=100, le=100_000)
    llm_calls_per_hour: int = Field(default=120, ge=1)
    llm_hide_addresses: bool = True
    llm_steps_per_incident: int = Field(default=12, ge=0)
    llm_tokens_per_incident: int = Field(default=60_000, ge=1)
    llm_usd_per_incident: float = Field(default=0.5, gt=0)
    llm_seconds_per_incident: float = Field(default=180.0, gt=0)
    llm_steps_per_day: int = Field(default=500, ge=1)
    llm_tokens_per_day: int = Field(default=2_000_000, ge=1)
    llm_usd_per_day: float = Field(default=10.0, gt=0)
    llm_seconds_per_day: float = Field(default=7_200.0, gt=0)


def load_settings() -> Settings:
    """Return the settings.

    Raises:
        ConfigError: names each variable that is wrong, and what is wrong with it.
    """
    try:
        return Settings()
    except ValidationError as error:
        problems = [
            f"COPILOT_{str(one['loc'][0]).upper()}: {one['msg'].removeprefix('Value error, ')}"
            for one in error.errors()
        ]
        raise ConfigError("\n".join(problems)) from None
