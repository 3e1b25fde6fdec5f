"""What can be seen in a few camera frames: faces, how a head moves, whether two faces are alike (R1.5). Knows no customer.

`judge` decides by arithmetic alone; `engine` looks (dlib, in a process of its own) and `process` keeps that process.
Embedded models give demo assurance: no rate of false acceptance can be stated for them (IDENTITY.md §2).
"""
