"""A local stand-in for a Slack workspace: for the demo, for drills and for the tests."""

from incident_copilot.sandbox.delivery.ack import Ack
from incident_copilot.sandbox.faults import EventFaults, Fault
from incident_copilot.sandbox.hooks import Mount, SandboxHooks
from incident_copilot.sandbox.ledger import Effect, Refusal
from incident_copilot.sandbox.people.person import Person
from incident_copilot.sandbox.sandbox import Sandbox
from incident_copilot.sandbox.state.channels import Channel
from incident_copilot.sandbox.state.messages import Message
from incident_copilot.sandbox.state.users import User
from incident_copilot.sandbox.state.views import View
from incident_copilot.sandbox.state.workspace import ChannelSpec
from incident_copilot.sandbox.timing import Timing
from incident_copilot.sandbox.wire import Refused

__all__ = [
    "Ack",
    "Channel",
    "ChannelSpec",
    "Effect",
    "EventFaults",
    "Fault",
    "Message",
    "Mount",
    "Person",
    "Refusal",
    "Refused",
    "Sandbox",
    "SandboxHooks",
    "Timing",
    "User",
    "View",
]
