"""Mandates: who deposits or publishes for whom, by which act; and the requests of those who have none."""
