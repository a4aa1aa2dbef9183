"""`leadrank`: puts the commands together and turns every error in words into one line and an exit code."""

from __future__ import annotations

import os
import sys

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before numpy: spinning threads cost seconds on a busy machine
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import typer

from cli import (
    backtest,
    database,
    demo,
    evaluate,
    export,
    handover,
    keys,
    load,
    models,
    rescore,
    retrain,
    sample,
    score,
    sellers,
    serve,
    train,
    users,
)
from scoring.errors import LeadrankError

app = typer.Typer(
    name="leadrank",
    help="Learn from your own history which leads become buyers, and rank the new ones with reasons.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)
app.command("demo")(demo.demo)
app.command("sample")(sample.sample)
app.command("train")(train.train)
app.command("evaluate")(evaluate.evaluate)
app.command("backtest")(backtest.backtest)
app.add_typer(models.app, name="models")
app.command("score")(score.score)
app.command("serve")(serve.serve)
app.command("load")(load.load)
app.command("export")(export.export)
app.command("retrain")(retrain.retrain)
app.command("rescore")(rescore.rescore)
app.command("verify")(rescore.verify)
app.command("handover")(handover.handover)
app.add_typer(sellers.app, name="sellers")
app.add_typer(keys.app, name="keys")
app.add_typer(users.app, name="users")
app.add_typer(database.app, name="db")


def main() -> None:
    """Run the command line; errors in words end with their own exit code, without a traceback."""
    try:
        app()
    except LeadrankError as error:
        print(f"leadrank: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
