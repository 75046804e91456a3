"""Takes GitHub's webhooks as changes: deployments, workflow runs, merges and pushes to the default branch, releases.

Set-up: 1. In GitHub open the repository (or organisation) > Settings > Webhooks > Add webhook.
2. Payload URL: `https://copilot.example.net/webhooks/github`; content type: application/json; secret: the secret.
3. Choose "Let me select individual events": Deployments, Deployment statuses, Workflow runs, Pushes, Pull requests,
Releases. All other events are answered and left alone.

API: https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from collections.abc import Mapping

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.change import Change, ChangeKind, ChangeStatus
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields, signatures
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

_DEPLOYMENT = {
    "queued": ChangeStatus.STARTED,
    "pending": ChangeStatus.STARTED,
    "waiting": ChangeStatus.STARTED,
    "in_progress": ChangeStatus.STARTED,
    "success": ChangeStatus.SUCCEEDED,
    "failure": ChangeStatus.FAILED,
    "error": ChangeStatus.FAILED,
}
_CONCLUSION = {
    "success": ChangeStatus.SUCCEEDED,
    "neutral": ChangeStatus.SUCCEEDED,
    "failure": ChangeStatus.FAILED,
    "timed_out": ChangeStatus.FAILED,
    "startup_failure": ChangeStatus.FAILED,
    # It did not run, or not to its end.
    "action_required": ChangeStatus.CANCELLED,
    "cancelled": ChangeStatus.CANCELLED,
    "skipped": ChangeStatus.CANCELLED,
    "stale": ChangeStatus.CANCELLED,
}
_PUBLISHED = {"published", "released", "prereleased"}
_ELSEWHERE = "push to another branch"
# Where the header is missing: the fields that tell an event, the first that fits, as some hold those of others.
_KNOWN_BY = (
    ("ping", ["zen"]),
    ("push", ["ref", "commits"]),
    ("workflow_job", ["workflow_job"]),
    ("deployment_status", ["deployment_status"]),
    ("deployment_protection_rule", ["deployment_callback_url"]),
    ("deployment", ["deployment"]),
    ("deployment_review", ["workflow_run", "since"]),
    ("workflow_run", ["workflow_run"]),
    ("workflow_dispatch", ["workflow", "inputs"]),
    ("check_run", ["check_run"]),
    ("check_suite", ["check_suite"]),
    ("status", ["context", "sha"]),
    ("release", ["release"]),
    ("secret_scanning_alert", ["alert.secret_type"]),
    ("dependabot_alert", ["alert.security_advisory"]),
    ("code_scanning_alert", ["alert.rule"]),
    ("repository_vulnerability_alert", ["alert.affected_package_name"]),
    ("pull_request_review", ["pull_request", "review"]),
    ("pull_request_review_comment", ["pull_request", "comment"]),
    ("pull_request_review_thread", ["pull_request", "thread"]),
    ("pull_request", ["pull_request"]),
    ("issue_comment", ["issue", "comment"]),
    ("issues", ["issue"]),
    ("discussion_comment", ["discussion", "comment"]),
    ("discussion", ["discussion"]),
    ("commit_comment", ["comment"]),
    ("create", ["ref_type", "master_branch"]),
    ("delete", ["ref_type"]),
    ("fork", ["forkee"]),
    ("gollum", ["pages"]),
    ("page_build", ["build"]),
    ("milestone", ["milestone"]),
    ("label", ["label"]),
    ("membership", ["member", "team"]),
    ("member", ["member"]),
    ("team", ["team"]),
)
_SAY_NOTHING = {
    "branch_protection_configuration", "branch_protection_rule", "check_run", "check_suite", "code_scanning_alert",
    "commit_comment", "create", "custom_property", "custom_property_values", "delete", "dependabot_alert",
    "deploy_key", "deployment_protection_rule", "deployment_review", "discussion", "discussion_comment", "fork",
    "github_app_authorization", "gollum", "installation", "installation_repositories", "installation_target",
    "issue_comment", "issue_dependencies", "issues", "label", "marketplace_purchase", "member", "membership",
    "merge_group", "meta", "milestone", "org_block", "organization", "package", "page_build",
    "personal_access_token_request", "ping", "project", "project_card", "project_column", "projects_v2",
    "projects_v2_item", "projects_v2_status_update", "public", "pull_request_review", "pull_request_review_comment",
    "pull_request_review_thread", "registry_package", "repository", "repository_advisory", "repository_dispatch",
    "repository_import", "repository_ruleset", "repository_vulnerability_alert", "secret_scanning_alert",
    "secret_scanning_alert_location", "secret_scanning_scan", "security_advisory", "security_and_analysis",
    "sponsorship", "star", "status", "sub_issues", "team", "team_add", "watch", "workflow_dispatch", "workflow_job",
}  # fmt: skip


class Options(Frozen):
    """GitHub needs no options; its secret is that of the webhook."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return GitHub(env)


