"""How it is."""

from fastapi import APIRouter

router = APIRouter()


@router.get("/health")
def health():
    return {"pond": "well"}
