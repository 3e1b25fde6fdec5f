"""Keys of personal data: one key per person under a numbered master key, and one look-up key per column (R9.6).

What is stored reads `v1|key id|nonce|ciphertext`. The key id names the person's data key, which is stored wrapped by the
master key (KEK); destroying a data key makes everything sealed with it unreadable for ever (ADR-0011).
"""
