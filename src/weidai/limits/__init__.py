"""How much may be drawn: credit lines, holds, bands and every change of a limit (R5)."""
