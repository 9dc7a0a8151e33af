"""`python -m services.reporting`: the service as a process, on `DVK_PORT`."""

from services.reporting.app import build_app
from shared.settings import Settings
from shared.telemetry.logs import configure_logs
from shared.web.running import serve


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = Settings.from_environment()
    configure_logs(settings.log_level, service="reporting")
    serve(build_app(settings), settings, settings.port)


if __name__ == "__main__":
    main()
