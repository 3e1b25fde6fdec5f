"""What can be heard in a recording of spoken digits: whose voice, and which digits (R1.8). Knows no customer and keeps nothing.

`judge` decides by arithmetic alone; `engine` listens (in a process of its own) and `process` keeps that process.
An added step only: the embedded engine gives demo assurance, and no rate of error on people can be stated for it (IDENTITY §3).
"""
