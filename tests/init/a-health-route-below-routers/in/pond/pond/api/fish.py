"""The fish."""

from fastapi import APIRouter

router = APIRouter()


@router.get("/{name}/health")
def fish(name: str):
    return {"name": name}
