"""The foreign city as small servers on 127.0.0.1: SIMPEG, e-office, and a mail sink. For demo and tests only.

Each runs as `python -m deploy.embedded.fakes.<name>`, is configured by environment variables, answers the shapes of
the real system, refuses what it refuses, and can be told to be slow, down or wrong (`POST /_fake/faults`).
"""
