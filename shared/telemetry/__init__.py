"""Telemetry for operators: metrics for Prometheus, and logs as JSON."""
