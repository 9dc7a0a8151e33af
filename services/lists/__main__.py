"""`python -m services.lists`: the list desk as a process, on `DVK_PORT` + 3."""

from shared.gc_control import gc_paused


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    with gc_paused():  # a fifth of the start would go into looking for garbage among modules
        from services.lists.app import build_app  # noqa: PLC0415
        from shared.settings import Settings  # noqa: PLC0415
        from shared.telemetry.logs import configure_logs  # noqa: PLC0415
        from shared.web.server.process import serve  # noqa: PLC0415

        settings = Settings.from_environment()
        configure_logs(settings.log_level, service="lists")
        app = build_app(settings)
    serve(app, settings, settings.port + 3)


if __name__ == "__main__":
    main()
