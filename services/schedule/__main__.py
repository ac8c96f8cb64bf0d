from services.schedule.app import SERVICE
from shared.cli import build

build(SERVICE)()
