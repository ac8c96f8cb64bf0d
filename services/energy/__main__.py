from services.energy.app import SERVICE
from shared.cli import build

build(SERVICE)()
