"""`python -m services.registry`: the service as a process, on `DVK_PORT` + 1."""

from shared.gc_control import gc_paused


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    with gc_paused():  # collecting garbage while importing would take a fifth of the start
        from services.registry.app import build_app  # noqa: PLC0415
        from shared.settings import Settings  # noqa: PLC0415
        from shared.telemetry.logs import configure_logs  # noqa: PLC0415
        from shared.web.server.process import serve  # noqa: PLC0415

        settings = Settings.from_environment()
        configure_logs(settings.log_level, service="registry")
        app = build_app(settings)
    serve(app, settings, settings.port + 1)


if __name__ == "__main__":
    main()
