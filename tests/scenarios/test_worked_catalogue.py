"""The worked catalogue of docs/operations.md at work: each action proposed, approved, done once, read back, taken back.

Every adapter is in it. When an action is taken back its answer is lost, and what became of it is looked up.
"""

from docs.documents import ROOT, fenced
from incident_copilot.actions_file import load_actions
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Choice, ProposalKind, ProposalState
from incident_copilot.pipeline import act, decide, undo
from incident_copilot.plugins import build, load_config
from incident_copilot.store import evidence
from pipeline import samples
from pipeline.life import Life, big

from .targets import Targets

OPERATIONS = ROOT / "docs" / "operations.md"
SECRET = "COPILOT_SECRET"

AT_UNLEASH = "unleash.example.net/api/admin/projects/default/features/answers/environments"
AT_MODELS = "models.example.net/v1/models/checkout"
AT_KUBERNETES = "kubernetes.default.svc/apis/apps/v1/namespaces/shop/deployments/checkout"
AT_GITHUB = "api.github.com/repos/example/checkout/actions/workflows/deploy.yml/dispatches"
AT_ARGO_CD = "argocd.example.net/api/v1/applications/checkout/rollback"
ON_OFF = [{"flag": "on"}, {"flag": "off"}, {"flag": "on"}]

STORIES = {
    "new-cart-off": (
        ON_OFF,
        [f"POST {AT_UNLEASH}/{way}" for way in ("staging/off", "production/off", "production/on")],
    ),
    "model-back version=2026-11-11": (
        [{"version": one} for one in ("2026-11-18", "2026-11-11", "2026-11-18")],
        [f"PUT {AT_MODELS}/serving"] * 2,
    ),
    "model-share percent=10": ([{"share": one} for one in ("100", "10", "100")], [f"PUT {AT_MODELS}/canary"] * 2),
    "review-mode": ([{"review": one} for one in ("false", "true", "false")], [f"POST {AT_MODELS}/review"] * 2),
    "scale-out replicas=8": (
        [{"replicas": one} for one in ("4", "8", "4")],
        [f"PATCH {AT_KUBERNETES}/scale"] * 2,
    ),
    "rollout-undo": (
        [{"images": f"checkout:{one}"} for one in ("1.4.3", "1.4.2", "1.4.3")],
        [f"PATCH {AT_KUBERNETES}"] * 2,
    ),
    "redeploy version=v2.30.4": (
        [{"version": one} for one in ("v2.31.0", "v2.30.4", "v2.31.0")],
        [f"POST {AT_GITHUB}"] * 2,
    ),
    "app-back": ([{"revision": one * 40} for one in "cbc"], [f"POST {AT_ARGO_CD}"] * 2),
    "discounts-off": (ON_OFF, ["PATCH app.launchdarkly.com/api/v2/flags/default/discounts"] * 2),
    "banner-off": (
        [{"value": one} for one in ("true", "false", "true")],
        ["PUT flags.example.net/flags/banner"] * 2,
    ),
    "restart": ([{"hanging": "2"}, {"hanging": "0"}], ["restart mcp.example.net/mcp"]),
}
"""By what people type: what was read before, after and once it was taken back; and every change that was asked for."""


def worked(folder, targets, clock):
    """The adapters and entries of the page, between targets that the test has."""
    config, entries = folder / "copilot.yaml", folder / "actions.yaml"
    config.write_text(fenced(OPERATIONS, "# copilot.yaml"))
    entries.write_text(fenced(OPERATIONS, "# actions.yaml"))
    loaded = load_config(config)
    acting = [one.model_copy(update={"secret_env": SECRET}) for one in loaded.instances if one.kind == "actions"]
    only = loaded.model_copy(update={"instances": tuple(acting)})
    adapters = build(only, targets.client(), clock, {SECRET: "s3cret"}).actions
    return adapters, load_actions(entries, adapters.keys())


async def approve(life, put):
    """Have as many as it takes approve, none of them who asked; return it once it was carried out and read back."""
    for name in ("ana", "ben")[: put.needed]:
        await decide.vote(life.deps, put.id, put.version, Choice.APPROVE, await life.person(name), seen=put.hash[:16])
    await life.work()
    await life.go_on(seconds=30)
    return await life.proposal(put.id)


async def newest_action(life, incident):
    found = [one for one in await life.proposals(incident) if one.kind is ProposalKind.ACTION]
    return max(found, key=lambda one: (one.created_at, one.id))


async def lived(life, incident, targets, typed):
    """Tell one action from the wish to its undo: what was read on the way."""
    name, *values = typed.split()
    cara = await life.person("cara")
    given = dict(value.split("=") for value in values)
    await act.request(life.deps, incident.id, cara, name, given)
    await life.work()
    done = await approve(life, await newest_action(life, incident))
    real = await newest_action(life, incident)
    if real.id != done.id:
        done = await approve(life, real)
    read = [{one: done.shown["state"][one] for one in done.shown["wanted"]}, await last_read(life, incident)]
    if "take_back" in done.shown:
        targets.loses = True
        back = (await undo.undo(life.deps, done.id, cara)).proposal
        back = await approve(life, back)
        targets.loses = False
        assert (back.state, back.outcome[:5]) == (ProposalState.CARRIED_OUT, "Found" if name != "redeploy" else "Run 3")
        read.append(await last_read(life, incident))
    return read


async def last_read(life, incident):
    row = (await life.log(incident, LogKind.READ_BACK))[-1]
    assert row.payload["reached"]
    return row.payload["read"]


async def test_every_action_of_the_worked_catalogue_is_done_once_and_taken_back(db, clock, tmp_path):
    targets = Targets()
    adapters, entries = worked(tmp_path, targets, clock)
    life = Life(db, clock, adapters=adapters, entries=entries)
    incident = await life.opened(big())
    async with db.transaction() as tx:
        await evidence.add_all(tx, [samples.change("checkout", incident_id=incident.id)])

    told = {}
    for typed in STORIES:
        before = len(targets.changes)
        told[typed] = (await lived(life, incident, targets, typed), targets.changes[before:])

    assert told == STORIES
    used = {entries.get(typed.split()[0]).adapter for typed in STORIES}
    assert used == {*adapters} - {"silence"}
