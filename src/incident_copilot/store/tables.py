"""The tables; `workspace_id` leads every unique key."""

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Table

from incident_copilot.store.automation_tables import level_changes
from incident_copilot.store.calling_tables import duties, log_checkpoints, pages, signed_heads, switches
from incident_copilot.store.column_types import Time
from incident_copilot.store.comms_tables import publications
from incident_copilot.store.egress_tables import egress
from incident_copilot.store.evaluation_tables import evaluation_runs
from incident_copilot.store.intake_tables import changes, dead_letters, deliveries, sources_heard
from incident_copilot.store.judgement_tables import judgements
from incident_copilot.store.knowledge_tables import past_incidents
from incident_copilot.store.learning_tables import ratings, trials
from incident_copilot.store.metadata import Id, Json, Workspace, metadata
from incident_copilot.store.model_tables import investigations, model_calls
from incident_copilot.store.observation_tables import interactions, observations, verdicts
from incident_copilot.store.operate_tables import drills, installations, oauth_states, subscriptions
from incident_copilot.store.outbox_tables import effects, messages, outages, send_slots
from incident_copilot.store.people_tables import pairings, silences, silences_read
from incident_copilot.store.review_tables import action_items, postmortem_reviews, postmortem_sections
from incident_copilot.store.snapshot_tables import snapshots
from incident_copilot.store.talk_tables import answers, feedback, looks, open_streams
from incident_copilot.store.team_tables import closed_channels, team_settings
from incident_copilot.store.timeline_tables import tasks, timeline
from incident_copilot.store.watch_tables import heartbeats, noise, outcomes

__all__ = [
    "action_items",
    "action_log",
    "alerts",
    "answers",
    "briefs",
    "chains",
    "changes",
    "closed_channels",
    "dead_letters",
    "deliveries",
    "drills",
    "duties",
    "effects",
    "egress",
    "evaluation_runs",
    "evidence",
    "feedback",
    "heartbeats",
    "incidents",
    "installations",
    "interactions",
    "investigations",
    "jobs",
    "judgements",
    "level_changes",
    "log_checkpoints",
    "looks",
    "members",
    "messages",
    "metadata",
    "model_calls",
    "noise",
    "oauth_states",
    "observations",
    "open_streams",
    "outages",
    "outcomes",
    "pages",
    "pairings",
    "past_incidents",
    "people",
    "postmortem_reviews",
    "postmortem_sections",
    "postmortems",
    "proposals",
    "publications",
    "ratings",
    "releases",
    "send_slots",
    "signed_heads",
    "silences",
    "silences_read",
    "snapshots",
    "sources_heard",
    "subscriptions",
    "switches",
    "tasks",
    "team_settings",
    "texts",
    "timeline",
    "trials",
    "verdicts",
    "votes",
]

alerts = Table(
    "alerts",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("fingerprint", sa.String(64), primary_key=True),
    Column("alert", Json, nullable=False),
    Column("status", sa.String(10), nullable=False),
    Column("starts_at", Time, nullable=False),
    Column("first_seen", Time, nullable=False),
    Column("last_seen", Time, nullable=False),
    Column("times_seen", sa.Integer, nullable=False),
    Column("waiting", sa.Boolean, nullable=False),
    Column("incident_id", Id, ForeignKey("incidents.id")),
    Column("digest_hour", Time),
    Column("held", sa.String(250)),
    Column("inhibits", sa.Boolean),
    Column("muted_by", sa.String(100)),
)
Index(
    "ix_alerts_waiting",
    alerts.c.workspace_id,
    alerts.c.last_seen,
    alerts.c.fingerprint,
    sqlite_where=sa.text("waiting"),
    postgresql_where=sa.text("waiting"),
)
Index("ix_alerts_incident", alerts.c.incident_id, alerts.c.status, alerts.c.first_seen, alerts.c.fingerprint)
Index(
    "ix_alerts_digest",
    alerts.c.workspace_id,
    alerts.c.digest_hour,
    sqlite_where=sa.text("digest_hour IS NOT NULL"),
    postgresql_where=sa.text("digest_hour IS NOT NULL"),
)
Index(
    "ix_alerts_held",
    alerts.c.workspace_id,
    alerts.c.held,
    alerts.c.starts_at,
    sqlite_where=sa.text("held IS NOT NULL"),
    postgresql_where=sa.text("held IS NOT NULL"),
)
Index(
    "ix_alerts_inhibits",
    alerts.c.workspace_id,
    alerts.c.incident_id,
    sqlite_where=sa.text("inhibits"),
    postgresql_where=sa.text("inhibits"),
)
Index(
    "ix_alerts_muted",
    alerts.c.workspace_id,
    alerts.c.muted_by,
    alerts.c.status,
    sqlite_where=sa.text("muted_by IS NOT NULL"),
    postgresql_where=sa.text("muted_by IS NOT NULL"),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("workspace_id", Workspace, nullable=False),
    Column("number", sa.Integer, nullable=False),
    Column("correlation_key", sa.String(300), nullable=False),
    Column("severity", sa.String(2), nullable=False),
    Column("status", sa.String(20), nullable=False),
    Column("service", sa.String(200)),
    Column("channel_id", sa.String(40)),
    Column("opened_at", Time, nullable=False),
    Column("ended_at", Time),
    Column("body", Json, nullable=False),
    Column("log_seq", sa.Integer, nullable=False, server_default="0"),
    Column("footprint", Json),
    sa.UniqueConstraint("workspace_id", "number"),
)
Index(
    "uq_incidents_running",
    incidents.c.workspace_id,
    incidents.c.correlation_key,
    unique=True,
    sqlite_where=incidents.c.ended_at.is_(None),
    postgresql_where=incidents.c.ended_at.is_(None),
)
Index("ix_incidents_channel", incidents.c.workspace_id, incidents.c.channel_id)

