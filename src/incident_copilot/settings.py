"""Core settings from the environment (prefix COPILOT_) and .env; plugin instances are in copilot.yaml."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).parents[2]


class Settings(BaseSettings):
    """Everything that is set outside of files; `.env.example` explains each for people."""

    model_config = SettingsConfigDict(env_prefix="COPILOT_", env_file=".env", extra="ignore", hide_input_in_errors=True)

    mode: Literal["live", "shadow"] = "live"
    database_url: str = "sqlite+aiosqlite:///var/copilot.db"
    host: str = "127.0.0.1"
    port: int = Field(default=8420, ge=0, le=65535)
    public_url: str | None = None
    page_token: SecretStr | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_base_url: str = "https://slack.com/api/"
    slack_workspace: str = "default"

    announce_channel: str = "incidents"
    internal_updates_channel: str = "incident-updates"
    customer_updates_channel: str = "customer-updates"
    operator_channel: str = "copilot-ops"
    shadow_channel: str = "copilot-shadow"
    channel_pattern: str = "inc-{number}-{slug}"

    alertmanager_secret: SecretStr | None = None
    config_file: Path = Path("copilot.yaml")
    catalog_file: Path = Path("catalog.yaml")
    runbooks_dir: Path = ROOT / "runbooks"
    migrations_dir: Path = ROOT / "migrations"

    brief_deadline_s: float = Field(default=3.0, gt=0, le=30)
    reopen_window_min: int = Field(default=30, ge=0)
    quiet_resolve_min: int = Field(default=30, ge=1)
    join_window_min: int = Field(default=10, ge=0)

    llm_base_url: str | None = None
    llm_api_key: SecretStr | None = None
    llm_model: str | None = None
    llm_deadline_s: float = Field(default=20.0, gt=0, le=120)
