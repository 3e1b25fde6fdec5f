"""Whole populations: the indicators' definitions over tables, and the engines that run them (R2.3, R2.5, R10.4, R10.7)."""
