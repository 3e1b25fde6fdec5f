"""Lending conventions in general: schedules and interest under any stated convention, exactly.

The platform's own products use `weidai.lending.rules`; this package computes what other contracts and other systems
state, so that their figures can be checked (`weidai vectors run`). Pure: no clock, no database, no floats.
"""
