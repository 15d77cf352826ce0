"""`call-scheduler serve`: its options. The libraries of the server are imported when it is run."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from scheduler.jobs import UsageError
from scheduler.options import refusals
from scheduler.server.limits import DEFAULT_LIMITS, Limits

LIBRARIES = frozenset({"litestar", "uvicorn", "h11", "sqlalchemy", "psycopg"})


def _bound(option: str, help: str) -> Any:
    return typer.Option(option, metavar="N", min=1, show_default=True, help=help)


Host = Annotated[
    str, typer.Option("--host", metavar="ADDRESS", help="Where to listen; beyond this machine only if you say so.")
]
AllowedHosts = Annotated[
    list[str] | None,
    typer.Option(
        "--allowed-host",
        metavar="NAME",
        help="A name to answer to beside localhost, such as that of a proxy; may be given again.",
    ),
]
Port = Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="0 takes a free one.")]
StoreName = Annotated[
    str, typer.Option("--store", metavar="PATH|URL", help="Where it is kept: a file, or postgresql://user@host/name.")
]
ClockKind = Annotated[
    str, typer.Option("--clock", metavar="real|T", help="The machine's clock, or one from T on that is moved by hand.")
]
Seed = Annotated[
    int, typer.Option("--seed", metavar="N", help="The luck of the outcomes in campaigns that are made from now on.")
]
CampaignFiles = Annotated[
    list[str] | None,
    typer.Option("--campaign", metavar="TOKEN=FILE", help="Make a campaign of a file, if it is not there yet."),
]
Numbers = Annotated[int, _bound("--numbers", "Numbers in a request.")]
BodyBytes = Annotated[int, _bound("--body-bytes", "Bytes of a request with numbers.")]
FormBytes = Annotated[int, _bound("--form-bytes", "Bytes of the body of any other request.")]
HorizonDays = Annotated[int, _bound("--horizon-days", "Days to look ahead, or to move the clock on, in a request.")]
Reported = Annotated[int, _bound("--reported", "Jobs or attempts of a report without pages.")]
Page = Annotated[int, _bound("--page", "The last page of a report, counted from 0.")]
PageSize = Annotated[int, _bound("--page-size", "Jobs or attempts of a page.")]
KeptBytes = Annotated[int, _bound("--kept-bytes", "Bytes of texts that are kept for the page.")]
KeptNumbers = Annotated[int, _bound("--kept-numbers", "Numbers in the previews that are kept for the page.")]
PreviewsKept = Annotated[int, _bound("--previews", "Previews that are kept for the page.")]
Runs = Annotated[int, _bound("--runs", "Previews that are worked on at a time.")]
ReceiveSeconds = Annotated[int, _bound("--receive-seconds", "How long a request may take to arrive.")]
ReceiveBytes = Annotated[int, _bound("--receive-bytes", "Bytes for which a request may take a second longer.")]
SendSeconds = Annotated[int, _bound("--send-seconds", "How long a client may take nothing of its answer.")]
StopSeconds = Annotated[int, _bound("--stop-seconds", "How long to wait for requests at the end.")]


def serve(
    host: Host = "127.0.0.1",
    allowed_host: AllowedHosts = None,
    port: Port = 8000,
    store: StoreName = "call-scheduler.sqlite",
    clock: ClockKind = "real",
    seed: Seed = 0,
    campaign: CampaignFiles = None,
    numbers: Numbers = DEFAULT_LIMITS.numbers,
    body_bytes: BodyBytes = DEFAULT_LIMITS.body_bytes,
    form_bytes: FormBytes = DEFAULT_LIMITS.form_bytes,
    horizon_days: HorizonDays = DEFAULT_LIMITS.horizon_days,
    reported: Reported = DEFAULT_LIMITS.reported,
    page: Page = DEFAULT_LIMITS.page,
    page_size: PageSize = DEFAULT_LIMITS.page_size,
    kept_bytes: KeptBytes = DEFAULT_LIMITS.kept_bytes,
    kept_numbers: KeptNumbers = DEFAULT_LIMITS.kept_numbers,
    previews: PreviewsKept = DEFAULT_LIMITS.previews,
    runs: Runs = DEFAULT_LIMITS.runs,
    receive_seconds: ReceiveSeconds = DEFAULT_LIMITS.receive_seconds,
    receive_bytes: ReceiveBytes = DEFAULT_LIMITS.receive_bytes,
    send_seconds: SendSeconds = DEFAULT_LIMITS.send_seconds,
    stop_seconds: StopSeconds = DEFAULT_LIMITS.stop_seconds,
) -> None:
    """Answer as the Calls API does, on the machine's clock or on one that is moved by hand."""
    limits = Limits(
        body_bytes=body_bytes,
        form_bytes=form_bytes,
        numbers=numbers,
        horizon_days=horizon_days,
        reported=reported,
        page=page,
        page_size=page_size,
        kept_bytes=kept_bytes,
        kept_numbers=kept_numbers,
        previews=previews,
        runs=runs,
        receive_seconds=receive_seconds,
        receive_bytes=receive_bytes,
        send_seconds=send_seconds,
        stop_seconds=stop_seconds,
    )
    try:
        from scheduler.server import serve as server  # noqa: PLC0415 - its libraries, for those who serve
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in LIBRARIES:
            raise
        raise UsageError(f"serve needs {library}; pip install 'call-scheduler[server]'") from None
    settings = server.Settings(
        host=host,
        port=port,
        store=store,
        clock=clock,
        seed=seed,
        campaigns=campaign or (),
        allowed_hosts=allowed_host or (),
        limits=limits,
    )
    with refusals():
        server.serve(settings)
