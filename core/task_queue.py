"""Sending Celery tasks by name, so that a service does not import the task module that imports the service."""

from celery import current_app
from kombu.exceptions import OperationalError as BrokerLost
from redis.exceptions import RedisError


def enqueue(task_name: str, *args: int) -> bool:
    """Send a task to the broker. Returns False if the broker is unavailable; a periodic task sends it again later."""
    try:
        current_app.send_task(task_name, args)
    except (BrokerLost, RedisError, OSError):
        return False
    return True
