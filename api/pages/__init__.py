"""The pages: server-rendered, without script if need be. `router` serves them all, `refusal` says no in the same dress."""

from fastapi import APIRouter

from api.pages import (
    about,
    actions,
    batches,
    blind,
    changes,
    citations,
    comments,
    erasures,
    evidence,
    overview,
    plans,
    reports,
    service_names,
    services,
    signals,
    silence,
    strategies,
    strategy,
    subscriptions,
    themes,
    topics,
    translations,
)
from api.pages.render import refusal

__all__ = ["refusal", "router"]

router = APIRouter(include_in_schema=False, lifespan=overview.prepared)
rooms = (
    overview,
    silence,
    service_names,
    services,
    themes,
    topics,
    strategy,
    strategies,
    evidence,
    plans,
    translations,
    comments,
    citations,
    changes,
    subscriptions,
)
for module in (*rooms, blind, signals, actions, reports, batches, erasures, about):
    router.include_router(module.router)
