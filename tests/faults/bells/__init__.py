"""Two small services whose effects can be counted: one rings bells, the other hears them and echoes."""
