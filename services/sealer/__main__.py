"""`python -m services.sealer`: the sealer as a process; it listens on no address."""

from shared.gc_control import gc_paused


def main() -> None:
    """Seal until SIGTERM or SIGINT."""
    with gc_paused():  # as in the other services
        from services.sealer.app import run  # noqa: PLC0415
        from shared.settings import Settings  # noqa: PLC0415
        from shared.telemetry.logs import configure_logs  # noqa: PLC0415

        settings = Settings.from_environment()
        configure_logs(settings.log_level, service="sealer")
    run(settings)


if __name__ == "__main__":
    main()
