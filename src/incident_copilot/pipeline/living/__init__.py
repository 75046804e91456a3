"""The life of a postmortem after it was written: people edit it, it is computed anew, reviewed and published.

plain       a section as text that people edit, and read back into lines with their sources
three_way   what people changed and what was computed anew, put together line by line
compose     the document: each section as computed, with what people wrote in it
blameless   sentences that blame somebody, and how to say it otherwise
edit        somebody changes a section; who comes second is told and loses nothing
as_file     the whole as a Markdown file, out and back in
states      draft, in review, published: who owns it, who approved what
missing     what is still to be done before it is published
due         reminders of the immediate tasks, and of the review
published   what happens once it is published
"""
