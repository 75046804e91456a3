"""Takes GitLab's webhooks as changes: deployments, pipelines, jobs, merges and pushes, tags and releases.

Set-up: 1. In GitLab open the project (or group) > Settings > Webhooks > Add new webhook.
2. URL: `https://copilot.example.net/webhooks/gitlab`; secret token: the secret.
3. Trigger: Deployment events, Pipeline events, Merge request events, Push events, Tag push events, Release events; Job
events only where pipelines are not enough. All other events are answered and left alone.

API: https://docs.gitlab.com/user/project/integrations/webhook_events/
"""

from collections.abc import Mapping
from datetime import datetime

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.change import Change, ChangeKind, ChangeStatus
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

_STATUS = {
    "created": ChangeStatus.STARTED,
    "waiting_for_resource": ChangeStatus.STARTED,
    "waiting_for_callback": ChangeStatus.STARTED,
    "preparing": ChangeStatus.STARTED,
    "pending": ChangeStatus.STARTED,
    "running": ChangeStatus.STARTED,
    "manual": ChangeStatus.STARTED,
    "scheduled": ChangeStatus.STARTED,
    "blocked": ChangeStatus.STARTED,
    "success": ChangeStatus.SUCCEEDED,
    "failed": ChangeStatus.FAILED,
    "canceling": ChangeStatus.CANCELLED,
    "canceled": ChangeStatus.CANCELLED,
    "skipped": ChangeStatus.CANCELLED,
}
_TIMES = ("%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M:%S UTC")
_ELSEWHERE = "push to another branch"
_NOTHING = "0" * 40
_SAY_NOTHING = {
    "access_token", "award_emoji", "emoji", "feature_flag", "group_create", "group_destroy", "group_rename",
    "issue", "key_create", "key_destroy", "member", "milestone", "note", "project", "project_create",
    "project_destroy", "project_rename", "project_transfer", "project_update", "repository_update",
    "resource_access_token", "resource_deploy_token", "subgroup_create", "subgroup_destroy",
    "user_access_request_to_group", "user_add_to_group", "user_add_to_team", "user_create", "user_destroy",
    "user_failed_login", "user_remove_from_group", "user_remove_from_team", "user_rename", "user_update_for_group",
    "user_update_for_team", "vulnerability", "wiki_page", "work_item",
}  # fmt: skip


