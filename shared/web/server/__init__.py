"""An HTTP service process: application, connection limits, allowed hosts, headers, health."""
