"""The thresholds of seed 003's runbook, as rules; targets that are missed are weak signals."""

from incident_copilot.domain.monitoring import Rule

DEFAULT_RULES: tuple[Rule, ...] = (
    Rule(name="ErrorsVeryHigh", expr="performance.error_rate > 5%", severity="critical"),
    Rule(name="ErrorsHigh", expr="performance.error_rate > 2%"),
    Rule(name="LatencyVeryHigh", expr="performance.latency_p95_s > 3000ms", severity="critical"),
    Rule(name="LatencyHigh", expr="performance.latency_p95_s > 1500ms"),
    Rule(name="ProviderDown", expr="provider.availability < 95%", severity="critical"),
    Rule(name="ProviderUnsteady", expr="provider.availability < 99.9%", severity="info", over_min=60),
    Rule(name="CacheHitsLow", expr="performance.cache_hit_rate < 70%"),
    Rule(name="CacheHitsBelowTarget", expr="performance.cache_hit_rate < 80%", severity="info", over_min=60),
    Rule(name="UtilisationHigh", expr="performance.utilisation > 80%", severity="info"),
    Rule(name="ThroughputLow", expr="performance.throughput_per_s < 20", severity="info"),
    Rule(name="TrafficUnusual", expr="unusual(performance.requests) > 4", severity="info", over_min=60),
    Rule(name="AccuracyBelowTarget", expr="quality.accuracy < 95%", severity="info", over_min=1440),
    Rule(name="SatisfactionLow", expr="quality.satisfaction < 4", severity="info", over_min=1440),
    Rule(name="ToxicityHigh", expr="safety.toxicity > 0.1%", over_min=1440),
    Rule(name="QualityScoreDown", expr="decrease(quality.score) > 5%", severity="info", over_min=1440),
    Rule(name="CostUp", expr="increase(cost.usd) > 20%", severity="info", over_min=1440),
)
