"""Sites of Atlassian's cloud, as two plugins need them: an account and its API token.

API: https://developer.atlassian.com/cloud/confluence/basic-auth-for-rest-apis/
"""

from pydantic import Field

from incident_copilot.domain.base import Frozen
from incident_copilot.ports import PluginEnv
from incident_copilot.vendors.http import BaseUrl, VendorHttp
from incident_copilot.vendors.server import required, signed_in


class SiteOptions(Frozen):
    """The site, such as https://example.atlassian.net, and the mail address of the account of the token."""

    url: BaseUrl
    user: str = Field(min_length=3, max_length=200)
    deadline_s: float = Field(default=8, gt=0, le=60)


def connect(env: PluginEnv, options: SiteOptions, name: str, path: str) -> VendorHttp:
    """Return a product of the site, below a path, under the name people read. Raises ConfigError without a token."""
    required(env, name.lower(), f"the API token of {options.user}")
    headers = signed_in(env, options.user, None)
    return VendorHttp(env.http, name, f"{options.url}/{path}", options.deadline_s, headers)
