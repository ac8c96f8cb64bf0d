"""gunicorn for one service: threads for requests that wait on the database, few processes for little memory."""

import ctypes
import os
import signal
import sys

bind = os.environ.get("LUWES_BIND", "0.0.0.0:8000")
workers = int(os.environ.get("LUWES_WEB_WORKERS", "2"))
threads = int(os.environ.get("LUWES_WEB_THREADS", "4"))
worker_class = "gthread"
timeout = 60
graceful_timeout = 10
keepalive = 5
control_socket_disable = True  # signals do; the socket lies in the user's home, which a container has not
max_requests = 20_000  # a slow leak in any library never grows beyond this
max_requests_jitter = 2_000
accesslog = None  # each service logs what matters itself, without addresses of people's devices

PR_SET_PDEATHSIG = 1


def post_fork(_server: object, _worker: object) -> None:
    """Let workers die with a master that is killed: orphans would keep its port from the next one for ten seconds."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
