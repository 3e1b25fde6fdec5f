"""How creditworthy a customer is: indicators, credit report, score and grade (SPEC R2)."""
