"""AI systems: what they tell of themselves is taken in, scored and summed up; their gates, evaluations and report.

arriving      interactions are redacted before anything is kept of them
scored        evaluators look at each; figures sum them up for the monitors
summing_up    the figures of some interactions
gates         what the monitors say now, as a gate that passes or fails
"""
