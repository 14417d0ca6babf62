"""What an import may open (promise G3): no path, link or device leads a reader out of the root."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from msrun.dsl.check.reach import Unreadable, read
from msrun.dsl.front import check_file

CANARY = "type Canary { found: text }\n"
UP = [f"{'../' * steps}{name}" for steps in (1, 2, 3, 9) for name in ("out.plan", "etc/passwd", "out/out.plan")]
SIDEWAYS = [
    "lib/../../out.plan",
    "lib/../lib/../../out.plan",
    "./../out.plan",
    "lib/./../../out.plan",
    "lib//../../out.plan",
    "a/../../out.plan",
    "lib/deep/../../../out.plan",
    "..//out.plan",
    ".//..//out.plan",
    "lib/.../../../../out.plan",
]
ABSOLUTE = [
    "/etc/passwd",
    "//etc/passwd",
    "///out.plan",
    "/out.plan",
    "{out}/out.plan",
    "/{out}/out.plan",
    "/proc/1/x.plan",
]
DEVICES = [
    "/dev/zero",
    "/dev/stdin",
    "/dev/fd/0",
    "/proc/self/environ",
    "/proc/self/fd/0",
    "/dev/tty",
    "/dev/null",
    "pipe.plan",
    "CON",
    "NUL",
    "con.plan",
    "nul.plan",
    "COM1.plan",
    "lib/aux.plan",
    "socket.plan",
]
HOME = [
    "~/out.plan",
    "~root/out.plan",
    "~",
    "~/.ssh/id_rsa",
    "~+/out.plan",
    "$HOME/out.plan",
    "${HOME}/out.plan",
    "%USERPROFILE%/out.plan",
]
WINDOWS = [
    r"..\out.plan",
    r"lib\..\..\out.plan",
    r"\\server\share\out.plan",
    "//server/share/out.plan",
    r"C:\out.plan",
    "C:/out.plan",
    "C:out.plan",
    r"\\?\C:\out.plan",
    r"\\.\pipe\x.plan",
    "out.plan:stream.plan",
    r"lib\fact.plan",
]
HIDDEN = [
    "out.plan\x00.plan",
    "\x00out.plan",
    "lib/fact.plan\x00",
    "lib/\x00/../../out.plan",
    "..\x00/out.plan",
    "\nout.plan",
    "lib/fact\x1b.plan",
    "\x7f.plan",
    "..\r/out.plan",
    "\t../out.plan",
]
ENCODED = [
    "%2e%2e/out.plan",
    "..%2fout.plan",
    "%2e%2e%2fout.plan",
    "..%252fout.plan",
    "%c0%ae%c0%ae/out.plan",
    "..%c0%afout.plan",
    "․․/out.plan",
    "．．/out.plan",
    "..／out.plan",
    "..∕out.plan",
    "..⁄out.plan",
    "\u202e../out.plan",
    "\ufeff../out.plan",
]
NETWORK = [
    "http://example.org/out.plan",
    "https://example.org/out.plan",
    "file:///out.plan",
    "file:out.plan",
    "ftp://h/out.plan",
    "data:text/plain,out.plan",
    "//example.org/out.plan",
    "git+ssh://h/out.plan",
    "s3://bucket/out.plan",
]
NAMES = [
    "",
    ".",
    "..",
    "/",
    "./",
    "../",
    ".plan/",
    "lib",
    "lib/",
    "lib/fact",
    "lib/fact.plan.",
    "lib/fact.plan ",
    "lib/fact.plan/",
    "lib/fact.plan/.",
    "lib/fact.plan/..",
    "LIB/FACT.PLAN",
    "x" * 300 + ".plan",
    "d/" * 400 + "out.plan",
    "lib/fact.PLAN",
    "lib/fact.txt",
    "*.plan",
    "lib/*.plan",
    "lib/{fact}.plan",
    "lib/fact.plan;out.plan",
    "|cat out.plan",
    "`out`.plan",
]
LINKS = [
    "link.plan",
    "linked/out.plan",
    "linked/../out.plan",
    "lib/up/out.plan",
    "lib/up.plan",
    "chain.plan",
    "loop.plan",
    "self/link.plan",
    "inside.plan",
    "dangling.plan",
    "absolute.plan",
    "device.plan",
    "proc.plan",
]
PAYLOADS = [*UP, *SIDEWAYS, *ABSOLUTE, *DEVICES, *HOME, *WINDOWS, *HIDDEN, *ENCODED, *NETWORK, *NAMES, *LINKS]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with every kind of link and device in it, and canaries all around it."""
    base = tmp_path_factory.mktemp("world")
    root = base / "root"
    for folder in (root / "lib" / "deep", base / "out", root / "self"):
        folder.mkdir(parents=True)
    for canary in (base / "out.plan", base / "out" / "out.plan", base / "etc"):
        if canary.suffix:
            canary.write_text(CANARY)
    (root / "lib" / "fact.plan").write_text(CANARY)
    links = {
        "link.plan": "../out.plan",
        "linked": "../out",
        "lib/up": "../..",
        "lib/up.plan": "../../out.plan",
        "chain.plan": "link.plan",
        "loop.plan": "loop.plan",
        "self/link.plan": "../link.plan",
        "inside.plan": "lib/fact.plan",
        "dangling.plan": "nowhere",
        "absolute.plan": str(base / "out.plan"),
        "device.plan": "/dev/zero",
        "proc.plan": "/proc/self/environ",
    }
    for name, target in links.items():
        (root / name).symlink_to(target)
    os.mkfifo(root / "pipe.plan")
    return root


