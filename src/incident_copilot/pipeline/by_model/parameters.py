"""What the tools of specialists take: labels, names that exist, words of a list; nothing else, and nothing besides.

The form of a look names the values that there are; whatever comes is checked once more where it is used.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_MESSAGES = 20

# Not \d: llama.cpp's grammars know no escapes, and would take any text.
Label = Annotated[str, Field(pattern="^E[0-9]{1,3}$", description="the label of a piece of evidence, such as E4")]
Name = Annotated[str, Field(min_length=1, max_length=100, description="a name from the facts")]
Words = Annotated[str, Field(min_length=2, max_length=80, pattern=r"^[\w .,:/-]+$", description="a few words")]


class Parameters(BaseModel):
    """Nothing but what a tool states."""

    model_config = ConfigDict(extra="forbid")


class ReadMetric(Parameters):
    """A metric, whole or before or since the beginning of the trouble."""

    metric: Label
    window: Literal["whole", "before", "since"] = "whole"


class SearchLogs(Parameters):
    """A log, by the number of one of its messages; 0 lists the messages that changed."""

    log: Label
    message: int = Field(default=0, ge=0, le=MOST_MESSAGES)


class OfService(Parameters):
    """A service."""

    service: Name


class ReadEvidence(Parameters):
    """Any evidence of the specialist's kinds."""

    evidence: Label


class Asked(Parameters):
    """What is searched for."""

    words: Words


Window = Literal[
    "around the beginning", "last 15 minutes", "the hour before", "same hour yesterday", "same hour last week"
]


class AskSource(Parameters):
    """A source of evidence, what it is asked about, and of when."""

    source: Name
    service: Name
    window: Window = "around the beginning"


class OfMetric(Parameters):
    """A metric."""

    metric: Label


class OfDataset(Parameters):
    """A dataset, feature or index."""

    dataset: Name


class OfProvider(Parameters):
    """A provider that has a status page."""

    provider: Name


class OfLabel(Parameters):
    """What requests are told apart by, such as version or language."""

    label: Name


DataAbout = Literal["data", "features", "retrieval"]
VersionsOf = Literal["model", "prompt", "flag", "configuration", "dataset"]
ChangeKind = Literal["deploy", "release", "rollout", "run", "merge", "flag", "configuration"]
UsageOf = Literal["cost", "tokens", "performance", "provider"]


class OfData(Parameters):
    """What monitors say of the data itself, of features, or of what is retrieved."""

    about: DataAbout


class OfVersions(Parameters):
    """Versions of one kind."""

    kind: VersionsOf


class OfChanges(Parameters):
    """Changes of one kind."""

    kind: ChangeKind


class OfUsage(Parameters):
    """Figures of one kind."""

    about: UsageOf


class OfEvaluation(Parameters):
    """An evaluation set, by the name of its figure."""

    evaluation: Name
