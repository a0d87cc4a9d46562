"""The pages: server-rendered, without script if need be. `router` serves them all, `refusal` says no in the same dress."""

from fastapi import APIRouter

from api.pages import about, batches, blind, comments, overview, service_names, services, signals, strategy, themes
from api.pages.render import refusal

__all__ = ["refusal", "router"]

router = APIRouter(include_in_schema=False, lifespan=overview.prepared)
for module in (overview, service_names, services, themes, strategy, comments, blind, signals, batches, about):
    router.include_router(module.router)
