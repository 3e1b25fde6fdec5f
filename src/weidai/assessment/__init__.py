"""How creditworthy a customer is: six indicators, a score, a grade, each point explained (R2)."""
