"""Is the person who acts the owner of the account: one-time codes, sessions and the payment password (R6.1, R8.4).

It knows no name and no loan; a wrong guess is counted even when everything around it is rolled back.
"""
