"""What the customer is told: notices in the app and text messages, in both languages, never at night for reminders.

It decides wording, channel and hour; whether something is worth telling is decided by the room that calls it.
"""
