"""Alerts of drills are placed apart: each in its own drill's incident, and never together with real ones."""

from incident_copilot.domain.drill import LABEL, SOURCE, Drill
from incident_copilot.domain.incident import OPENED_IT
from incident_copilot.pipeline import opening
from incident_copilot.pipeline.placing import Placing
from incident_copilot.store import drills
from incident_copilot.store.alerts import StoredAlert


async def place(placing: Placing, stored: StoredAlert) -> bool:
    """Put an alert of a drill into the drill's own incident, and into no other; False for any other alert."""
    if stored.alert.source != SOURCE or LABEL not in stored.alert.labels:
        return False
    tx, deps, alert = placing.tx, placing.deps, stored.alert
    drill = await drills.lock(tx, deps.workspace_id, alert.labels[LABEL])
    if drill is None or not drill.is_running:
        placing.put(stored)
    elif drill.incident_id is None:
        await _open(placing, stored, drill)
    else:
        incident = await placing.lock(drill.incident_id)
        placing.belongs(stored, incident, "part of the same drill")
        placing.note(stored, incident, "joined: part of the same drill")
        await placing.fires(incident, alert.name)
    return True


async def _open(placing: Placing, stored: StoredAlert, drill: Drill) -> None:
    tx, deps = placing.tx, placing.deps
    incident = await opening.open_from_alert(
        tx, deps, stored.alert, placing.sheet(stored.alert), actor="policy:drill", key=f"drill={drill.id}", drill=drill
    )
    await drills.save(tx, drill.model_copy(update={"incident_id": incident.id}))
    placing.changed(incident)
    placing.belongs(stored, incident, OPENED_IT)
    placing.note(stored, incident, "fires")
