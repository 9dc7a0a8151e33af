"""What every service stands on: the contract as code, the log, the bus, read models, the web."""
