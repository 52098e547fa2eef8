"""Settings of Celery: queues, which task goes where, limits, the broker.

The state of work is in PostgreSQL: task results are not stored, and periodic tasks send lost messages again.
"""

from typing import Any

from kombu import Queue

PULSE, INTERACTIVE, MAIL, BATCH = "pulse", "interactive", "mail", "batch"
QUEUES = (PULSE, INTERACTIVE, MAIL, BATCH)
"""In the order in which a worker that serves several of them empties them."""

TASKS = {
    PULSE: (
        "matching.tasks.beat_pulse",
        "matching.tasks.sweep_runs",
        "rounds.tasks.sweep_papers",
        "rounds.tasks.sweep_plannings",
        "rounds.tasks.withdraw_ended_announcements",
        "achievements.tasks.sweep_sheet_imports",
        "portal.tasks.sweep_sheet_checks",
        "drafting.tasks.mark_lost",
    ),
    MAIL: (
        "notices.tasks.send_delivery",
        "notices.tasks.sweep_deliveries",
        "authentication.tasks.send_account_mail",
        "authentication.tasks.sweep_account_mails",
    ),
    BATCH: (
        "matching.tasks.prepare_run",
        "matching.tasks.match_chunk",
        "matching.tasks.forget_unused_indexes",
        "matching.tasks.read_candidates",
        "matching.tasks.refresh_similar",
        "matching.tasks.learn_from_decisions",
        "integrity.tasks.*",
        "subscriptions.tasks.*",
        "correspondence.tasks.send_monthly_letters",
        "mechanism.tasks.*",
    ),
}
"""Queue → its tasks. Every other task is `interactive`: somebody waits for it, or it is short."""

FIRST, LAST = 0, 6
"""Priorities inside a queue, of Redis: the lowest number comes first. Tasks have the first unless they stand here.

Not task_default_priority: Celery would give it to each task, and an own priority goes before that of its route.
"""
PRIORITIES = {"matching.tasks.match_chunk": LAST}

TIME_LIMITS = {PULSE: 60, INTERACTIVE: 15 * 60, MAIL: 5 * 60, BATCH: 15 * 60}
"""Seconds after which the process of a task is killed; its message then goes to another process."""
LONGER = {"matching.tasks.prepare_run": 60 * 60}
"""Limits of single tasks: the index of a million achievements takes minutes."""


def queue_settings(time_zone: str) -> dict[str, Any]:
    return {
        "CELERY_TASK_QUEUES": tuple(Queue(name, routing_key=name) for name in QUEUES),
        "CELERY_TASK_DEFAULT_QUEUE": INTERACTIVE,
        "CELERY_TASK_ROUTES": routes(),
        "CELERY_TASK_ANNOTATIONS": limits(),
        "CELERY_TASK_IGNORE_RESULT": True,
        "CELERY_TASK_ACKS_LATE": True,
        "CELERY_TASK_REJECT_ON_WORKER_LOST": True,
        "CELERY_TASK_TIME_LIMIT": max(TIME_LIMITS.values()),
        "CELERY_BROKER_TRANSPORT_OPTIONS": {
            "visibility_timeout": 70 * 60,  # longer than the time limit, so that a running task is not delivered again
            "queue_order_strategy": "priority",  # else the queues of a worker take turns
            "priority_steps": [FIRST, LAST],
            "socket_timeout": 5,
            "socket_connect_timeout": 2,
            "max_retries": 1,
        },
        "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
        "CELERY_BROKER_CONNECTION_TIMEOUT": 2,
        "CELERY_TASK_PUBLISH_RETRY": False,  # a web request does not wait for an unavailable broker
        "CELERY_WORKER_PREFETCH_MULTIPLIER": 1,
        "CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT": 10,
        "CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS": True,
        "CELERY_BEAT_SCHEDULER": "dalian_techtransfer.beat_scheduler:SteadyScheduler",
        "CELERY_TIMEZONE": time_zone,
    }


def routes() -> dict[str, dict[str, Any]]:
    """Task → queue, and its priority there."""
    return {
        task: {"queue": queue, "priority": PRIORITIES.get(task, FIRST)}
        for queue, tasks in TASKS.items()
        for task in tasks
    }


def limits() -> dict[str, dict[str, int]]:
    """Task → its time limit. Celery knows patterns for routes only, so that patterns keep the general limit."""
    return {
        task: {"time_limit": LONGER.get(task, TIME_LIMITS[queue])}
        for queue, tasks in TASKS.items()
        for task in tasks
        if "*" not in task
    }
