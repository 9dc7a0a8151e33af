"""Evaluation's addresses: it is written to; what came of it, everybody reads from reporting."""

from collections.abc import Sequence

from fastapi import APIRouter

from shared.web.publishing.writing_service import Writing


def evaluation_routers(parts: Writing) -> Sequence[APIRouter]:
    """Return the routes of evaluation."""
    return parts.routers()
