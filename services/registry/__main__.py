"""`python -m services.registry`: the service as a process, on `DVK_PORT` + 1."""

from services.registry.app import build_app
from shared.settings import Settings
from shared.telemetry.logs import configure_logs
from shared.web.running import serve


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = Settings.from_environment()
    configure_logs(settings.log_level, service="registry")
    serve(build_app(settings), settings, settings.port + 1)


if __name__ == "__main__":
    main()
