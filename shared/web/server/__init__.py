"""An HTTP service as a process: application, connection limits, allowed hosts, headers, health."""
