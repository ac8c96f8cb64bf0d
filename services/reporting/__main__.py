from services.reporting.app import SERVICE
from shared.cli import build

build(SERVICE)()
