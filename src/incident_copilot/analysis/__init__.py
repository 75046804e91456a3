"""Diagnosis without a model: from series, log lines and changes to ranked causes.

Read in this order: `onset` finds when it began, `ranking` says which series left their normal range then,
`logs` which messages are new, `changes` which change fits in time, place and text (with `topology`, `diffs`
and `words`), `readings` what each series did, `signatures` what common failures look like (found by `signs` and
`matching`), `calm` whether anything is wrong at all, and `hypotheses` weighs it all into causes with what speaks
for and against each: `explaining` tells a cause from what follows from it, `doubts` what it should show and does not,
`calibrating` how often one of such a weight is right.
Between them, `suspects` follows trouble along the call graph to the service where it began, and `oddness`
tells whether a metric's newest value is like anything seen before.
Beside it, `correlation` says how surely an alert belongs to an incident, and `monitoring` whether an AI system
has become worse.
Everything here is a pure function of its arguments; times are epoch seconds.
"""
