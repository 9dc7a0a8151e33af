"""Evaluation's addresses: it is written to; what came of it, everybody reads from reporting."""

from collections.abc import Sequence

from fastapi import APIRouter

from shared.web.publishing.writing_service import WritingService


def evaluation_routers(parts: WritingService) -> Sequence[APIRouter]:
    """Return the routes of evaluation."""
    return parts.routers()