class GitHub:
    """One webhook of a repository, organisation or app."""

    def __init__(self, env: PluginEnv) -> None:
        self._now = env.now
        self._secrets = Secrets(env, "github")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Check GitHub's SHA-256 signature of the body."""
        signatures.require_github(headers, body, self._secrets.texts)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the change, under GitHub's delivery id."""
        sent = Fields.of(self._secrets.source, body)
        event = headers.get("x-github-event") or _event(sent)
        if event in _SAY_NOTHING:
            return Delivery(ignored=event)
        told = {
            "deployment": self._deployment,
            "deployment_status": self._deployment,
            "workflow_run": self._workflow_run,
            "push": self._push,
            "pull_request": self._pull_request,
            "release": self._release,
        }.get(event)
        if told is None:
            return Delivery(unknown=event or "an event without X-GitHub-Event")
        found = told(sent)
        if isinstance(found, str):
            return Delivery(ignored=found)
        return Delivery(changes=(found,), delivery_id=headers.get("x-github-delivery") or None)

    def _deployment(self, sent: Fields) -> Change | str:
        deployment, status = sent.at("deployment"), sent.at("deployment_status")
        state = status.text("state")
        if state == "inactive":
            return "deployment_status.inactive"
        environment = status.text("environment") or deployment.text("environment")
        ref, sha = deployment.text("ref"), deployment.text("sha")
        commit = f"{sent.text('repository.html_url')}/commit/{sha}" if sha else ""
        return alert_fields.change(
            sent.source,
            self._now(),
            key=f"deployment:{deployment.required('id')}",
            kind=ChangeKind.DEPLOYMENT,
            title=f"{deployment.text('task') or 'deploy'} {ref or sha} to {environment or 'nowhere in particular'}",
            status=status.choice("state", _DEPLOYMENT) if state else ChangeStatus.STARTED,
            service=sent.text("repository.name"),
            environment=environment,
            version=sha or ref,
            by=sent.first("deployment.creator.login", "sender.login"),
            link=status.first("log_url", "target_url") or commit,
            at=status.time("updated_at") or status.time("created_at") or deployment.time("created_at"),
        )

    def _workflow_run(self, sent: Fields) -> Change:
        run = sent.at("workflow_run")
        is_over = sent.text("action") == "completed" and "conclusion" in run
        return alert_fields.change(
            sent.source,
            self._now(),
            key=f"run:{run.required('id')}",
            kind=ChangeKind.RUN,
            title=run.first("name", "display_title", "path") or sent.text("workflow.name"),
            status=run.choice("conclusion", _CONCLUSION) if is_over else ChangeStatus.STARTED,
            service=sent.text("repository.name"),
            version=run.text("head_sha"),
            by=run.first("triggering_actor.login", "actor.login") or sent.text("sender.login"),
            link=run.text("html_url"),
            at=run.time("updated_at") or run.time("created_at"),
        )

    def _push(self, sent: Fields) -> Change | str:
        """Return what was pushed to the default branch; a merge makes one change of its pull request and its push."""
        ref, repository = sent.text("ref"), sent.at("repository")
        if sent.text("deleted") == "true":
            return "push that deletes" if ref.startswith("refs/tags/") else _ELSEWHERE
        if ref.startswith("refs/tags/"):
            return self._tag(sent, ref.removeprefix("refs/tags/"))
        if ref != f"refs/heads/{repository.first('default_branch', 'master_branch')}":
            return _ELSEWHERE
        return self._commit(
            sent,
            sent.required("after"),
            title=next(iter(sent.text("head_commit.message").splitlines()), f"push to {ref}"),
            by=sent.first("pusher.name", "sender.login"),
            link=sent.text("compare"),
            at="head_commit.timestamp",
        )

    def _pull_request(self, sent: Fields) -> Change | str:
        pull = sent.at("pull_request")
        if pull.text("merged") != "true" or sent.text("action") != "closed":
            return f"pull_request.{sent.text('action')}"
        if "base.repo.default_branch" in pull and pull.text("base.ref") != pull.text("base.repo.default_branch"):
            return "merge into another branch"
        return self._commit(
            sent,
            pull.first("merge_commit_sha", "id"),
            title=pull.text("title"),
            by=pull.first("merged_by.login", "user.login"),
            link=pull.text("html_url"),
            at="pull_request.merged_at",
        )

    def _commit(self, sent: Fields, sha: str, *, title: str, by: str, link: str, at: str) -> Change:
        return alert_fields.change(
            sent.source,
            self._now(),
            key=f"commit:{sha}",
            kind=ChangeKind.MERGE,
            title=title,
            service=sent.text("repository.name"),
            version=sha,
            by=by,
            link=link,
            at=sent.time(at),
        )

    def _tag(self, sent: Fields, tag: str) -> Change:
        return alert_fields.change(
            sent.source,
            self._now(),
            key=f"tag:{sent.text('repository.full_name')}:{tag}",
            kind=ChangeKind.RELEASE,
            title=f"tag {tag}",
            service=sent.text("repository.name"),
            version=tag,
            by=sent.first("pusher.name", "sender.login"),
            link=sent.text("compare"),
            at=sent.time("head_commit.timestamp"),
        )

    def _release(self, sent: Fields) -> Change | str:
        """Return a release; its tag's push makes one change with it, and so do the events that GitHub sends of each."""
        release, action = sent.at("release"), sent.text("action")
        if action not in _PUBLISHED:
            return f"release.{action}"
        tag = release.required("tag_name")
        return alert_fields.change(
            sent.source,
            self._now(),
            key=f"tag:{sent.text('repository.full_name')}:{tag}",
            kind=ChangeKind.RELEASE,
            title=f"release {release.text('name') or tag}",
            service=sent.text("repository.name"),
            version=tag,
            by=release.text("author.login") or sent.text("sender.login"),
            link=release.text("html_url"),
            at=release.time("published_at") or release.time("created_at"),
        )


def _event(sent: Fields) -> str:
    """Return the event of a body that came without the header that names it, or ""."""
    return next((event for event, fields in _KNOWN_BY if all(field in sent for field in fields)), "")
