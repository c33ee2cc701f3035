"""The command line: what the press published on the national portal and on Resolution 68/NQ-CP, night after night."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import sqlite3
import sys
from contextlib import closing
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import duckdb
import typer
from rich.console import Console

from archive.index import ArchiveIndex, FileReport, indexed_files
from archive.manifest import archive_files
from archive.read import NotAWarc
from archive.workspace import WorkspaceError, hold, prepare
from config.errors import ConfigError
from config.load import PACKAGED, Config, load_config, write_editable
from config.schedule import Cut
from pipeline.cluster import ClusterError
from pipeline.evaluate.files import LabelError
from reports.period import Month, Period, parse_day, parse_month
from warehouse.database import WarehouseError
from warehouse.journal import JournalError
from warehouse.published import NotPublished, open_published
from warehouse.reviews import Item, NoSuchItem, decide
from warehouse.reviews import items as review_items

if TYPE_CHECKING:
    from reports.deliver import Delivery

DONE, WITH_FAILURES, NOTHING_DONE = 0, 1, 2

# The run's table needs 140 columns; where the terminal has fewer it scrolls or wraps, but no figure is cut.
out = Console(highlight=False, emoji=False, soft_wrap=True, width=max(140, Console().width))
err = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
evaluate = typer.Typer(no_args_is_help=True, help="Accuracy against labelled files in the format of shared/press.")
app.add_typer(evaluate, name="evaluate")
archive_app = typer.Typer(no_args_is_help=True, help="The WARC files: whether they are whole, and their index.")
app.add_typer(archive_app, name="archive")
outlets = typer.Typer(
    no_args_is_help=True, help="The registry of outlets: what is in it, what of it is alive, newcomers."
)
app.add_typer(outlets, name="outlets")
review = typer.Typer(
    no_args_is_help=True, help="What the rules can't decide or are unsure of, and what people decide about it."
)
app.add_typer(review, name="review")
missed_app = typer.Typer(
    no_args_is_help=True, help="Coverage that people found: why we had not counted it, and what that says of recall."
)
app.add_typer(missed_app, name="missed")

Data = Annotated[Path, typer.Option("--data", help="The workspace folder.", show_default=True)]
ConfigDir = Annotated[
    Path | None,
    typer.Option("--config", help="Folder of the configuration; otherwise DATA/config, else the packaged one."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object instead of tables.")]
Jobs = Annotated[int, typer.Option("--jobs", min=1, help="Processes to work with.")]


class Resolve(StrEnum):
    """What a person says of a mail of which nobody knows."""

    sent = "sent"
    resend = "resend"


DATA = Path("data")
CORES = os.cpu_count() or 1


@app.command()
def init(directory: Annotated[Path, typer.Argument(help="The workspace to make.")] = DATA) -> None:
    """Writes the editable configuration and an empty workspace. Files that exist already stay as they are."""
    prepare(directory)
    written = write_editable(directory / "config")
    for folder in ("archive", "journal", "outbox"):
        (directory / folder).mkdir(exist_ok=True)
    out.print(f"{directory}: {len(written)} configuration files written to {directory / 'config'}")
    out.print(
        f"Edit {directory / 'config' / 'crawl.yaml'} (contact) first, then run: diembao nightly --data {directory}"
    )


@app.command()
def nightly(
    data: Data = DATA,
    config: ConfigDir = None,
    replay: Annotated[
        Path | None,
        typer.Option(help="A WARC that stands in for the network; more may follow: one night each, in order."),
    ] = None,
    more: Annotated[list[Path] | None, typer.Argument(help="More WARCs for --replay.", metavar="[WARC]...")] = None,
    outlet: Annotated[list[str] | None, typer.Option(help="Only this outlet; may be given again.")] = None,
    jobs: Jobs = CORES,
    as_json: AsJson = False,
) -> None:
    """The main job: collects the press, reads it, loads it, publishes it.

    Without --replay it collects from the live outlets of the registry, back to the last good run (seven days at first).
    With --replay nothing is asked of the network: every answer comes from the file, and now is the file's latest date.

    Exit codes: 0 a good night; 1 done, with the failures that are listed; 2 nothing was done.
    """
    from schedules.ledger import now
    from schedules.nightly import NothingToDo
    from schedules.nightly import nightly as run_night
    from schedules.scheduler import note_night
    from schedules.show import night_json, print_night, watching

    if more and not replay:
        _stop("WARC files are given without --replay")
    settings = _config(config, data)
    _check_outlets(settings, outlet)
    warcs = [replay, *(more or [])] if replay else [None]
    nights, failures = [], []
    started = now()
    with hold(data, "diembao nightly"):
        for warc in warcs:
            try:
                with watching(err, f"night of {warc.name}" if warc else "live night") as watcher:
                    night = run_night(data, settings, warc, jobs, watcher, outlet or ())
            except (NotAWarc, NothingToDo) as error:
                failures.append(str(error))
                err.print(str(error), style="red", markup=False)
                continue
            nights.append(night)
            # A night in which nobody answered is ours to do again, not done.
            if not warc and not outlet and any(asked.reached for asked in night.outlets):
                code = WITH_FAILURES if night.problems else DONE
                note_night(data, settings.schedule, started, code, night.new_articles, night.run)
            if not as_json:
                print_night(out, night, data)
    if as_json:
        print(json.dumps(night_json(nights, failures), ensure_ascii=False, indent=1))
    if not nights:
        raise typer.Exit(NOTHING_DONE)
    if failures or any(night.problems for night in nights):
        raise typer.Exit(WITH_FAILURES)


@app.command()
def crawl(
    data: Data = DATA,
    config: ConfigDir = None,
    outlet: Annotated[
        list[str] | None,
        typer.Option(help="Only this outlet, also its sources that have failed for days; may be given again."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Collects from the live outlets into the archive, and no more; `process` reads it afterwards.

    Exit codes: 0 a good crawl; 1 done, with the alarms that are listed; 2 nothing was done.
    """
    from schedules.nightly import NothingToDo, collect
    from schedules.show import crawl_json, print_crawl, watching

    settings = _config(config, data)
    _check_outlets(settings, outlet)
    with hold(data, "diembao crawl"), watching(err, "live crawl") as watcher:
        try:
            collected = collect(data, settings, watcher, outlet or ())
        except NothingToDo as error:
            _stop(str(error))
    if as_json:
        print(json.dumps(crawl_json(collected), ensure_ascii=False, indent=1))
    else:
        print_crawl(out, collected)
    _finish([*collected.problems, *collected.alarms])


