"""``python -m tests.faults.bells ringer|hearer …``: the product's own command line for the two services."""

import os
import sys

from shared.cli import build
from tests.faults.bells import losing
from tests.faults.bells.services import SERVICES

broker = os.environ.get("LUWES_BROKER_URL", "")
if broker.startswith(losing.SCHEME):
    losing.know_all_queues(broker)
build(SERVICES[sys.argv.pop(1)])()