members = Table(
    "incident_members",
    metadata,
    Column("incident_id", Id, ForeignKey("incidents.id"), primary_key=True),
    Column("fingerprint", sa.String(64), primary_key=True),
    Column("reason", sa.Text, nullable=False),
    Column("joined_at", Time, nullable=False),
)

evidence = Table(
    "evidence",
    metadata,
    Column("id", Id, primary_key=True),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False),
    Column("source", sa.String(100), nullable=False),
    Column("kind", sa.String(20), nullable=False),
    Column("taken_at", Time, nullable=False),
    Column("body", Json, nullable=False),
)
Index("ix_evidence_incident", evidence.c.incident_id, evidence.c.taken_at)

briefs = Table(
    "hypotheses",
    metadata,
    Column("id", Id, primary_key=True),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False),
    Column("as_of", Time, nullable=False),
    Column("body", Json, nullable=False),
)
Index("ix_hypotheses_incident", briefs.c.incident_id, briefs.c.as_of)

proposals = Table(
    "proposals",
    metadata,
    Column("id", Id, primary_key=True),
    Column("workspace_id", Workspace, nullable=False),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False),
    Column("key", sa.String(200), nullable=False),
    Column("version", sa.Integer, nullable=False),
    Column("state", sa.String(20), nullable=False),
    Column("expires_at", Time, nullable=False),
    Column("body", Json, nullable=False),
)
Index("ix_proposals_incident", proposals.c.incident_id, proposals.c.state)

votes = Table(
    "votes",
    metadata,
    Column("proposal_id", Id, ForeignKey("proposals.id"), primary_key=True),
    Column("version", sa.Integer, primary_key=True),
    Column("person", sa.String(64), primary_key=True),
    Column("choice", sa.String(20), nullable=False),
    Column("at", Time, nullable=False),
)

action_log = Table(
    "action_log",
    metadata,
    Column("chain", sa.String(120), primary_key=True),
    Column("seq", sa.Integer, primary_key=True),
    Column("workspace_id", Workspace, nullable=False),
    Column("incident_id", Id),
    Column("at", Time, nullable=False),
    Column("actor", sa.String(64), nullable=False),
    Column("kind", sa.String(40), nullable=False),
    Column("payload", Json, nullable=False),
    Column("prev_hash", sa.String(64), nullable=False),
    Column("hash", sa.String(64), nullable=False),
)
Index("ix_action_log_incident", action_log.c.incident_id, action_log.c.seq)

chains = Table(
    "chains",
    metadata,
    Column("chain", sa.String(120), primary_key=True),
    Column("seq", sa.Integer, nullable=False),
    Column("head", sa.String(64), nullable=False),
)

texts = Table(
    "texts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("incident_id", Id),
    Column("author", sa.String(64)),
    Column("salt", sa.String(32), nullable=False),
    Column("text", sa.Text, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("chat_id", sa.String(64), primary_key=True),
    Column("name", sa.String(200), nullable=False),
    Column("seen_at", Time, nullable=False),
)

releases = Table(
    "releases",
    metadata,
    Column("head", sa.String(32), primary_key=True),
    Column("oldest", sa.String(32), nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("workspace_id", Workspace, nullable=False),
    Column("key", sa.String(200), nullable=False),
    Column("kind", sa.String(60), nullable=False),
    Column("lane", sa.String(120), nullable=False),
    Column("payload", Json, nullable=False),
    Column("state", sa.String(10), nullable=False),
    Column("tick", sa.Boolean, nullable=False),
    Column("priority", sa.Integer, nullable=False),
    Column("run_at", Time, nullable=False),
    Column("attempts", sa.Integer, nullable=False),
    Column("lease_by", sa.String(64)),
    Column("lease_until", Time),
    Column("error", sa.Text),
)
Index(
    "uq_jobs_ready",
    jobs.c.workspace_id,
    jobs.c.key,
    unique=True,
    sqlite_where=sa.text("state = 'ready' AND NOT tick"),
    postgresql_where=sa.text("state = 'ready' AND NOT tick"),
)
Index(
    "uq_jobs_tick",
    jobs.c.workspace_id,
    jobs.c.key,
    unique=True,
    sqlite_where=sa.text("tick"),
    postgresql_where=sa.text("tick"),
)
Index("ix_jobs_due", jobs.c.state, jobs.c.run_at)
Index("ix_jobs_lane", jobs.c.workspace_id, jobs.c.lane, jobs.c.state, jobs.c.priority, jobs.c.run_at)
Index(
    "uq_jobs_lane",
    jobs.c.workspace_id,
    jobs.c.lane,
    unique=True,
    sqlite_where=jobs.c.state == "leased",
    postgresql_where=jobs.c.state == "leased",
)

postmortems = Table(
    "postmortems",
    metadata,
    Column("incident_id", Id, ForeignKey("incidents.id"), primary_key=True),
    Column("written_at", Time, nullable=False),
    Column("body", Json, nullable=False),
    Column("markdown", sa.Text, nullable=False),
    Column("html", sa.Text, nullable=False),
)
