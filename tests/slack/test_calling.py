"""Who is on call and calling more people, typed by people."""


async def typed(copilot, text, who="ana"):
    person = copilot.sandbox.person(who)
    before = len(person.ephemerals("#general"))
    await person.command("/incident", text, channel="#general")
    return [message.text for message in person.ephemerals("#general")[before:]]


async def test_who_is_on_call_is_said_and_nobody_called_where_there_is_nobody(copilot):
    await copilot.open()

    [teams] = await typed(copilot, "oncall")
    [refused] = await typed(copilot, "escalate the database is slow")

    assert teams == "catalog.yaml names no team."
    assert refused == "Nobody is on call for it in catalog.yaml. Name somebody: /incident page @person."


async def test_all_that_goes_out_is_paused_and_let_go_by_command(copilot):
    [refused] = await typed(copilot, "pause")
    [paused] = await typed(copilot, "pause a wrong rollout", who="ben")
    [resumed] = await typed(copilot, "resume", who="ben")

    assert refused.startswith("To pause what goes out you need the role commander")
    assert paused.startswith("Paused: no action, page, e-mail or customer update goes out.")
    assert resumed == "What was held back goes out now."