@app.command()
def backfill(
    outlet: Annotated[list[str], typer.Option(help="The outlet; may be given again.")],
    first: Annotated[str, typer.Option("--from", help="The first month, as 2020-11.")],
    last: Annotated[str, typer.Option("--to", help="The last month, as 2021-12.")],
    pages: Annotated[
        int | None,
        typer.Option(min=1, help="The most pages of an outlet in this run; otherwise pages_per_night of crawl.yaml."),
    ] = None,
    data: Data = DATA,
    config: ConfigDir = None,
    jobs: Jobs = CORES,
    as_json: AsJson = False,
) -> None:
    """Collects past months: the pages that an outlet's dated sitemaps list for them, oldest month first.

    diembao backfill --outlet tuoitre --outlet thanhnien --from 2020-11 --to 2021-12

    It has the nights' manners (robots.txt, one request at a time, delay_seconds apart) and takes a budget of pages a
    run, then reads, loads and publishes. Give the same command once a day, after the night, until it says that nothing
    is left: a page that is held, gone (404, 410) or failed in three runs is not asked for again, and a run that was
    killed is taken up where it was. The night itself never looks at these pages again.

    Sitemaps are followed from those in the outlet's file (verified or not) and in robots.txt to the ones whose
    addresses carry the month: sitemaps-2021-7-1-5.xml, news-2021-7.xml, /2021/07/. Known to have them: tuoitre,
    thanhnien, vietnamplus, sggp, vtv.

    Its articles are marked collection = 'backfill', and reports say "số liệu hồi cứu". `backfill_months` has, for each
    month, what the sitemaps list and what of it is held.

    Exit codes: 0 a good run, also with pages left for the next; 1 done, with the failures that are listed (a month
    without a sitemap is one); 2 nothing was done (no sitemap names any of the months, the months are wrong).
    """
    from config.clock import VIETNAM
    from schedules.backfill import BadMonths, months_between
    from schedules.backfill import backfill as run_backfill
    from schedules.backfill_show import backfill_json, print_backfill
    from schedules.ledger import now
    from schedules.nightly import NothingToDo
    from schedules.show import watching

    settings = _config(config, data)
    _check_outlets(settings, outlet)
    try:
        months = months_between(first, last, now().astimezone(VIETNAM).date())
        with hold(data, "diembao backfill"), watching(err, "backfill") as watcher:
            done = run_backfill(data, settings, outlet, months, pages, jobs, watcher)
    except (BadMonths, NothingToDo) as error:
        _stop(str(error))
    if as_json:
        print(json.dumps(backfill_json(done), ensure_ascii=False, indent=1))
    else:
        print_backfill(out, done)
    if done.problems:
        raise typer.Exit(WITH_FAILURES)


