"""Hypothesis judges what the code does, not how busy the machine is: pytest-timeout ends a test that hangs."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
