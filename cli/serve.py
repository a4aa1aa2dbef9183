"""`leadrank serve`: scores over HTTP and the ranked list as a page."""

from __future__ import annotations

from typing import Annotated

import typer


def serve(
    host: Annotated[
        str,
        typer.Option(help="The address to listen on; one that other machines reach needs LEADRANK_ALLOWED_HOSTS."),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes a free one.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many server processes answer.")] = 1,
) -> None:
    """Serve scores over HTTP, and the ranked list as a page."""
    from service.server import listen, run
    from service.settings import Settings

    with listen(host, port, allowed_hosts=Settings.of_environment().allowed_hosts) as door:
        typer.echo(f"The ranked list: {door.address}  (Ctrl+C stops)")
        run(door, workers=workers)
