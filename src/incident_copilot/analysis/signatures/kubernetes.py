"""Failures of Kubernetes and the nodes below it."""

from incident_copilot.analysis.signatures.signature import Sign, Signature

KUBERNETES = (
    Signature(
        id="kubernetes.oom_killed",
        kind="saturation",
        resource="memory",
        title="containers of {service} are killed for their memory limit",
        mechanism="The container takes more memory than its limit allows and the kernel kills it; it restarts and the"
        " same happens again.",
        signs=(
            Sign(0.7, says=r"oom-?kill|exit code:? 137|memory cgroup out of memory|reason:? ?oom"),
            Sign(0.3, metric="memory", moves="full"),
            Sign(0.2, metric="restart"),
        ),
        next_check="Compare memory use with the limit of {service} over the last day, and what raised it.",
        confirm="Restarts stop when the limit is raised.",
        refute="The container ends with another exit code.",
        precision=0.85,
        explains=("kubernetes.crash_loop",),
    ),
    Signature(
        id="kubernetes.crash_loop",
        kind="defect",
        title="{service} crashes as it starts",
        mechanism="The process ends shortly after it starts, for want of a setting, a file or a dependency, or by a"
        " defect of the version; Kubernetes restarts it ever more slowly.",
        signs=(
            Sign(0.6, says=r"crashloopbackoff|back-?off restarting failed container"),
            Sign(0.2, metric="restart"),
            Sign(0.2, says=r"panic:|unhandled exception|exit code:? [12]\b"),
        ),
        next_check="Read the log of the container of {service} that ended before this one.",
        confirm="The last lines before the end name what is missing.",
        refute="The containers were killed from outside.",
        precision=0.6,
    ),
    Signature(
        id="kubernetes.image_pull",
        kind="configuration",
        title="the image of {service} cannot be pulled",
        mechanism="The tag does not exist, the registry does not answer, or its credentials are missing, so new pods"
        " do not start.",
        signs=(
            Sign(0.7, says=r"imagepullbackoff|errimagepull|failed to pull image|manifest unknown|pull access denied"),
            Sign(0.3, says=r"toomanyrequests.{0,60}pull rate"),
        ),
        next_check="Pull the image of {service} by hand, and see whether the tag exists.",
        confirm="The same pull fails from elsewhere.",
        refute="The image is there and pods start.",
        precision=0.9,
    ),
    Signature(
        id="kubernetes.unschedulable",
        kind="saturation",
        resource="cluster capacity",
        title="pods of {service} find no node",
        mechanism="No node has the CPU, memory, volume zone or label that the pods ask for, so they stay pending.",
        signs=(
            Sign(
                0.6, says=r"failedscheduling|\d+/\d+ nodes are available|insufficient (?:cpu|memory|pods)|unschedulable"
            ),
            Sign(0.2, says=r"didn't match|had (?:untolerated )?taints?|volume node affinity"),
            Sign(0.2, metric="pending"),
        ),
        next_check="Compare what the pods of {service} request with what the nodes have left.",
        confirm="A pod starts once a node is added or a request lowered.",
        refute="Pods are placed and fail afterwards.",
        precision=0.85,
    ),
    Signature(
        id="kubernetes.probe_fails",
        kind="configuration",
        title="{service} is restarted or taken out by its health probes",
        mechanism="The probe asks the wrong port or path, or waits too short a time for a slow answer, so that healthy"
        " or merely slow pods are taken out of service.",
        signs=(
            Sign(0.6, says=r"(?:liveness|readiness|startup) probe (?:failed|errored)"),
            Sign(0.2, says=r"killing container|will be restarted|not ready"),
        ),
        next_check="Call the probe's path of {service} by hand and time it.",
        confirm="The pod serves requests while the probe fails.",
        refute="The pod answers nobody.",
        precision=0.5,
    ),
    Signature(
        id="kubernetes.node_down",
        kind="infrastructure",
        title="a node below {service} is not ready",
        mechanism="The node lost its network, kubelet or power; its pods are unreachable until they start elsewhere.",
        signs=(
            Sign(0.6, says=r"node ?not ?ready|node .{1,60} (?:status is now: notready|is unreachable)|kubelet stopped"),
            Sign(0.4, says=r"taintmanagereviction|node\.kubernetes\.io/(?:unreachable|not-ready)"),
        ),
        next_check="See what else ran on that node, and its last events.",
        confirm="Everything on the node failed at once.",
        refute="Pods on other nodes fail as well.",
        precision=0.8,
    ),
    Signature(
        id="kubernetes.node_pressure",
        kind="saturation",
        resource="node",
        title="pods of {service} are evicted, because their node runs short",
        mechanism="The node is short of memory, disk or process ids and evicts pods to save itself.",
        signs=(
            Sign(0.6, says=r"\bevicted\b|evicting pod|(?:memory|disk|pid) ?pressure"),
            Sign(0.3, metric="eviction"),
        ),
        next_check="See what uses most of the node, and which pods have no limit.",
        confirm="Evictions stop when that is moved or limited.",
        refute="The pods were drained on purpose.",
        precision=0.8,
        explains=("kubernetes.crash_loop",),
    ),
    Signature(
        id="kubernetes.volume",
        kind="infrastructure",
        title="a volume of {service} cannot be attached or mounted",
        mechanism="The volume is still attached to another node, is gone, or its driver does not answer, so the pod"
        " waits.",
        signs=(Sign(0.7, says=r"failedmount|failedattachvolume|multi-attach error|unable to attach or mount volumes"),),
        next_check="See where the volume of {service} is attached now.",
        confirm="The pod starts once the volume is detached elsewhere.",
        refute="The volume is mounted and the pod fails.",
        precision=0.85,
    ),
    Signature(
        id="kubernetes.missing_config",
        kind="configuration",
        title="a config map or secret of {service} is missing",
        mechanism="The pod names a config map, secret or key that does not exist in its namespace, so the container is"
        " not created.",
        signs=(
            Sign(
                0.7,
                says=r"createcontainerconfigerror|(?:configmap|secret) \S+ not found"
                r"|couldn't find key .{1,80} in (?:configmap|secret)",
            ),
        ),
        next_check="Compare the names in the manifest of {service} with what the namespace holds.",
        confirm="The container starts once it exists.",
        refute="All that the pod names exists.",
        precision=0.9,
    ),
    Signature(
        id="kubernetes.forbidden",
        kind="configuration",
        title="{service} lacks rights in the cluster or is refused by an admission rule",
        mechanism="A role, service account, quota or admission policy was changed, so that requests are forbidden.",
        signs=(
            Sign(0.6, says=r"is forbidden:|admission webhook .{1,80} denied|exceeded quota|violates podsecurity"),
            Sign(0.3, says=r"failed calling webhook"),
        ),
        next_check="Try the same request as the service account of {service}.",
        confirm="It is forbidden by hand as well.",
        refute="It is allowed by hand.",
        precision=0.8,
    ),
    Signature(
        id="kubernetes.throttled",
        kind="saturation",
        resource="CPU",
        title="{service} is throttled by its CPU limit",
        mechanism="The container uses its share of each period and waits for the next, so every request takes longer"
        " while the node is idle.",
        signs=(Sign(0.5, metric="throttled"), Sign(0.4, says=r"cpu throttl|cputhrottlinghigh")),
        next_check="Compare the CPU use of {service} with its limit.",
        confirm="Latency falls when the limit is raised.",
        refute="Latency is as high in periods without throttling.",
        precision=0.6,
    ),
)
