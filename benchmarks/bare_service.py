"""The least that a service in FastAPI does: a route that parses, validates by pydantic and answers as many bytes."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.responses import Response

from service.wire import LeadsToScore, LeadToScore


def app() -> FastAPI:
    """The routes; their answers are those that leadrank gave, in a file whose name the environment holds."""
    answers = json.loads(Path(os.environ["BARE_ANSWERS"]).read_text(encoding="utf-8"))
    one, batch = answers["one"].encode(), answers["batch"].encode()
    found = FastAPI(openapi_url=None)

    @found.get("/livez")
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @found.post("/v1/score")
    async def score(_lead: LeadToScore) -> Response:
        return Response(one, media_type="application/json")

    @found.post("/v1/score/batch")
    async def score_batch(_leads: LeadsToScore) -> Response:
        return Response(batch, media_type="application/json")

    return found


if __name__ == "__main__":
    # As service.server runs leadrank.
    uvicorn.run(
        app(),
        port=int(sys.argv[1]),
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=2048,
    )
