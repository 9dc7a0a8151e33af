"""Code shared by all services: the contract, the log, the bus, read models, the web."""
