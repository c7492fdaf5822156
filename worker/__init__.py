"""The Celery side: an app, task modules that are doorways to services, and the beat's schedule.

Nothing in app/ imports this package; services ring by name (app/background.py).
"""