class Options(Frozen):
    """GitLab needs no options; its secret is the webhook's secret token."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return GitLab(env)


class GitLab:
    """One webhook of a project, a group or the whole instance."""

    def __init__(self, env: PluginEnv) -> None:
        self._now = env.now
        self._secrets = Secrets(env, "gitlab")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Compare the header that GitLab puts the secret token into."""
        del body
        self._secrets.require_header(headers, "x-gitlab-token")

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the change, under GitLab's id of the event."""
        sent = Fields.of(self._secrets.source, body)
        event = sent.first("object_kind", "event_name") or _push_of(sent.text("ref"))
        if event in _SAY_NOTHING:
            return Delivery(ignored=event)
        told = {
            "deployment": self._deployment,
            "pipeline": self._pipeline,
            "build": self._job,
            "merge_request": self._merge_request,
            "push": self._push,
            "tag_push": self._tag,
            "release": self._release,
        }.get(event)
        if told is None:
            return Delivery(unknown=event or "an event without object_kind")
        found = told(sent)
        if isinstance(found, str):
            return Delivery(ignored=found)
        return Delivery(changes=(found,), delivery_id=headers.get("x-gitlab-event-uuid") or None)

    def _change(
        self,
        sent: Fields,
        key: str,
        kind: ChangeKind,
        title: str,
        *,
        status: ChangeStatus = ChangeStatus.SUCCEEDED,
        environment: str = "",
        version: str = "",
        link: str = "",
        at: datetime | None = None,
    ) -> Change:
        path = sent.text("project.path_with_namespace").rpartition("/")[2]
        return alert_fields.change(
            sent.source,
            self._now(),
            key=key,
            kind=kind,
            title=title,
            status=status,
            service=path or sent.first("project.name", "repository.name", "project_name"),
            environment=environment,
            version=version,
            by=sent.first("user.username", "user_username", "user.name", "user_name"),
            link=link,
            at=at,
        )

    def _deployment(self, sent: Fields) -> Change:
        environment, ref = sent.text("environment"), sent.first("ref", "short_sha")
        return self._change(
            sent,
            f"deployment:{sent.required('deployment_id')}",
            ChangeKind.DEPLOYMENT,
            f"deploy {ref} to {environment}",
            status=sent.choice("status", _STATUS),
            environment=environment,
            version=sent.text("commit_url").rpartition("/")[2] or sent.text("short_sha"),
            link=sent.first("deployable_url", "commit_url"),
            at=sent.time("status_changed_at", *_TIMES),
        )

    def _pipeline(self, sent: Fields) -> Change:
        pipeline = sent.at("object_attributes")
        number = pipeline.required("id")
        at = pipeline.time("finished_at", *_TIMES) or pipeline.time("created_at", *_TIMES)
        return self._change(
            sent,
            f"pipeline:{number}",
            ChangeKind.RUN,
            pipeline.text("name") or f"pipeline on {pipeline.text('ref')}",
            status=pipeline.choice("status", _STATUS),
            version=pipeline.text("sha"),
            link=pipeline.text("url") or _page(sent, f"pipelines/{number}"),
            at=at,
        )

    def _job(self, sent: Fields) -> Change:
        number = sent.required("build_id")
        times = (sent.time(f"build_{name}_at", *_TIMES) for name in ("finished", "started", "created"))
        return self._change(
            sent,
            f"job:{number}",
            ChangeKind.RUN,
            f"{sent.text('build_stage')}: {sent.text('build_name')}",
            status=sent.choice("build_status", _STATUS),
            environment=sent.text("environment.name"),
            version=sent.text("sha"),
            link=_page(sent, f"jobs/{number}"),
            at=next(filter(None, times), None),
        )

    def _merge_request(self, sent: Fields) -> Change | str:
        request = sent.at("object_attributes")
        action = request.first("action", "state")
        if action not in {"merge", "merged"}:
            return f"merge_request.{action}"
        branch = sent.text("project.default_branch")
        if branch and request.text("target_branch") not in {"", branch}:
            return "merge into another branch"
        sha = request.text("merge_commit_sha")
        return self._change(
            sent,
            f"commit:{sha or request.required('id')}",
            ChangeKind.MERGE,
            request.text("title"),
            version=sha,
            link=request.text("url"),
            at=request.time("merged_at", *_TIMES) or request.time("updated_at", *_TIMES),
        )

    def _push(self, sent: Fields) -> Change | str:
        """Return what was pushed to the default branch; a merge makes one change of its request and its push."""
        sha = sent.text("after")
        is_default = sent.text("ref") == f"refs/heads/{sent.text('project.default_branch')}"
        if not is_default or sha in {"", _NOTHING}:
            return _ELSEWHERE
        commits = sent.each("commits")
        latest = commits[-1] if commits else sent.at("commit")
        title = latest.first("title") or next(iter(latest.text("message").splitlines()), "")
        return self._change(
            sent,
            f"commit:{sha}",
            ChangeKind.MERGE,
            title or f"push to {sent.text('ref')}",
            version=sha,
            link=_page(sent, f"commit/{sha}"),
            # When it was pushed is not told; commits may be older.
        )

    def _tag(self, sent: Fields) -> Change | str:
        tag = sent.required("ref").removeprefix("refs/tags/")
        if sent.text("after") == _NOTHING:
            return "tag push that deletes"
        return self._change(
            sent,
            _tag_key(sent, tag),
            ChangeKind.RELEASE,
            f"tag {tag}",
            version=tag,
            link=_page(sent, f"tags/{tag}"),
        )

    def _release(self, sent: Fields) -> Change | str:
        if sent.text("action") in {"update", "delete"}:
            return f"release.{sent.text('action')}"
        tag = sent.required("tag")
        return self._change(
            sent,
            _tag_key(sent, tag),
            ChangeKind.RELEASE,
            f"release {sent.text('name') or tag}",
            version=tag,
            link=sent.text("url"),
            at=sent.time("released_at", *_TIMES) or sent.time("created_at", *_TIMES),
        )


def _push_of(ref: str) -> str:
    """Return the event of GitLab's first bodies, which do not name it, or ""."""
    return "tag_push" if ref.startswith("refs/tags/") else "push" if ref.startswith("refs/heads/") else ""


def _tag_key(sent: Fields, tag: str) -> str:
    """Return the key of a tag, under which its push and its release are one change."""
    return f"tag:{sent.first('project_id', 'project.id', 'project.path_with_namespace')}:{tag}"


def _page(sent: Fields, path: str) -> str:
    home = sent.first("project.web_url", "repository.homepage", "project.homepage")
    return f"{home}/-/{path}" if home else ""
