"""Files people send: what may come in, how long it stays, who looked at it, and that it is really gone (R9.6, R8.5).

A file is cleaned before it is kept, kept sealed, and opened only with a reason; it knows nothing of what a file means.
"""
