"""The life of an incident, one step a file. READ FIRST.

receive           a webhook is stored, with its alerts and the job that looks at them, before it is answered
correlate         each alert refreshes, joins or opens an incident, or goes to the digest; and says why
  muting          what another alert mutes, or people, opens nothing until that is over
  matching        the running incident an alert belongs to, and why; merging where people decide it (grouping: rules)
  noise           what opens nothing, counted; history: how an alert's incidents turned out
  triage          severity from a score sheet that people can read
  prioritise      in which order people should look
  opening         number, channel or thread (housing), card, the on-call person called once
gather_context    all context sources at once, a deadline each; what fails is a visible gap
  investigate     onset, changes, logs and metrics weighed into causes; the brief, without any model
  picture         the chart of the alerting metric
  suggest         rollback, runbook steps and updates as proposals (draft_comms, proposing)
decide            people vote; one decision a proposal, bound to what was shown
carry_out         what was approved goes through the outbox; its result is read back
  verify          the alerting metric says whether it helped (measure, measure_figures), or people (verify_by_people)
shadowing       suggestions that nobody sees, scored against what people did
automation      how far it goes for a service; people raise_level on its record (acceptance), lower_level
learn           what came of suggestions moves their rule, runbook or specialist up or down; forget: and back
remind            the secondary is called when nobody acknowledged; the hourly digest
monitor           AI systems are looked at (monitor_inputs, own_figures, baselines); what fires is an alert (ai_alerts)
watch             monitoring that falls silent is noticed by the alert that always fires
observe           messages, pins and reactions of the incident's channel become its timeline
regroup           people merge and split incidents; what they say counts for later alerts
channel_life      what becomes of channels: archived, shared, renamed; incidents move out and come back
declare           people open an incident, or join one that looks alike; below a bot's message it is offered (offering)
run               what people do: acknowledge, severity, status, promote, reopen, snooze; roles: who does what
note, tasks       what people put on the timeline and correct there; what they set out to do
call_in, linking  people brought in, incidents and pages linked; handover: a shift with all that belongs to it
resolve           a restoration check (restoration), then the end (ending)
comms             what people are told and when: texts, channels, corrections, the next update, contradictions
last_update       customers who were told of trouble are told that it is over
rate, stats     how useful people found it; all that is measured, computed in one place
cases           incidents that are over as files: exported, replayed, compared; decisions as training data
snapshots       evidence kept as it was at a moment, vouched for by the log
weekly          what comes back again and again, told once a week (noise_advice: what would be quieter)
review            the postmortem, from the log and the timeline

Steps run as jobs (wakeups names them): network first, then one transaction that commits the result, the effects it
causes and the next job together. `show` puts what people see into the outbox, `ledger` writes the action log, `people`
says who may do what and `seeing` what, `read` reads, `answer` answers questions of people and `recap` catches them up,
`answer_agents` answers agents of other people. Nothing here knows Slack or SQL.
"""
