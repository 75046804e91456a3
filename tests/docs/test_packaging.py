"""The image, the compose file and the lock files keep what the documents promise."""

import re
import shutil
import subprocess

import pytest
import yaml

from .documents import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]


def pins(lock):
    """Package to version."""
    return dict(re.findall(r"^([a-z0-9.-]+)==([^\s;]+)", (ROOT / lock).read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_cannot_gain_rights_or_change_its_files(name):
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"].split(":")[0] not in {"0", "root"}
    assert not {"privileged", "cap_add", "network_mode", "pid"} & set(service)


@pytest.mark.parametrize("name", SERVICES)
def test_temporary_files_go_to_memory(name):
    assert "/tmp" in SERVICES[name]["tmpfs"]


def test_the_copilot_starts_after_the_tables_are_there():
    assert SERVICES["migrate"]["command"] == "migrate"
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert SERVICES["copilot"]["command"] == "serve"
    assert SERVICES["copilot"]["depends_on"] == {
        "postgres": {"condition": "service_healthy"},
        "migrate": {"condition": "service_completed_successfully"},
    }


def test_volumes_that_are_mounted_are_declared():
    mounted = [mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])]

    assert {source for source in mounted if not source.startswith(".")} == set(COMPOSE["volumes"])


def test_only_loopback_is_published():
    assert [port for service in SERVICES.values() for port in service.get("ports", [])] == ["127.0.0.1:8420:8420"]


def test_secrets_come_from_the_env_file_or_must_be_set():
    assert SERVICES["copilot"]["env_file"] == ".env"
    assert SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")


def test_the_image_is_pinned_by_hash_and_runs_without_root():
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()

    assert "RUN .venv/bin/python -m pip install --require-hashes -r requirements.lock" in lines
    assert "USER 10001:10001" in lines
    assert any(line.startswith("HEALTHCHECK ") for line in lines)
    assert 'CMD ["serve"]' in lines


def test_everything_that_the_image_copies_is_sent_to_the_builder():
    copied = re.findall(r"^COPY (?!--)(.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert {name for line in copied for name in line.split()[:-1]} == sent


def test_developers_test_the_versions_that_people_run():
    runtime, dev = pins("requirements.lock"), pins("requirements-dev.lock")

    assert {name: dev.get(name) for name in runtime} == runtime


def test_every_pin_has_a_hash():
    for lock in ("requirements.lock", "requirements-dev.lock"):
        entries = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text())
        assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_make_help_lists_every_target():
    make = shutil.which("make")
    if make is None:
        pytest.skip("no make on this machine")
    told = subprocess.run([make, "help"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=20).stdout

    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1]
    assert re.findall(r"^  make ([a-z-]+)", told, re.MULTILINE) == phony.split()
