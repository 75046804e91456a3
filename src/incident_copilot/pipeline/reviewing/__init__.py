"""The parts of a postmortem, each computed from the record of an incident.

record         everything that is held about the incident, read at one moment; sources of lines are made here
words          log rows and messages as sentences
times          durations, against their targets
story          the timeline, merged from log, timeline and evidence
sections       summary, impact, detection, communications, people
harm           the impact in numbers: requests, users, error budget, money
trigger        what set it off, and what else changed then
causes         what may have caused it, what speaks for and against it, what was ruled out
decisions      what was proposed and what became of it; effectiveness: how well that worked, in numbers
lessons        what went well and badly; rules over computed facts only; luck: what helped unasked
learnt         lessons from cause and response, and what is still open
of_ai          what an incident of an AI system asks beside the usual
ai_phases      what the five phases of looking into it say to that
follow_ups     the action items that follow, tasks that were left among them
exhibits       what stands behind each source
pictures       the alerting metrics, the alerts and the timeline as charts
"""
