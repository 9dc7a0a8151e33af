"""`python -m services.evaluation`: the service as a process, on `DVK_PORT` + 2."""

from services.evaluation.app import build_app
from shared.settings import Settings
from shared.telemetry.logs import configure_logs
from shared.web.running import serve


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = Settings.from_environment()
    configure_logs(settings.log_level, service="evaluation")
    serve(build_app(settings), settings, settings.port + 2)


if __name__ == "__main__":
    main()
