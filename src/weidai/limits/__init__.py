"""How much a customer may owe: credit lines, bands, reviews, holds, exposure (SPEC R5)."""
