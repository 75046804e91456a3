"""What people are told, and when: drafts, publishing, corrections, promises of the next update, contradictions.

texts        templates for each audience, from what is known
as_of        what a draft was true of, and what has changed since
wording      a model words a draft; what no evidence supports is marked
outlets      where an audience is told
publishing   an approved update goes out everywhere, and what came of it
rehearsing   try a channel without telling anybody
amending     correct and retract what was published
promised     the next update is due: who sends it is reminded
contradicted the status page says one thing, the alerts another
stale        an incident that nobody has touched for long
"""
