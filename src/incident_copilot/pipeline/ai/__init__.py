"""AI systems: what they tell of themselves is taken in, scored and summed up; their gates, evaluations and report.

arriving      interactions are redacted before anything is kept of them
scored        evaluators look at each; figures sum them up for the monitors
summing_up    the figures of some interactions
judge         a model looks at a few beside the heuristics, where people want it
first_seen    when findings in single requests began
mended        what fires is well again by what was told lately
gates         what the monitors say now, as a gate that passes or fails
offline       the cases of an evaluation set asked, scored and compared with the last time (evaluation_sets)
health        how systems did over a day, a week, a month; on a page (health_html), posted when due (reporting)
"""
