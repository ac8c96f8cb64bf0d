"""``python -m deploy.embedded.demo``: sets Luwes up anew, plays April 2026, leaves it running."""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.embedded import control
from deploy.embedded.city import Size, generate, write_city
from deploy.embedded.demo import summary
from deploy.embedded.demo.client import Client, StoryFailed
from deploy.embedded.demo.story import Story
from deploy.embedded.home import ROOT, Home, default_home

COLUMNS = (TextColumn("{task.description:<36}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())


def play(home: Home, out: Path, console: Console, *, size: Size, running: bool = False) -> dict[str, int]:
    """Set up below *home*, play the month, write letters, packs, mails and summary.json to *out*.

    running: Luwes runs already on *home*'s port, empty, and shares clock, mails and keys with *home*'s folder.
    """
    began = time.monotonic()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    if running:
        write_city(generate(size), home.city)
    else:
        with console.status("Menyiapkan basis data, antrean, dan layanan …"):
            control.clean(home)
            control.start(home, size=size)
    with Progress(*COLUMNS, console=console) as progress:
        story = Story(Client(home), generate(size), out, progress)
        story.play()
    shutil.copytree(home.mail, out / "mail")
    counts = summary.count(story.client, story.cast, out)
    (out / "summary.json").write_text(json.dumps(counts, indent=2) + "\n")
    console.print(
        summary.table(counts, f"April 2026 di Kota Metro, dimainkan dalam {time.monotonic() - began:.0f} detik")
    )
    console.print(summary.clash(story.clash))
    console.print(summary.logins(story.cast, story))
    return counts


def run(home: Home, console: Console) -> None:
    """Start Luwes with the data it has; an empty one is given the sample city's people and rooms, at today's date."""
    with console.status("Menyalakan basis data, antrean, dan layanan …"):
        control.start(home)
    client = Client(home)
    known = client.get("/schedule/api/employees", key="simpeg-schedule-key", params={"page_size": 1})["total"]
    with Progress(*COLUMNS, console=console) as progress:
        story = Story(client, generate(), home.folder, progress)
        if not known:
            story.load_people()
            story.load_rooms()
    console.print(summary.roles(story.cast, story.city))


@click.command()
@click.option("--size", type=click.Choice(["full", "small"]), default="full")
@click.option("--running", is_flag=True, help="Play on the Luwes that already runs for LUWES_HOME and LUWES_PORT.")
@click.option("--without-story", is_flag=True, help="Only start Luwes; an empty one gets the city's people and rooms.")
def main(size: Size, running: bool, without_story: bool) -> None:
    home, out, console = default_home(), ROOT / "var" / "demo", Console()
    try:
        if without_story:
            run(home, console)
        else:
            play(home, out, console, size=size, running=running)
    except StoryFailed as failure:
        console.print(f"[red]{failure}[/red]\nLog: {home.logs}")
        sys.exit(1)
    console.print(f"Luwes berjalan di {home.origin} (masuk: {home.origin}/schedule/login). Hentikan dengan: make stop")
    if without_story:
        return
    console.print(f"Surat Tugas, laporan, surel, dan ringkasan: {out.relative_to(ROOT)}/")


if __name__ == "__main__":
    main()
