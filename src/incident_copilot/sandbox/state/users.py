"""The people and bots of a workspace."""

from collections.abc import Sequence
from dataclasses import dataclass

from incident_copilot.sandbox.wire import Json

TEAM_ID = "T0SANDBOX"
APP_ID = "A0COPILOT"
BOT_ID = "B0COPILOT"
BOT_USER_ID = "U0COPILOT"


@dataclass(slots=True)
class User:
    """A person, or the user of a bot; guests see only the channels they were invited to.

    `app_id` and `bot_id` are those of a bot.
    """

    id: str
    name: str
    real_name: str
    title: str
    role: str
    color: str
    is_bot: bool = False
    is_guest: bool = False
    deleted: bool = False
    tz: str = "Europe/Berlin"
    app_id: str = APP_ID
    bot_id: str = BOT_ID

    @property
    def email(self) -> str:
        return f"{self.name}@sandbox.example"

    def wire(self) -> Json:
        """The object of `users.info`."""
        profile: Json = {
            "title": self.title,
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": self.name,
            "display_name_normalized": self.name,
            "status_text": "",
            "status_emoji": "",
            "team": TEAM_ID,
        }
        profile |= {"api_app_id": self.app_id, "bot_id": self.bot_id} if self.is_bot else {"email": self.email}
        return {
            "id": self.id,
            "team_id": TEAM_ID,
            "name": self.name,
            "deleted": self.deleted,
            "color": self.color.lstrip("#"),
            "real_name": self.real_name,
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": 0,
            "profile": profile,
            "is_admin": False,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": self.is_guest,
            "is_ultra_restricted": False,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": 1_700_000_000,
        }


def bot_user(name: str) -> User:
    return User(BOT_USER_ID, name, name, "Bot", "bot", "#4a154b", is_bot=True)


def other_bot(name: str) -> User:
    """The user of an app that is not the one under test."""
    mark = "".join(letter for letter in name.upper() if letter.isalnum())
    return User(f"U0{mark}", name, name, "Bot", "bot", "#5c6bc0", is_bot=True, app_id=f"A0{mark}", bot_id=f"B0{mark}")


def default_people() -> Sequence[User]:
    """One person for each role that the copilot tells apart."""
    return [
        User("U0ANA", "ana", "Ana Alvarez", "Site Reliability Engineer", "on-call", "#1d7a8c"),
        User("U0BEN", "ben", "Ben Baker", "Incident Commander", "commander", "#b3541e"),
        User("U0CARA", "cara", "Cara Chen", "Communications Lead", "comms lead", "#7d3c98"),
        User("U0DEV", "dev", "Dev Desai", "Payments Engineer", "responder", "#2e7d32"),
        User("U0SAM", "sam", "Sam Sato", "Secondary On-call", "responder", "#00695c"),
        User("U0VIC", "vic", "Vic Varga", "Product Manager", "viewer", "#546e7a"),
        User("U0GUS", "gus", "Gus Grant", "Contractor", "guest", "#8d6e63", is_guest=True),
    ]
