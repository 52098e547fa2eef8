"""Tasks are sent by name: a service does not import the module whose tasks call it."""

from celery import current_app
from kombu.exceptions import OperationalError as BrokerLost
from redis.exceptions import RedisError


def enqueue(task_name: str, *args: int) -> bool:
    """Send a task to the broker. False if the broker cannot be reached: a sweeper sends it again later."""
    try:
        current_app.send_task(task_name, args)
    except (BrokerLost, RedisError, OSError):
        return False
    return True
