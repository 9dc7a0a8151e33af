"""The dashboard: pages rendered on the server, without scripts or other hosts."""
