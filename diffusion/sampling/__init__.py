"""Schedules, denoisers, guidance, samplers and noise."""
