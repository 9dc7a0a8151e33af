"""PostgreSQL for the log and the read models: engine, arrays, binary COPY."""
