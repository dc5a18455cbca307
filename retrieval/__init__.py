"""Answers a question from a news archive and cites a source for each sentence.

Nothing here depends on Telegram or a terminal. `assistant` is the entry: it searches (`search`)
what was indexed (`archive`) and answers (`answering`), if set up so with a model (`models`).
`evaluation` measures the result. Functions that need no I/O are pure: the same arguments
give the same result.
"""
