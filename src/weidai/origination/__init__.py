"""From an application to an offer: three stages, reasons, appeals (R3.4, R4)."""
