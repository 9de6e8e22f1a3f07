"""All that is answered."""

from fastapi import APIRouter

from . import fish, state

router = APIRouter(prefix="/v1")
router.include_router(fish.router, prefix="/fish")
router.include_router(state.router)
