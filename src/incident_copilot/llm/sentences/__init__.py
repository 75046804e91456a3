"""What a sentence claims and what evidence says, one question a file; `claims` asks them all.

A sentence is read as clauses and evidence as places (`places`), each with its words (`stems`), its figures (`figures`,
in `units`, in digits or `number_words`) and its clock times. Then: is each value there, or computed from what is there
(`derived`), and of the same system (`binding`)? As much of it (`extent`), caused so (`causes`), in that order
(`order`), more than the other (`comparing`), done by that one (`roles`), done already (`tense`), not denied
(`denying`), in that direction (`direction`, from `changes`)? All of it is words and arithmetic: nothing here
understands a sentence.
"""
