"""Failures of model providers and of serving models oneself."""

from incident_copilot.analysis.signatures.signature import Sign, Signature

AI = (
    Signature(
        id="ai.provider_limit",
        kind="saturation",
        resource="quota",
        title="{service} runs into its model provider's limit of tokens or requests",
        mechanism="Prompts grew longer, retries multiply or traffic rose, until the provider refuses what goes beyond"
        " tokens or requests a minute.",
        signs=(
            Sign(
                0.7,
                says=r"tokens? per min|requests? per min|rate_limit_exceeded|rate limit reached for|insufficient_quota"
                r"|exceeded your current quota",
            ),
            Sign(0.2, metric="tokens"),
        ),
        next_check="Compare tokens a minute of {service} with its limit, by prompt and by caller.",
        confirm="The refusals follow the tokens a minute.",
        refute="The tokens are far below the limit.",
        precision=0.85,
        explains=("platform.quota",),
    ),
    Signature(
        id="ai.context_too_long",
        kind="defect",
        title="prompts of {service} are longer than the model takes",
        mechanism="A prompt, history or retrieved text outgrew the model's window, so that calls are refused or cut.",
        signs=(Sign(0.7, says=r"context.?length|maximum context|prompt is too long|too many tokens|max_tokens"),),
        next_check="Compare the length of prompts of {service} before and after, by part.",
        confirm="Shorter prompts succeed.",
        refute="Short prompts fail as well.",
        precision=0.85,
    ),
    Signature(
        id="ai.provider_overloaded",
        kind="dependency",
        title="the model provider of {service} is overloaded",
        mechanism="The provider sheds load or has an incident; calls fail or take long whatever is asked.",
        signs=(
            Sign(
                0.6,
                says=r"overloaded_error|model is (?:currently )?overloaded|\b529\b|engine is (?:currently )?overloaded",
            ),
            Sign(0.2, metric="provider error"),
        ),
        next_check="Read the provider's status page, and try another model or region.",
        confirm="Another provider or region answers the same calls.",
        refute="Only one key or model fails.",
        precision=0.8,
    ),
    Signature(
        id="ai.gpu_memory",
        kind="saturation",
        resource="GPU memory",
        title="{service} runs out of GPU memory",
        mechanism="Batches, sequences or models take more than the card holds, so that requests fail or wait for"
        " room in the cache.",
        signs=(
            Sign(
                0.7, says=r"cuda(?: error:)? out of memory|kv.?cache.{0,40}(?:full|insufficient|no (?:free|available))"
            ),
            Sign(0.4, metric="gpu memory", moves="full"),
            Sign(0.4, metric="kv cache usage", moves="full"),
            Sign(0.2, metric="requests waiting"),
        ),
        next_check="Compare batch size and sequence lengths of {service} with the day before.",
        confirm="Smaller batches succeed.",
        refute="Memory is free on the card.",
        precision=0.85,
    ),
    Signature(
        id="ai.gpu_fault",
        kind="infrastructure",
        title="a GPU below {service} is faulty",
        mechanism="The card or its link reports errors, so that kernels fail until the process runs elsewhere.",
        signs=(
            Sign(
                0.7,
                says=r"\bxid\b.{0,20}\d+|nvlink error|nccl (?:error|watchdog|timeout)|fell off the bus",
            ),
        ),
        next_check="Drain the node with that card, and compare.",
        confirm="Only replicas on that card fail.",
        refute="All replicas fail.",
        precision=0.85,
    ),
    Signature(
        id="ai.model_missing",
        kind="configuration",
        title="{service} asks for a model that is not served",
        mechanism="The model was retired, renamed or not loaded, or the key may not use it.",
        signs=(
            Sign(
                0.7, says=r"model_not_found|model .{1,60} (?:does not exist|not found|is deprecated|has been retired)"
            ),
        ),
        next_check="List the models that the provider or server of {service} offers now.",
        confirm="The model is not in the list.",
        refute="It is, and others fail too.",
        precision=0.9,
    ),
    Signature(
        id="ai.bad_output",
        kind="defect",
        title="{service} cannot use what the model answers",
        mechanism="A new prompt, model version or schema changed the form of answers, so that reading them fails.",
        signs=(
            Sign(
                0.6,
                says=r"(?:invalid|malformed|unparseable) (?:json|tool call|function call|response) from (?:the )?model",
            ),
            Sign(
                0.5,
                says=r"output (?:parser|parsing|validation) (?:error|exception|failed)|failed to parse (?:llm|model)",
            ),
            Sign(0.3, says=r"content.?filter|safety.{0,20}block"),
        ),
        next_check="Compare answers of {service} before and after, with prompt and model version.",
        confirm="The former prompt or model version gives answers that can be read.",
        refute="Answers have the same form as before.",
        precision=0.75,
    ),
    Signature(
        id="ai.retrieval",
        kind="dependency",
        title="retrieval for {service} is slow, empty or out of date",
        mechanism="The vector index does not answer, was built anew with another embedding, or is not filled, so that"
        " prompts lack their context.",
        signs=(
            Sign(
                0.6,
                says=r"(?:vector|embedding).{0,40}(?:timeout|unavailable|dimension|mismatch|fail)|index .{0,40}missing"
                r"|0 documents retrieved",
            ),
            Sign(0.3, metric="retrieval"),
        ),
        next_check="Ask the index of {service} for a document that must be there.",
        confirm="It is not found, or the dimensions differ.",
        refute="It is found at once.",
        precision=0.7,
    ),
)
