"""The investigation by a model: who is asked, with which tools, how answers are checked, and what they come to.

specialists         what each knows, may read and answers with
phase_specialists   those of the five phases of looking into an AI system
material            the incident as they are given it: facts, labels, names that exist
choosing            which of them are asked, by typed fields alone
tools               what they may look at, read-only
sources             and what they may have context sources asked
phase_tools         those of the five phases: computed from what is held
parameters          what tools take
existing            and what there is of that in an incident
showing             how tools word what they show
offered             and what the operators' own servers offer besides
answering           the forms of looks and answers, with the labels that there are
turning             one step: a question, and either looks or an opinion
checking            what of an answer stands
weighing            what all opinions come to, beside the computed order
telling             what people are told of it
sparing             what of a question may be left out for want of room

All of it is code but the answers. Nothing here touches the brief, the buttons or the severity.
"""
