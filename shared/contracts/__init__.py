"""What services tell each other: one file per producer, golden examples beside them."""
