"""The parts of a postmortem, each computed from the record of an incident.

record      everything that is held about the incident, read at one moment; sources of lines are made here
words       log rows and messages as sentences
times       durations, against their targets
story       the timeline, merged from log, timeline and evidence
sections    summary, impact, detection, communications, people
causes      what may have caused it, what speaks for and against it, what was ruled out
decisions   what was proposed and what became of it
lessons     what went well and badly; rules over computed facts only
follow_ups  the action items that follow
exhibits    what stands behind each source
pictures    the alerting metrics and the timeline as charts
"""
