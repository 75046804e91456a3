"""The JSON objects of GitHub's REST API: deployments, commits, comparisons, workflows and runs."""

import zlib
from typing import Any

from incident_copilot.sandbox.world.changes import ChangedFile, Deploy
from incident_copilot.sandbox.world.state import Dispatch, WorldState


def deployment_id(deploy: Deploy) -> int:
    """Return the same number for the same deployment in every run."""
    return 1_000_000_000 + zlib.crc32(f"{deploy.repo}@{deploy.version}@{deploy.at_s}".encode())


def repository(repo: str, api: str) -> dict[str, Any]:
    """Return a repository, shortened to what identifies it."""
    return {
        "id": zlib.crc32(repo.encode()),
        "name": repo.split("/")[1],
        "full_name": repo,
        "private": True,
        "html_url": f"{api}/{repo}",
        "url": f"{api}/repos/{repo}",
        "default_branch": "main",
    }


def deployment(state: WorldState, deploy: Deploy, api: str) -> dict[str, Any]:
    """Return a deployment; it was created in the second in which the version went live."""
    url = f"{api}/repos/{deploy.repo}/deployments/{deployment_id(deploy)}"
    return {
        "url": url,
        "id": deployment_id(deploy),
        "node_id": f"DE_{deployment_id(deploy)}",
        "task": "deploy",
        "original_environment": deploy.environment,
        "environment": deploy.environment,
        "description": deploy.title,
        "created_at": time(state, deploy.at_s),
        "updated_at": time(state, deploy.at_s),
        "statuses_url": f"{url}/statuses",
        "repository_url": f"{api}/repos/{deploy.repo}",
        "creator": _user(deploy.author),
        "sha": deploy.sha,
        "ref": deploy.version,
        "payload": {},
        "transient_environment": False,
        "production_environment": deploy.environment == "production",
        "performed_via_github_app": None,
    }


def deployment_status(state: WorldState, deploy: Deploy, api: str) -> dict[str, Any]:
    """Return the status of a deployment that succeeded."""
    url = f"{api}/repos/{deploy.repo}/deployments/{deployment_id(deploy)}"
    return {
        "url": f"{url}/statuses/1",
        "id": 1,
        "node_id": "DES_1",
        "state": "success",
        "creator": _user(deploy.author),
        "description": "",
        "environment": deploy.environment,
        "target_url": "",
        "created_at": time(state, deploy.at_s),
        "updated_at": time(state, deploy.at_s),
        "deployment_url": url,
        "repository_url": f"{api}/repos/{deploy.repo}",
        "environment_url": "",
        "log_url": "",
    }


def commit(state: WorldState, deploy: Deploy, api: str) -> dict[str, Any]:
    """Return the commit of a version as lists and comparisons show it."""
    person = {"name": deploy.author, "email": f"{deploy.author}@example.com", "date": time(state, deploy.at_s)}
    return {
        "sha": deploy.sha,
        "node_id": f"C_{deploy.sha[:12]}",
        "commit": {"author": person, "committer": person, "message": deploy.title},
        "url": f"{api}/repos/{deploy.repo}/commits/{deploy.sha}",
        "html_url": f"{api}/{deploy.repo}/commit/{deploy.sha}",
        "author": _user(deploy.author),
        "committer": _user(deploy.author),
        "parents": [],
    }


def comparison(state: WorldState, history: list[Deploy], base: Deploy, head: Deploy, api: str) -> dict[str, Any]:
    """Return what `base...head` shows; as at GitHub a head older than its base shows no files."""
    before, after = history.index(base), history.index(head)
    between = history[before + 1 : after + 1]
    changed = tuple(file for deploy in between for file in deploy.files)
    status = "identical" if before == after else "ahead" if before < after else "behind"
    range_ = f"{base.version}...{head.version}"
    return {
        "url": f"{api}/repos/{base.repo}/compare/{range_}",
        "html_url": f"{api}/{base.repo}/compare/{range_}",
        "base_commit": commit(state, base, api),
        "merge_base_commit": commit(state, history[min(before, after)], api),
        "status": status,
        "ahead_by": max(0, after - before),
        "behind_by": max(0, before - after),
        "total_commits": len(between),
        "commits": [commit(state, deploy, api) for deploy in between],
        "files": files(changed),
    }


def files(changed: tuple[ChangedFile, ...]) -> list[dict[str, Any]]:
    """Return changed files with their patches."""
    return [
        {
            "sha": f"{zlib.crc32(file.patch.encode()):040x}",
            "filename": file.filename,
            "status": file.status,
            "additions": file.additions,
            "deletions": file.deletions,
            "changes": file.additions + file.deletions,
            "patch": file.patch.rstrip("\n"),
        }
        for file in changed
    ]


def totals(changed: tuple[ChangedFile, ...]) -> dict[str, int]:
    """Return the counted lines of a commit."""
    additions, deletions = sum(file.additions for file in changed), sum(file.deletions for file in changed)
    return {"additions": additions, "deletions": deletions, "total": additions + deletions}


def workflow(repo: str, file: str, api: str) -> dict[str, Any]:
    """Return a workflow, named as its file."""
    number = zlib.crc32(f"{repo}/{file}".encode())
    return {
        "id": number,
        "node_id": f"W_{number}",
        "name": file.removesuffix(".yml"),
        "path": f".github/workflows/{file}",
        "state": "active",
        "url": f"{api}/repos/{repo}/actions/workflows/{number}",
        "html_url": f"{api}/{repo}/blob/main/.github/workflows/{file}",
    }


def run(state: WorldState, dispatch: Dispatch, api: str) -> dict[str, Any]:
    """Return a workflow run as it stands now."""
    completed = state.elapsed_s >= dispatch.finishes_at_s
    return {
        "id": dispatch.run_id,
        "name": dispatch.workflow.removesuffix(".yml"),
        "node_id": f"WFR_{dispatch.run_id}",
        "head_branch": dispatch.ref,
        "path": f".github/workflows/{dispatch.workflow}",
        "display_title": dispatch.title,
        "run_number": dispatch.run_id % 1000,
        "run_attempt": 1,
        "event": "workflow_dispatch",
        "status": "completed" if completed else "in_progress",
        "conclusion": dispatch.conclusion if completed else None,
        "workflow_id": workflow(dispatch.repo, dispatch.workflow, api)["id"],
        "url": f"{api}/repos/{dispatch.repo}/actions/runs/{dispatch.run_id}",
        "html_url": f"{api}/{dispatch.repo}/actions/runs/{dispatch.run_id}",
        "created_at": time(state, dispatch.at_s),
        "updated_at": time(state, dispatch.finishes_at_s if completed else dispatch.at_s),
        "run_started_at": time(state, dispatch.at_s),
        "repository": repository(dispatch.repo, api),
    }


def _user(login: str) -> dict[str, Any]:
    kind = "Bot" if login.endswith("[bot]") else "User"
    return {"login": login, "id": zlib.crc32(login.encode()), "type": kind, "site_admin": False}


def time(state: WorldState, at_s: float) -> str:
    """Return the moment as GitHub writes it; such texts sort by time."""
    return state.time(at_s).strftime("%Y-%m-%dT%H:%M:%SZ")
