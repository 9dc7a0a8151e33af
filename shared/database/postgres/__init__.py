"""What both need of PostgreSQL: the engine, arrays, binary COPY."""
