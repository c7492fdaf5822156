"""The web server: gunicorn with gevent, because every open page keeps a WebSocket."""

# ruff: noqa: E402 - sockets, locks and TLS must be gevent's before anything else holds on to the real ones
from gevent import monkey

monkey.patch_all()

import os
import resource
from typing import Any

from app.config import Settings
from app.live import gunicorn_worker
from app.web import logs

_settings = Settings.from_environ(os.environ)
_address = f"[{_settings.host}]" if ":" in _settings.host else _settings.host

bind = f"{_address}:{_settings.port}"
workers = _settings.web_workers
worker_class = "gevent"
# Open pages plus requests; a greenlet each, so the number is a fuse and not a budget.
worker_connections = 2000
backlog = 512
# A worker whose loop stands still this long is hung, and replaced.
timeout = 60
# Also how long a client may take over its request's head.
keepalive = 15
# Nothing a page asks for takes longer; what does is a job, and survives.
graceful_timeout = 3
# Heartbeat files on a busy disk would stall the loop.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - made by mkstemp in there

limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190
# Whom to believe about the client's address and scheme is decided in one place, the app's DARKROOM_PROXY_HOPS.
forwarded_allow_ips = ""
# The control socket would lie in the user's home folder, shared by every gunicorn there.
control_socket_disable = True

accesslog = None
errorlog = "-"
loglevel = _settings.log_level.lower()
proc_name = "darkroom-web"


def on_starting(server: Any) -> None:
    logs.configure(_settings)
    # The usual soft limit of 1024 open files is for programs that use select(); we do not.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def post_worker_init(worker: Any) -> None:
    gunicorn_worker.current = worker
