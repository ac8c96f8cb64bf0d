"""gunicorn for one service: threads for requests that wait on the database, few processes for little memory."""

import os

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