@app.command()
def process(
    warcs: Annotated[list[Path] | None, typer.Argument(help="Archives made elsewhere, to be taken in first.")] = None,
    data: Data = DATA,
    config: ConfigDir = None,
    everything: Annotated[bool, typer.Option("--all", help="Read all archive files again.")] = False,
    jobs: Jobs = CORES,
    cluster: Annotated[
        str | None,
        typer.Option(help="Read with the workers of this Dask scheduler, as tcp://10.0.0.5:8786, instead of --jobs."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    r"""Reads what the archive holds and the warehouse does not know yet. Safe to repeat. `diembao publish`
    shows it to readers.

    A file given is taken in whole; `diembao import` takes only what belongs to our outlets, and publishes.

    --cluster needs the extra: pip install 'diembao\[cluster]'. An archive file is the unit of work. Each worker (`dask
    worker ADDRESS`) has the same diembao and sees DATA under the same path; that is checked before anything is read. A
    worker may be killed at any time: another reads its file. Whoever reaches the scheduler's port can run any program
    on the workers: keep it inside.

    Exit codes: 0 done; 1 done, with failures that are listed; 2 nothing was done.
    """
    from pipeline.run import process as run_process
    from pipeline.run import take_in
    from schedules.show import watching

    settings = _config(config, data)
    with hold(data, "diembao process"):
        refused = take_in(data, warcs or [])
        with watching(err, "process") as watcher:
            report = run_process(data, settings, jobs, watcher.file, everything, cluster)
    problems = [*refused, *report.unreadable]
    problems += [f"{file}: byte {damage.offset}: {damage.what}" for file, damage in report.damages]
    if as_json:
        print(
            json.dumps(
                {
                    "files": report.files,
                    "captures": report.captures,
                    "drift": report.drift,
                    "problems": problems,
                },
                ensure_ascii=False,
            )
        )
    else:
        out.print(f"{len(report.files)} archive files read, {report.captures} pages in them")
        for outlet, drift in report.drift.items():
            out.print(f"{outlet}: {drift}", style="yellow", markup=False)
    if warcs and problems and not report.files:
        for problem in problems:
            err.print(problem, style="red", markup=False)
        raise typer.Exit(NOTHING_DONE)
    _finish(problems)


@app.command("import")
def import_(
    warcs: Annotated[list[Path], typer.Argument(help="Archives made elsewhere: .warc.gz or .warc.", metavar="WARC...")],
    data: Data = DATA,
    config: ConfigDir = None,
    host_only: Annotated[
        bool,
        typer.Option(
            "--host-only",
            help="Take all that a registered host answered: home pages, feeds, redirects, errors too.",
        ),
    ] = False,
    jobs: Jobs = CORES,
    as_json: AsJson = False,
) -> None:
    """Takes the pages of registered outlets out of archives made elsewhere (Common Crawl's CC-NEWS, another machine's),
    then processes, loads and publishes.

    A record is taken where its host belongs to an outlet of the registry and it may be an article: answered with 200,
    an article's address or an HTML page. --host-only asks for the host alone. What is taken is copied byte for byte
    into DATA/archive/imported, with the file, offset and WARC-Record-ID it came from; the files given are not needed
    afterwards. They are read as a stream.

    For each file: read = taken + duplicate + foreign host + not a page + other. duplicate: the same payload from the
    same address is here. foreign host: no outlet of the registry has it. not a page: a feed, an image, a home page, an
    error, a redirect. other: no HTTP response (requests, metadata). damaged: stretches without a good record.

    A page whose address has no article's form (article_urls) becomes an article if it has the layout of one.

    Safe to repeat: stopped or killed, it goes on where it was; done again, it takes what is new, as after an outlet was
    added to the registry. Its articles have `collection` = import.

    Exit codes: 0 done, also where all was there already; 1 done, with failures that are listed (damage, a file with
    nothing of the registry in it); 2 nothing was done (no WARC).
    """
    from schedules.imports import import_archives, intake_json, print_intake
    from schedules.show import reading_bytes

    settings = _config(config, data)
    with hold(data, "diembao import"), reading_bytes(err, "import") as (on_progress, on_file):
        intake = import_archives(data, settings, warcs, host_only, jobs, on_progress, on_file)
    if as_json:
        print(json.dumps(intake_json(intake), ensure_ascii=False, indent=1))
    else:
        print_intake(out, intake)
    if not intake.imported:
        for problem in intake.problems:
            err.print(problem, style="red", markup=False)
        raise typer.Exit(NOTHING_DONE)
    _finish(list(intake.problems))


@app.command()
def publish(data: Data = DATA) -> None:
    """Publishes the warehouse for analysts: one rename, so that whoever reads the old copy keeps it."""
    from warehouse.database import warehouse_path
    from warehouse.publish import publish as run_publish

    if not warehouse_path(data).exists():
        _stop(f"{warehouse_path(data)}: there is nothing to publish; run `diembao nightly` first")
    with hold(data, "diembao publish"):
        path = run_publish(data)
    out.print(f"published {path}", markup=False)


@app.command()
def monthly(
    month: Annotated[str, typer.Argument(help="The month, as 2021-07.")],
    data: Data = DATA,
    config: ConfigDir = None,
    preview: Annotated[bool, typer.Option("--preview", help="Write the files and send nothing.")] = False,
    send: Annotated[bool, typer.Option("--send", help="Send it, once to each recipient (the default).")] = False,
    correct: Annotated[
        bool,
        typer.Option("--correct", help="Send it anew, as a correction of what was sent; with --preview, look at that."),
    ] = False,
    resolve: Annotated[
        Resolve | None,
        typer.Option(help="Settle mails that are unknown or refused: they count as sent, or are sent again."),
    ] = None,
    to: Annotated[str | None, typer.Option(help="With --resolve: only the mail to this address.")] = None,
    as_json: AsJson = False,
) -> None:
    """The monthly summary for KSTT, in Vietnamese: HTML mail with its charts, plain text, DOCX, PDF and XLSX.

    A month is that of the calendar, or goes from the 15th to the 14th: `period` in config/schedule.yaml.

    Without an option it is built and sent, once to each recipient of config/schedule.yaml. Where no mail server is
    configured the mail is kept in DATA/outbox as an .eml file. What failed is tried again by the same command.

    A mail is `unknown` where nobody can say whether it arrived, `refused` where the server said no for good. Neither is
    sent again by itself: ask the recipient, then --resolve sent or --resolve resend.

    --correct builds the summary anew and sends it to all, marked as a correction: once everybody had the last one, and
    if a figure or an article has changed since.

    Exit codes: 0 done; 1 a mail failed, is unknown or was refused; 2 nothing was done.
    """
    settings = _config(config, data)
    period = _month(month, settings.schedule.period)
    _report(data, settings, period, Asked(preview, send, correct, resolve, to), as_json)


@app.command()
def daily(
    day: Annotated[str, typer.Argument(help="The day, as 2021-07-05.")],
    data: Data = DATA,
    config: ConfigDir = None,
    preview: Annotated[bool, typer.Option("--preview", help="Write the files and send nothing.")] = False,
    send: Annotated[bool, typer.Option("--send", help="Send it, once to each recipient (the default).")] = False,
    resolve: Annotated[
        Resolve | None,
        typer.Option(help="Settle mails that are unknown or refused: they count as sent, or are sent again."),
    ] = None,
    to: Annotated[str | None, typer.Option(help="With --resolve: only the mail to this address.")] = None,
    as_json: AsJson = False,
) -> None:
    """The press review of a day, in Vietnamese: its articles on the topics, by story, one sentence of each.

    It is sent like the monthly summary. Under `diembao schedule` it goes out at `daily_at` of config/schedule.yaml,
    which is off until a time is written there.

    Exit codes: 0 done; 1 a mail failed, is unknown or was refused; 2 nothing was done.
    """
    settings = _config(config, data)
    try:
        period = parse_day(day)
    except ValueError as error:
        _stop(str(error))
    _report(data, settings, period, Asked(preview, send, False, resolve, to), as_json)


@dataclass(frozen=True, slots=True)
class Asked:
    """What `monthly` and `daily` are asked to do with a report."""

    preview: bool
    send: bool
    correct: bool
    resolve: Resolve | None
    to: str | None


def _report(data: Path, settings: Config, period: Period, asked: Asked, as_json: bool) -> None:
    from reports.deliver import NotNow
    from schedules import report

    if [asked.send, asked.preview or asked.correct, bool(asked.resolve)].count(True) > 1:
        looks = "--preview or --correct" if isinstance(period, Month) else "--preview"
        _stop(f"--send, --resolve and {looks} exclude each other")
    if asked.to and not asked.resolve:
        _stop("--to goes with --resolve")
    try:
        if asked.preview:
            _show_files(report.preview(data, settings, period, asked.correct), as_json)
            return
        # It reads the published copy: a night may be writing.
        if asked.resolve:
            deliveries = report.resolve(data, settings, period, asked.resolve.value, asked.to)
        elif asked.correct:
            deliveries = report.correct(data, settings, period)
        else:
            deliveries = report.send(data, settings, period)
    except NotNow as error:
        _stop(str(error))
    _show_deliveries(deliveries, as_json)


def _show_files(files: list[Path], as_json: bool) -> None:
    if as_json:
        print(json.dumps({"files": [str(file) for file in files]}))
        return
    for file in files:
        out.print(str(file), markup=False)


def _show_deliveries(deliveries: list[Delivery], as_json: bool) -> None:
    """Each of them, and exit code 1 where one did not go out."""
    if as_json:
        print(json.dumps([asdict(delivery) for delivery in deliveries], ensure_ascii=False))
    else:
        for delivery in deliveries:
            is_open = delivery.state in ("unknown", "refused")
            settled = "" if is_open else ", an earlier run settled it"
            before = f"nothing done now{settled}: " if delivery.earlier else ""
            after = "; --resolve sent or --resolve resend settles it" if is_open else ""
            out.print(f"{delivery.recipient}: {before}{delivery.state}: {delivery.detail}{after}", markup=False)
    if any(delivery.state not in ("sent", "kept") for delivery in deliveries):
        raise typer.Exit(WITH_FAILURES)


@app.command()
def sql(
    query: Annotated[
        str | None,
        typer.Argument(help="One SQL statement; where left out a prompt asks for it, or it comes from standard input."),
    ] = None,
    data: Data = DATA,
    export: Annotated[
        Path | None, typer.Option(help="Write the answer to this file instead: .csv, .parquet or .xlsx.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Asks the published database, read-only; it works while a night is writing.

    At a terminal, without QUERY, a prompt takes one statement after another, each ended by a semicolon; Ctrl-D leaves.
    Each sees what is published by then. The history is kept in ~/.local/state/diembao/sql_history ($XDG_STATE_HOME).

    With --export, texts that a spreadsheet would run as a formula get a ' before them in .csv and .xlsx; .parquet
    holds all as it is. A cell of .xlsx takes 32,767 characters: longer texts are cut, counted and told.

    Exit codes: 0 done; 1 written, with texts that were cut; 2 nothing was done.
    """
    from schedules.sql import NoAnswer, ask, print_json, print_table

    if export and as_json:
        _stop("--export and --json exclude each other")
    at_terminal = query is None and sys.stdin.isatty()
    if export and at_terminal:
        _stop("--export writes one answer; give it a QUERY")
    show = print_json if as_json else print_table(out)
    try:
        if at_terminal:
            from schedules.prompt import prompt

            prompt(data, out, err, show)
        elif export:
            _export(data, query if query is not None else sys.stdin.read(), export)
        else:
            show(ask(data, query if query is not None else sys.stdin.read()))
    except NoAnswer as error:
        _stop(str(error))


def _export(data: Path, statement: str, file: Path) -> None:
    from schedules.export import MOST_TEXT, NotExported, export

    try:
        written = export(data, statement, file)
    except NotExported as error:
        _stop(str(error))
    out.print(f"{file}: {written.rows} rows", markup=False)
    if written.cut:
        cut = f"texts cut to {MOST_TEXT:,} characters, the most a cell takes: {written.cut}"
        _finish([f"{file}: {cut}; .csv and .parquet hold all of them"])


@evaluate.command("mentions")
def evaluate_mentions(
    articles: Annotated[Path, typer.Option(help="Labelled articles (JSON lines, .gz or not).")],
    config: ConfigDir = None,
    predictions: Annotated[Path | None, typer.Option(help="Write gold-shaped rows to this file.")] = None,
    errors: Annotated[bool, typer.Option("--errors", help="Print every error with its sentence.")] = False,
    jobs: Jobs = CORES,
    as_json: AsJson = False,
) -> None:
    """Precision and recall of mentions and senses, by article."""
    from pipeline.evaluate.mentions import evaluate_mentions as run
    from schedules.show import counting, print_mentions

    settings = _config(config, None)
    with counting(err, articles.name) as advance:
        result = run(articles, settings, jobs, advance)
    _show_evaluation(result, predictions, errors, as_json, print_mentions)


@evaluate.command("extraction")
def evaluate_extraction(
    archive: Annotated[Path, typer.Option(help="WARC with the pages.")],
    gold: Annotated[Path, typer.Option(help="Gold (JSON lines, .gz or not).")],
    config: ConfigDir = None,
    no_layouts: Annotated[bool, typer.Option("--no-layouts", help="Switch every layout off.")] = False,
    predictions: Annotated[Path | None, typer.Option(help="Write gold-shaped rows to this file.")] = None,
    errors: Annotated[bool, typer.Option("--errors", help="Print every error with its first difference.")] = False,
    jobs: Jobs = CORES,
    as_json: AsJson = False,
) -> None:
    """F1 of the text, and share of right titles, sapos, authors and publication times.

    Exit codes: 0 done; 1 done, but the archive is damaged, and where is listed; 2 nothing was done.
    """
    from pipeline.evaluate.extraction import evaluate_extraction as run
    from schedules.show import counting, print_extraction

    settings = _config(config, None)
    with counting(err, archive.name) as advance:
        result = run(archive, gold, settings, jobs, not no_layouts, advance)
    _show_evaluation(result, predictions, errors, as_json, print_extraction)
    _finish([f"{archive}: {damage}" for damage in result.damages])


@evaluate.command("facets")
def evaluate_facets(
    articles: Annotated[Path, typer.Option(help="Articles (JSON lines, .gz or not).")],
    gold: Annotated[Path, typer.Option(help="Labels by two readers: tests/nlp/facets.gold.jsonl.")],
    config: ConfigDir = None,
    predictions: Annotated[Path | None, typer.Option(help="Write gold-shaped rows to this file.")] = None,
    errors: Annotated[bool, typer.Option("--errors", help="Print every error with its words.")] = False,
    as_json: AsJson = False,
) -> None:
    """F1 of facets (activities, services, payments, audience, agencies), in all and for each kind."""
    from pipeline.evaluate.facets import evaluate_facets as run
    from schedules.show import counting, print_facets

    settings = _config(config, None)
    with counting(err, articles.name) as advance:
        result = run(articles, gold, settings, advance)
    _show_evaluation(result, predictions, errors, as_json, print_facets)


@evaluate.command("stories")
def evaluate_stories(
    articles: Annotated[Path, typer.Option(help="Labelled articles (JSON lines, .gz or not) with `story`.")],
    predictions: Annotated[Path | None, typer.Option(help="Write gold-shaped rows to this file.")] = None,
    errors: Annotated[bool, typer.Option("--errors", help="Print every wrong pair.")] = False,
    as_json: AsJson = False,
) -> None:
    """Pairwise precision and recall of stories: articles that share a text."""
    from pipeline.evaluate.stories import evaluate_stories as run
    from schedules.show import counting, print_stories

    with counting(err, articles.name) as advance:
        result = run(articles, advance)
    _show_evaluation(result, predictions, errors, as_json, print_stories)


@outlets.command("list")
def outlets_list(data: Data = DATA, config: ConfigDir = None, as_json: AsJson = False) -> None:
    """The registry: who owns each outlet, its hosts, how many of its addresses are on, and whether it is followed.

    followed: at least one address is on. off: none was seen alive yet; `diembao outlets check` switches on those that
    are. beyond reach: its file says why it can't be followed; it is never asked.
    """
    from schedules.outlets_show import print_registry, registry_row

    settings = _config(config, data)
    if as_json:
        print(json.dumps([registry_row(outlet) for outlet in settings.outlets], ensure_ascii=False, indent=1))
    else:
        print_registry(out, settings.outlets)


@outlets.command("check")
def outlets_check(
    only: Annotated[list[str] | None, typer.Argument(help="Only these outlets, by id.", metavar="[OUTLET]...")] = None,
    data: Data = DATA,
    config: ConfigDir = None,
    no_write: Annotated[bool, typer.Option("--no-write", help="Leave the outlets' files as they are.")] = False,
    as_json: AsJson = False,
) -> None:
    """Asks each feed, sitemap and section page of the registry once, on or off, and says what became of it.

    alive: it answers and announces articles. moved: it answers from another address. stale: its newest item is older
    than seven days. malformed: what comes can't be relied on. dead: nothing comes. refused: robots.txt or a private
    network. challenge: a test for browsers or a login comes instead.

    Of outlets with layouts, the two newest articles are fetched too: where the layouts fit neither, that is drift, and
    the pages are named.

    In an editable configuration (DATA/config, or --config DIR) an address seen alive gets its `verified`, with how and
    when, and is on from the next night. Nothing is ever switched off. The answers are archived in DATA/checks; a night
    may run meanwhile.

    Exit codes: 0 all are alive and no layout drifts; 1 something is not; 2 nothing was done.
    """
    from schedules.outlets import NothingToCheck, check, is_editable
    from schedules.outlets_show import asking, check_json, print_check

    settings = _config(config, data)
    _check_outlets(settings, only)
    checks = data / "checks"
    try:
        with hold(checks, "diembao outlets check"), asking(err, "check", len(only or settings.outlets)) as heard:
            checked = check(checks, settings, only or (), not no_write, heard)
    except NothingToCheck as error:
        _stop(str(error))
    if as_json:
        print(json.dumps(check_json(checked), ensure_ascii=False, indent=1))
    else:
        print_check(out, checked)
    if not no_write and not is_editable(settings):
        err.print("the packaged configuration is not written into: run `diembao init` first, then check again")
    _finish(list(checked.problems))
    if not checked.all_alive:
        raise typer.Exit(WITH_FAILURES)


@outlets.command("add")
def outlets_add(
    url: Annotated[str, typer.Argument(help="The outlet's home page, as https://baomau.vn.")],
    outlet_id: Annotated[str | None, typer.Option("--id", help="Its id, otherwise made from its host.")] = None,
    data: Data = DATA,
    config: ConfigDir = None,
    as_json: AsJson = False,
) -> None:
    """Looks for an outlet's feeds and sitemaps and writes a proposal of its file, to be settled by a person.

    It asks robots.txt, the home page, the usual places and what those name, each once and at the rate of
    config/crawl.yaml, at most 60 addresses. It guesses the form of article addresses from what the feeds announce and
    says how many links fit. What was seen alive is on. No file is overwritten, and no host is given to two outlets.

    Exit codes: 0 written; 1 written, with the doubts that are listed; 2 nothing was written.
    """
    from schedules.outlets_add import NotAdded, add
    from schedules.outlets_show import asking, print_proposal, proposal_json

    settings = _config(config, data)
    try:
        with asking(err, f"looking at {url}") as heard:
            proposal = add(settings, url, outlet_id, heard)
    except NotAdded as error:
        _stop(str(error))
    if as_json:
        print(json.dumps(proposal_json(proposal), ensure_ascii=False, indent=1))
    else:
        print_proposal(out, proposal)
    _finish(list(proposal.doubts))


def _known_items(
    connection: duckdb.DuckDBPyConnection, topic: str | None, kind: str | None, decided: bool
) -> list[Item]:
    _check_topic(connection, topic)
    if kind and kind not in ("mention", "tone"):
        _stop(f"no kind '{kind}'; there are mention and tone")
    return review_items(connection, topic, kind, decided)


@review.command("list")
def review_list(
    data: Data = DATA,
    topic: Annotated[str | None, typer.Option(help="Only this topic of topics.yaml.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only mention, or only tone.")] = None,
    most: Annotated[int, typer.Option(min=1, help="Show so many.")] = 20,
    decided: Annotated[bool, typer.Option("--all", help="Those decided already, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """What a person may decide: what the rules leave open first, then what they are least sure of."""
    from schedules.review import item_json, print_items

    with closing(open_published(data)) as connection:
        found = _known_items(connection, topic, kind, decided)
    if as_json:
        print(json.dumps([item_json(item) for item in found[:most]], ensure_ascii=False, indent=1))
    else:
        print_items(out, found[:most], len(found[most:]))


@review.command("show")
def review_show(item: str, data: Data = DATA, as_json: AsJson = False) -> None:
    """One item, with its sentence, its article, what the rules say and why, and what can be decided."""
    from schedules.review import item_json, print_item

    with closing(open_published(data)) as connection:
        found = review_items(connection, decided=True, item=item)
    if not found:
        _stop(f"{item}: no such item; `diembao review list` names them")
    if as_json:
        print(json.dumps(item_json(found[0]), ensure_ascii=False, indent=1))
    else:
        print_item(out, found[0])


@review.command("decide")
def review_decide(
    item: str,
    decision: str,
    by: Annotated[str, typer.Option(help="Who decides.")],
    why: Annotated[str | None, typer.Option(help="Why, in a sentence.")] = None,
    data: Data = DATA,
) -> None:
    """Writes a decision into the journal: it overrides the rules, survives every re-reading and counts from the next
    `diembao publish` or night on. The last decision on a thing holds.

    ITEM is an item of the list (DECISION: a sense, or none; of a tone criticism or neutral), or one of
    published:ARTICLE (a time), story:ARTICLE (alone, or the article it belongs with), origin:ARTICLE (yes or no),
    facet:ARTICLE:KIND:VALUE (yes or no), day:OUTLET:YYYY-MM-DD (complete or incomplete).
    """
    with closing(open_published(data)) as connection:
        try:
            decide(connection, data, item, decision, by, why)
        except NoSuchItem as error:
            _stop(str(error))
    out.print(f"{item}: {decision}, by {by}; it counts from the next `diembao publish` on", markup=False)


@review.command("export")
def review_export(
    file: Path,
    data: Data = DATA,
    topic: Annotated[str | None, typer.Option(help="Only this topic of topics.yaml.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only mention, or only tone.")] = None,
    decided: Annotated[bool, typer.Option("--all", help="Those decided already, too.")] = False,
) -> None:
    """Writes what is open into a CSV file; fill in the columns `decision` and `why`, then import it."""
    from schedules.review import export_items

    with closing(open_published(data)) as connection:
        found = _known_items(connection, topic, kind, decided)
    try:
        export_items(file, found)
    except OSError as error:
        _stop(f"{file}: can't be written: {error.strerror or error}")
    out.print(f"{file}: {len(found)} items", markup=False)


@review.command("import")
def review_import(file: Path, by: Annotated[str, typer.Option(help="Who decides.")], data: Data = DATA) -> None:
    """Takes the decisions of a CSV file that `review export` wrote. Rows without a decision are left open.

    Exit codes: 0 all rows were taken; 1 some were not, and are listed; 2 the file can't be read.
    """
    from schedules.review import BadTable, import_decisions

    with closing(open_published(data)) as connection:
        try:
            taken, problems = import_decisions(connection, data, file, by)
        except BadTable as error:
            _stop(str(error))
    out.print(f"{taken} decisions taken; they count from the next `diembao publish` on", markup=False)
    _finish(problems)


@missed_app.command("add")
def missed_add(
    url: Annotated[str, typer.Argument(help="The article's address.")],
    topic: Annotated[str, typer.Option(help="The topic of topics.yaml that it is coverage of.")],
    by: Annotated[str, typer.Option(help="Who found it.")],
    on: Annotated[str | None, typer.Option(help="The day it was published, as 2021-07-05.")] = None,
    note: Annotated[str | None, typer.Option(help="How it was found, in a sentence.")] = None,
    data: Data = DATA,
    config: ConfigDir = None,
) -> None:
    """Enters coverage that a person found into the journal. Whether we hold it, and if not why, is said by
    `diembao missed list` from the next publication on.

    An address is entered once for each topic. Recall is only known where people enter all that they find in a search of
    their own, and not only what they know is missing here.
    """
    from schedules.missed import resolve
    from warehouse.missed import BadEntry, enter

    settings = _config(config, data)
    if not data.is_dir():
        _stop(f"{data}: there is no workspace; `diembao init` makes one, or give --data")
    try:
        found, doubt = resolve(settings, url, topic)
        earlier = enter(data, found, by, _day(on) if on else None, note)
    except BadEntry as error:
        _stop(str(error))
    if earlier:
        when = f"{earlier['added_at'][:10]} by {earlier['added_by']}"
        out.print(f"{found.url}: was entered on {when} for {topic}, and is not entered again", markup=False)
        return
    out.print(f"{found.url}: entered for {topic}; see `diembao missed list` after `diembao publish`", markup=False)
    if doubt:
        out.print(doubt, style="yellow", markup=False)


@missed_app.command("list")
def missed_list(data: Data = DATA, as_json: AsJson = False) -> None:
    """What people found, as published: why we had not counted it, as of now, and of how much of it we had."""
    from schedules.missed import missed_json, print_missed
    from warehouse import journal
    from warehouse.missed import missed, recall

    with closing(open_published(data)) as connection:
        found, recalls = missed(connection), recall(connection)
    waiting = len(journal.read(data, journal.MISSED)) - len(found)
    if as_json:
        print(json.dumps(missed_json(found, recalls, waiting), ensure_ascii=False, indent=1))
    else:
        print_missed(out, found, recalls, waiting)


@app.command()
def cookbook(
    number: Annotated[int | None, typer.Argument(help="Only this question, with its SQL and its answer.")] = None,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Ready questions for analysts, in Vietnamese: a list, or one of them with its SQL and what it says now.

    The SQL is a beginning: copy it, change it, ask it with `diembao sql`.
    """
    from warehouse.recipes import recipes

    known = {recipe.number: recipe for recipe in recipes()}
    if number is None:
        if as_json:
            print(json.dumps([asdict(recipe) for recipe in known.values()], ensure_ascii=False, indent=1))
        else:
            for recipe in known.values():
                out.print(f"{recipe.number:>3}  {recipe.question}", markup=False)
        return
    if number not in known:
        _stop(f"no question {number}; there are 1 to {len(known)}")
    if not as_json:
        out.print(f"-- {known[number].question}\n{known[number].sql}", markup=False)
    sql(known[number].sql, data, as_json=as_json)


@app.command()
def evidence(
    article: Annotated[str | None, typer.Argument(help="An article's id or address.")] = None,
    data: Data = DATA,
    topic: Annotated[str | None, typer.Option(help="Instead: all that this topic's figure counts...")] = None,
    month: Annotated[str | None, typer.Option(help="...in this month, as 2021-07.")] = None,
    outlet: Annotated[str | None, typer.Option(help="With --month: all that this outlet announced for it.")] = None,
    export: Annotated[Path | None, typer.Option(help="With --outlet: write it as .csv, .parquet or .xlsx.")] = None,
    page: Annotated[Path | None, typer.Option(help="Write the archived page of the article to this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """From a number to its articles, their sentences with the reason of each, and the page as it was served.

    diembao evidence ARTICLE shows one article; --page FILE writes its page out of the archive, whose digest is checked.
    diembao evidence --topic portal --month 2021-07 shows what the month's figure of the topic is made of.
    diembao evidence --outlet vnexpress --month 2021-07 --export x.xlsx is for an editor who disputes a figure: each
    page that the outlet announced for the month or that is held, what became of it, and what it counts for.
    """
    if [article, topic, outlet].count(None) != 2 or (article is None) == (month is None):
        _stop("name an article, or --topic and --month, or --outlet and --month")
    if page and article is None:
        _stop("--page writes the page of one article; name it")
    if export and (outlet is None or as_json):
        _stop("--export writes what --outlet and --month name, and excludes --json")
    if month is not None:
        month = str(_month(month))
    if outlet is not None and month:
        _outlet_evidence(data, outlet, month, export, as_json)
    else:
        _article_evidence(data, article, topic, month, page, as_json)


def _article_evidence(
    data: Path, article: str | None, topic: str | None, month: str | None, page: Path | None, as_json: bool
) -> None:
    from schedules.evidence import NoEvidence, print_articles
    from schedules.evidence import page as archived_page
    from warehouse.evidence import articles

    with closing(open_published(data)) as connection:
        _check_topic(connection, topic)
        try:
            found = articles(connection, article, topic, month)
            if not found and article is not None:
                _stop(f"'{article}': the published database has no such article")
            if page:
                page.write_bytes(archived_page(data, found[0]))
        except NoEvidence as error:
            _stop(str(error))
        except OSError as error:
            _stop(f"{page}: can't be written: {error.strerror or error}")
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    elif found:
        print_articles(out, found)
    else:
        out.print(f"no article counts for {topic} in {month}", markup=False)


def _outlet_evidence(data: Path, outlet: str, month: str, export: Path | None, as_json: bool) -> None:
    from schedules.sql import ask, print_json, print_table
    from warehouse.evidence import outlet_statement

    with closing(open_published(data)) as connection:
        if not connection.execute("SELECT 1 FROM outlets WHERE outlet_id = ?", [outlet]).fetchall():
            _stop(f"no outlet '{outlet}'; `diembao outlets list` names them")
    statement = outlet_statement(outlet, month)
    if export:
        _export(data, statement, export)
    else:
        (print_json if as_json else print_table(out))(ask(data, statement))


@app.command()
def compare(
    old: Annotated[Path | None, typer.Argument(help="A published database, or a workspace.")] = None,
    new: Annotated[Path | None, typer.Argument(help="The one to set against it.")] = None,
    reported: Annotated[
        str | None, typer.Option(help="Instead: the summary of this month as it was last sent, against now.")
    ] = None,
    data: Data = DATA,
    config: ConfigDir = None,
    as_json: AsJson = False,
) -> None:
    """What changed between two builds, and why: articles, mentions, and each figure of coverage_monthly.

    diembao compare OLD NEW takes published databases (published/coverage.duckdb, or a copy of one kept aside before
    a change of rules) or workspaces. A difference in articles is split by cause, and the causes add up: articles
    collected since or no longer held, counted in another month, a sense changed by rule (with the reasons before and
    after) or by a person, a page that says something else. Of stories it says how many were joined or parted.

    diembao compare --reported 2021-07 sets the figures that were last sent for the month, which journal/figures.jsonl
    keeps as they were, against what they would be now.

    Nothing is written. Exit codes: 0 compared, whatever changed; 2 a file is no published database of ours, or nothing
    was sent for the month.
    """
    from schedules.compare import since_reported
    from schedules.compare_show import comparison_json, print_comparison, print_reported
    from warehouse.compare import NotComparable
    from warehouse.compare import compare as compare_builds

    if (reported is None) == (old is None) or (old is None) != (new is None):
        _stop("name two published databases or workspaces, or --reported and a month")
    try:
        if old and new:
            comparison = compare_builds(old, new)
            if as_json:
                print(json.dumps(comparison_json(comparison), ensure_ascii=False, indent=1))
            else:
                print_comparison(out, comparison)
        elif reported is not None:
            settings = _config(config, data)
            since = since_reported(data, settings, _month(reported, settings.schedule.period))
            if as_json:
                print(json.dumps(asdict(since), ensure_ascii=False, indent=1))
            else:
                print_reported(out, since)
    except NotComparable as error:
        _stop(str(error))


@app.command()
def status(data: Data = DATA, config: ConfigDir = None, as_json: AsJson = False) -> None:
    """What an operator must know: nights, publication, next jobs, months and mail, disk, outlets, open items.

    It asks the ledgers and the published database, and reads no archive: `diembao health` and `archive verify` do that.

    Exit codes: 0 nobody has to come; 1 somebody has to (each NEEDED line says why and what to do), also where the last
    good night or publication is older than alerts.unpublished_hours; 2 there is no such folder.
    """
    from schedules.ledger import now
    from schedules.status import is_well, print_status, read_status

    settings = _config(config, data)
    if not data.is_dir():
        _stop(f"{data}: there is no workspace; `diembao init` makes one, or give --data")
    found = read_status(data, settings.schedule, now())
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        print_status(out, found)
    if not is_well(found):
        raise typer.Exit(WITH_FAILURES)


@app.command()
def health(
    data: Data = DATA,
    config: ConfigDir = None,
    no_mail: Annotated[bool, typer.Option("--no-mail", help="Only show it.")] = False,
    as_json: AsJson = False,
) -> None:
    """The morning's look at everything; mails the operators (alerts in config/schedule.yaml) if something needs them.

    A night that failed or brought nothing, outlets that are silent or whose layouts no longer fit, a full disk, damaged
    or missing archive files (those of the last two days are read, and each morning a thirtieth of the others), nothing
    published for long, mail and jobs that need a person. One mail a day to each operator, in Vietnamese; kept in
    DATA/outbox where no mail server is configured. `diembao schedule` does this every day at health_at.

    Exit codes: 0 nobody is needed; 1 something is told; 2 it could not be mailed (the scheduler tries again).
    """
    from schedules.alerts import tell
    from schedules.health import examine
    from schedules.ledger import now

    settings = _config(config, data)
    if not data.is_dir():
        _stop(f"{data}: there is no workspace; `diembao init` makes one, or give --data")
    troubles = examine(data, settings.schedule, now(), left_out=settings.left_out)
    told = tell(data, settings.schedule, troubles, now()) if troubles and not no_mail else []
    if as_json:
        needs = [asdict(trouble) | {"urgent": trouble.urgent} for trouble in troubles]
        print(json.dumps({"needs": needs, "mail": [asdict(one) for one in told]}, ensure_ascii=False, indent=1))
    else:
        for trouble in troubles:
            mark = "NEEDED" if trouble.urgent else "to see"
            out.print(f"{mark}: {trouble.english}; {trouble.command}", markup=False)
        for one in told:
            before = "nothing done now, an earlier run settled it: " if one.earlier else ""
            out.print(f"{one.operator}: {before}{one.state}: {one.detail}", markup=False)
        if not troubles:
            out.print("nothing needs a person")
    if any(one.state not in ("sent", "kept") for one in told):
        raise typer.Exit(NOTHING_DONE)
    if troubles:
        raise typer.Exit(WITH_FAILURES)


@app.command()
def doctor(
    data: Data = DATA,
    config: ConfigDir = None,
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild", help="Make the warehouse anew from archive and journal, publish it, look again."),
    ] = False,
    jobs: Jobs = CORES,
    as_json: AsJson = False,
) -> None:
    """Says what is wrong with a workspace and what to do: a line for each finding, with level, file and remedy.

    It looks at the folder and the room on its disk, what killed runs left, archive/index.sqlite, warehouse.duckdb
    (every block, every table, what tables owe each other and the archive), the journal, and the published copy. It
    changes nothing. A run can't start meanwhile; while one is at work, the warehouse is not examined. It does not read
    the archive: that is `diembao archive verify`.

    --rebuild moves warehouse.duckdb aside as warehouse.duckdb.broken-TIME, reads the whole archive again and publishes.
    Archive, journal and what was sent stay as they are, people's decisions hold, and no mail is sent.

    Exit codes: 0 all is well (hints need nobody at once); 1 findings that need a person; 2 there is no workspace, or
    it could not be rebuilt as things are.
    """
    from schedules.doctor import NotRebuilt, NoWorkspace, examine
    from schedules.doctor import rebuild as make_anew
    from schedules.doctor_show import doctor_json, examining, print_findings, print_rebuilt
    from schedules.show import watching

    settings = _config(config, data) if rebuild else None
    rebuilt = None
    try:
        with examining(err) as on_table:
            findings = examine(data, on_table)
        if settings:
            if not as_json:
                print_findings(out, findings)
            with hold(data, "diembao doctor --rebuild"), watching(err, "rebuild") as watcher:
                rebuilt = make_anew(data, settings, jobs, watcher.file)
            if not as_json:
                print_rebuilt(out, rebuilt)
            with examining(err) as on_table:
                findings = examine(data, on_table)
    except (NoWorkspace, NotRebuilt) as error:
        _stop(str(error))
    if as_json:
        print(json.dumps(doctor_json(findings, rebuilt), ensure_ascii=False, indent=1))
    else:
        print_findings(out, findings)
    if any(finding.level != "hint" for finding in findings) or (rebuilt and rebuilt.problems):
        raise typer.Exit(WITH_FAILURES)


@app.command()
def schedule(data: Data = DATA, config: ConfigDir = None) -> None:
    """Runs the jobs of config/schedule.yaml in the foreground, one at a time, until SIGTERM or Ctrl-C.

    What was missed while it did not run (the machine was off or asleep) is done once, as journal/jobs.jsonl tells: one
    crawl covers all missed nights, and each missed month is sent. A night that fails is tried again after 15 minutes,
    three times in all; a month that could not be mailed, every hour. SIGTERM in the middle of a job stops it cleanly,
    and the next start goes on. On its first start nothing of the past is due. Only one can run in a workspace.

    Exit codes: 0 it was told to stop; 2 another one is at work, or the configuration is wrong.
    """
    from schedules.scheduler import run_schedule

    settings = _config(config, data)
    prepare(data)
    run_schedule(settings.schedule, data, settings.directory)


@archive_app.command("verify")
def archive_verify(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Only these files, of any archive.", metavar="[WARC]...")
    ] = None,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Reads every archive file whole: its digest in SHA256SUMS, and each record's length, digests and gzip member.

    Exit codes: 0 all is whole (warnings may be listed); 1 damage, with file, byte and remedy; 2 nothing was read.
    """
    from archive.verify import verify
    from schedules.show import print_verified, reading_files, verified_json

    if missing := [file for file in files or () if not file.is_file()]:
        _stop(f"{missing[0]}: no such file")
    if not files and not (data / "archive").is_dir():
        _stop(f"{data / 'archive'}: there is no archive; `diembao nightly` makes one, or give --data")
    indexed = [] if files else indexed_files(data)
    total = len(files or archive_files(data / "archive"))
    with reading_files(err, "verify", total) as on_file:
        report = verify(data, files or (), on_file, indexed)
    if as_json:
        print(json.dumps(verified_json(report), ensure_ascii=False, indent=1))
    else:
        print_verified(out, report)
    if report.errors:
        raise typer.Exit(WITH_FAILURES)


@archive_app.command("reindex")
def archive_reindex(data: Data = DATA) -> None:
    """Makes archive/index.sqlite anew from the WARC files, which hold all that it knows."""
    from schedules.show import reading_files

    if not (data / "archive").is_dir():
        _stop(f"{data / 'archive'}: there is no archive; `diembao nightly` makes one, or give --data")
    total = len(archive_files(data / "archive"))
    with hold(data, "diembao archive reindex"), reading_files(err, "reindex", total) as on_file:
        ArchiveIndex(data).delete()
        index = ArchiveIndex(data)
        damages: list[str] = []

        def indexed(report: FileReport) -> None:
            on_file(report.file, report.captures)
            damages.extend(f"{report.file}: byte {damage.offset}: {damage.what}" for damage in report.damages)

        problems = [*index.catch_up(indexed), *damages]
    out.print(f"{len(index.files())} archive files indexed in {index.path}", markup=False)
    _finish(problems)


def _config(directory: Path | None, data: Path | None) -> Config:
    edited = data / "config" if data else None
    if directory and not directory.is_dir():
        _stop(f"{directory}: no such folder; `diembao init DIR` writes DIR/config")
    settings = load_config(directory or (edited if edited and edited.is_dir() else PACKAGED))
    for problem in settings.left_out:
        err.print(f"{problem}; the tables kept by hand stay as they were", style="yellow", markup=False)
    return settings


def _check_outlets(settings: Config, asked: list[str] | None) -> None:
    known = {outlet.id for outlet in settings.outlets}
    if unknown := [name for name in asked or () if name not in known]:
        _stop(f"no outlet '{unknown[0]}' in {settings.directory / 'outlets'}; known are {', '.join(sorted(known))}")


def _show_evaluation(result: Any, predictions: Path | None, errors: bool, as_json: bool, show: Any) -> None:
    from pipeline.evaluate.files import write_rows

    if predictions:
        write_rows(predictions, result.predictions)
    if errors:
        for error in result.errors:
            (err if as_json else out).print(error, markup=False)
    if as_json:
        print(json.dumps(result.figures, ensure_ascii=False, indent=1))
    else:
        show(out, result.figures)


def _month(text: str, cut: Cut = "calendar") -> Month:
    try:
        return parse_month(text, cut)
    except ValueError as error:
        _stop(str(error))


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        _stop(f"'{text}' is no day of the calendar; write it as 2021-07-05")


def _check_topic(connection: duckdb.DuckDBPyConnection, topic: str | None) -> None:
    topics = [name for (name,) in connection.execute("SELECT DISTINCT topic FROM topics ORDER BY topic").fetchall()]
    if topic and topic not in topics:
        _stop(f"no topic '{topic}'; there are {', '.join(topics)}")


def _finish(problems: list[str]) -> None:
    for problem in problems:
        err.print(problem, style="red", markup=False)
    if problems:
        raise typer.Exit(WITH_FAILURES)


def _stop(message: str) -> NoReturn:
    err.print(message, style="red", markup=False)
    raise typer.Exit(NOTHING_DONE)


class _Stopped(Exception):
    """SIGTERM or Ctrl-C."""


def _stop_running(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    raise _Stopped


def main() -> None:
    """The program: every expected failure is one clear line and the exit code of design.md."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop_running)
    try:
        app()
    except _Stopped:
        err.print("stopped; what was done is kept, and the next run goes on from here", markup=False)
        sys.exit(WITH_FAILURES)
    except RuntimeError as error:
        # DuckDB turns what a signal handler raises inside a query into this.
        if "interrupted" not in str(error).lower():
            raise
        err.print("stopped in the middle of a step; nothing of it was kept, and the next run does it", markup=False)
        sys.exit(WITH_FAILURES)
    except (
        ConfigError,
        ClusterError,
        WorkspaceError,
        WarehouseError,
        NotAWarc,
        NotPublished,
        JournalError,
        LabelError,
    ) as error:
        err.print(str(error), style="red", markup=False)
        sys.exit(NOTHING_DONE)
    except sqlite3.Error as error:
        err.print(f"archive/index.sqlite: {error}; `diembao archive reindex` makes it anew", style="red", markup=False)
        sys.exit(NOTHING_DONE)
    except duckdb.IOException as error:
        told = f"database: {str(error).splitlines()[0]}; `diembao doctor` says what is wrong and what to do"
        err.print(told, style="red", markup=False)
        sys.exit(NOTHING_DONE)
    except duckdb.Error as error:
        err.print(f"database: {str(error).splitlines()[0]}; nothing of this step was kept", style="red", markup=False)
        sys.exit(WITH_FAILURES)
    except OSError as error:
        err.print(f"{error.filename or 'disk'}: {error.strerror or error}", style="red", markup=False)
        sys.exit(WITH_FAILURES)


if __name__ == "__main__":
    main()
