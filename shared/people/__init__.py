"""People: accounts, sessions and roles of officers, in a database that holds no facts."""
