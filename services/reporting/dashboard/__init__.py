"""The dashboard: pages made on the server, readable without scripts and without another host."""