@pytest.fixture
def opened() -> Iterator[list[tuple[object, int]]]:
    """Every path that is opened meanwhile, with its flags; a hook cannot be taken away, so this one falls asleep."""
    seen: list[tuple[object, int]] = []
    awake = True

    def hook(event: str, args: tuple[object, ...]) -> None:
        if awake and event == "open":
            flags = args[2]
            seen.append((args[0], flags if isinstance(flags, int) else 0))

    sys.addaudithook(hook)
    yield seen
    awake = False


def test_a_hundred_payloads_read_nothing_outside_the_root(world: Path, opened: list[tuple[object, int]]) -> None:
    assert len(set(PAYLOADS)) >= 100
    plan = world / "ask.plan"
    for payload in PAYLOADS:
        written = payload.replace("{out}", str(world.parent)).replace("\\", "\\\\")
        for sign in "\x00\n\r\t\x1b\x7f":
            written = written.replace(sign, f"\\u{{{ord(sign):x}}}")
        plan.write_text(f'import Canary from "{written}"\ntype Mine {{ a: Canary }}\n', encoding="utf-8")
        opened.clear()
        found = check_file(plan).diagnostics
        assert found, payload
        assert {finding.code for finding in found} <= {"E0108", "E0001", "E0015", "E0016"}, (payload, found)
        for path, flags in opened:
            inside = path in (str(plan), str(world), world, plan) or isinstance(path, int)
            step = isinstance(path, str) and "/" not in path and path not in ("", ".", "..")
            assert inside or (step and flags & os.O_NOFOLLOW), (payload, path)


def test_the_same_hook_sees_a_good_import(world: Path, opened: list[tuple[object, int]]) -> None:
    plan = world / "ask.plan"
    plan.write_text('import Canary from "lib/fact.plan"\ntype Mine { a: Canary }\n')
    opened.clear()
    assert check_file(plan).diagnostics == ()
    assert {"lib", "fact.plan"} <= {path for path, _ in opened}


def test_links_are_refused_wherever_they_stand(world: Path) -> None:
    names = "link.plan linked/out.plan inside.plan loop.plan device.plan pipe.plan lib/up/out.plan"
    for name in names.split():
        with pytest.raises(Unreadable):
            read(world, name)


def test_a_folder_that_becomes_a_link_meanwhile_is_not_followed(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The race of a check by path: here the folder is changed after the root was opened and before it is entered."""
    (world / "race").mkdir(exist_ok=True)
    original = os.open

    def swap(path: str, flags: int, *args: int, **more: int) -> int:
        if path == "race":
            (world / "race").rmdir()
            (world / "race").symlink_to("../out")
        return original(path, flags, *args, **more)

    monkeypatch.setattr(os, "open", swap)
    with pytest.raises(Unreadable):
        read(world, "race/out.plan")


def test_an_import_reads_no_more_than_the_largest_plan(world: Path) -> None:
    (world / "huge.plan").write_bytes(b"# " + b"x" * 5_000_000)
    (world / "ask.plan").write_text('import A from "huge.plan"\ntype Mine { a: A }\n')
    assert [finding.entry for finding in check_file(world / "ask.plan").diagnostics] == ["E0001/file_size"]
