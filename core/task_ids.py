"""Tasks carry the id of the request that sent them. `CoreConfig.ready` imports this module in every process."""

from typing import Any

from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun

from core.request_ids import WorkIds, current_request_id, set_ids

TASK_HEADER = "request_id"


@before_task_publish.connect
def send_request_id(headers: dict[str, Any] | None = None, **_kwargs) -> None:
    if headers is not None and (request_id := current_request_id()):
        headers[TASK_HEADER] = request_id


@task_prerun.connect
def take_ids(task_id: str = "", task: Any = None, **_kwargs) -> None:
    request_id = getattr(task.request, TASK_HEADER, None) or current_request_id()  # the latter: a task called directly
    set_ids(WorkIds(request_id=request_id, task_id=task_id or "", task=task.name))


@task_postrun.connect
def drop_ids(**_kwargs) -> None:
    set_ids(WorkIds())


@setup_logging.connect
def keep_logging(**_kwargs) -> None:
    """Workers log as the settings say: a receiver of this signal keeps Celery from replacing handlers and format."""
