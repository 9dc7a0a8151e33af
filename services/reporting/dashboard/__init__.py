"""The dashboard: pages made on the server, readable without JavaScript and without any other host."""
