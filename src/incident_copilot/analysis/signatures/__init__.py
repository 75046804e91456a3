"""What common failures look like, as data: which symptoms tell of which cause, and what would settle it.

One file a field. Each is general knowledge of the field and names nobody's systems. `matching` reads them.
"""

from incident_copilot.analysis.signatures.ai import AI
from incident_copilot.analysis.signatures.database import DATABASE
from incident_copilot.analysis.signatures.kubernetes import KUBERNETES
from incident_copilot.analysis.signatures.network import NETWORK
from incident_copilot.analysis.signatures.platform import PLATFORM
from incident_copilot.analysis.signatures.signature import Sign, Signature

SIGNATURES: tuple[Signature, ...] = (*DATABASE, *KUBERNETES, *NETWORK, *PLATFORM, *AI)

__all__ = ["SIGNATURES", "Sign", "Signature"]
