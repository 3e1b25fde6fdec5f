"""Double entry: decides what may be booked and is the only writer of balances.

One row is one balanced transfer; a journal groups the transfers of one business fact. Nothing is ever changed: a mistake
is undone by a reversing row. Account balances are a projection that can be rebuilt and compared at any time.
"""
