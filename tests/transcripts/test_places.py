"""Where logs are looked for, and which files are logs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kit.log_lines import ONE, agent_log, answer, main_log, write
from tokentui.records import LogPlace
from tokentui.transcripts.found_logs import FoundLog, find_logs
from tokentui.transcripts.log_names import is_log_name
from tokentui.transcripts.sources import Source, sources


def roots(home: Path, environment: dict[str, str] | None = None, *named: Path, platform: str = "linux") -> list[str]:
    """Source roots, below the home directory where they are."""
    found = sources(named, environment or {}, home, platform)
    return [os.path.relpath(source.root, home) for source in found]


def found_in(root: Path, errors: list[tuple[str, str]] | None = None) -> list[FoundLog]:
    return sorted(find_logs(Source(root, root.parent), errors), key=lambda log: log.path)


def names_in(root: Path) -> list[str]:
    return [os.path.relpath(log.path, root) for log in found_in(root)]


# Sources.


def test_by_default_both_configuration_directories_are_looked_in(tmp_path: Path) -> None:
    assert roots(tmp_path) == [".claude/projects", ".config/claude/projects"]
    xdg = {"XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    assert roots(tmp_path, xdg) == [".claude/projects", "xdg/claude/projects"]


def test_claude_config_dir_is_one_literal_directory_if_it_exists(tmp_path: Path) -> None:
    both = tmp_path / "a,b"
    assert roots(tmp_path, {"CLAUDE_CONFIG_DIR": f"{tmp_path}/a,{tmp_path}/b"}) == ["a/projects", "b/projects"]
    both.mkdir()
    assert roots(tmp_path, {"CLAUDE_CONFIG_DIR": str(both)}) == ["a,b/projects"]


def test_claude_config_dir_may_be_a_list_with_spaces_and_holes(tmp_path: Path) -> None:
    value = f" {tmp_path}/a , ,{tmp_path}/b/projects,"
    assert roots(tmp_path, {"CLAUDE_CONFIG_DIR": value}) == ["a/projects", "b/projects"]


def test_what_the_user_named_is_marked(tmp_path: Path) -> None:
    by_default = sources([], {}, tmp_path, "linux")
    configured = sources([], {"CLAUDE_CONFIG_DIR": str(tmp_path)}, tmp_path, "linux")
    assert [source.named_by_user for source in (*by_default, *configured)] == [False, False, True]


def test_an_empty_claude_config_dir_is_none(tmp_path: Path) -> None:
    assert len(sources([], {"CLAUDE_CONFIG_DIR": ""}, tmp_path, "linux")) == 2


def test_named_directories_come_before_the_environment(tmp_path: Path) -> None:
    environment = {"CLAUDE_CONFIG_DIR": str(tmp_path / "a")}
    assert roots(tmp_path, environment, tmp_path / "b", tmp_path / "c" / "projects") == ["b/projects", "c/projects"]


def test_a_named_directory_may_hold_logs_itself(tmp_path: Path) -> None:
    write(tmp_path / "export" / f"{ONE}.jsonl", answer())
    assert roots(tmp_path, None, tmp_path / "export") == ["export"]
    (tmp_path / "export" / "projects").mkdir()
    assert roots(tmp_path, None, tmp_path / "export") == ["export/projects"]


@pytest.mark.parametrize(
    "below", [f"-w-p/{ONE}.jsonl", f"-w-p/{ONE}/subagents/agent-a1.jsonl", f"{ONE}/subagents/agent-a1.jsonl"]
)
def test_a_named_directory_may_hold_projects_or_be_one(tmp_path: Path, below: str) -> None:
    write(tmp_path / "backup" / below, answer())
    assert roots(tmp_path, None, tmp_path / "backup") == ["backup"]


def test_a_named_directory_may_be_a_home(tmp_path: Path) -> None:
    write(main_log(tmp_path / "sam" / ".claude"), answer())
    write(tmp_path / "sam" / "Downloads" / "other.jsonl", answer())
    assert roots(tmp_path, None, tmp_path / "sam") == ["sam/.claude/projects"]


def test_the_registry_is_looked_for_beside_projects(tmp_path: Path) -> None:
    for named in (tmp_path / "a", tmp_path / "a" / "projects"):
        (source,) = sources([named], {}, tmp_path, "linux")
        assert source.config_dir == tmp_path / "a"


def test_the_same_directory_is_searched_once(tmp_path: Path) -> None:
    (tmp_path / "a" / "projects").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    named = [tmp_path / "a", tmp_path / "link", tmp_path / "a" / "projects", tmp_path / "a" / ".." / "a"]
    assert roots(tmp_path, None, *named) == ["a/projects"]


@pytest.mark.parametrize("name", ["x" * 300, "~no-such-user-here/x"])
def test_a_name_that_no_directory_can_have_is_just_not_there(tmp_path: Path, name: str) -> None:
    (source,) = sources([Path(name)], {}, tmp_path, "linux")
    (configured,) = sources([], {"CLAUDE_CONFIG_DIR": name}, tmp_path, "linux")
    assert source.root == configured.root
    assert list(find_logs(source)) == []


@pytest.mark.parametrize(
    ("platform", "base"),
    [
        ("darwin", "Library/Application Support/Claude"),
        ("linux", ".config/Claude"),
        ("win32", "AppData/Roaming/Claude"),
        ("win32", "AppData/Local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude"),
    ],
)
@pytest.mark.parametrize("folder", ["local-agent-mode-sessions", "claude-code-sessions"])
def test_desktop_s_agent_mode_keeps_configuration_directories_of_its_own(
    tmp_path: Path, platform: str, base: str, folder: str
) -> None:
    nested = tmp_path / base / folder / "account" / "workspace" / "session" / "agent"
    (nested / ".claude" / "projects").mkdir(parents=True)
    (nested.parent / "loop").symlink_to(tmp_path / base)
    (tmp_path / base / folder / "note").write_text("no directory")
    found = roots(tmp_path, platform=platform)
    assert found[2:] == [os.path.relpath(nested / ".claude" / "projects", tmp_path)]


# Logs.


@pytest.mark.parametrize(
    ("path", "session_id", "agent_id", "background"),
    [
        (f"{ONE}.jsonl", ONE, "", ""),
        ("export.jsonl", "", "", ""),
        ("agent-1a2b3c4.jsonl", "", "1a2b3c4", ""),
        (f"{ONE}/subagents/agent-a0123456789abcdef.jsonl", ONE, "a0123456789abcdef", ""),
        (f"{ONE}/subagents/agent-ascout-0123456789abcdef.jsonl", ONE, "ascout-0123456789abcdef", ""),
        (f"{ONE}/subagents/workflows/wf_12/agent-a1.jsonl", ONE, "a1", ""),
        (f"{ONE}/subagents/agent-a1/subagents/agent-a2.jsonl", ONE, "a2", ""),
        (f"{ONE}/subagents/agent-acompact-12ab.jsonl", ONE, "acompact-12ab", "compaction"),
        (f"{ONE}/subagents/agent-aside_question-12ab.jsonl", ONE, "aside_question-12ab", "side question"),
        (f"{ONE}/subagents/agent-aprompt_suggestion-1.jsonl", ONE, "aprompt_suggestion-1", "prompt suggestion"),
        ("\x1b[31mred\u202e/subagents/agent-a\x07b\nc.jsonl", "red", "ab c", ""),
    ],
)
def test_what_a_log_s_place_says(tmp_path: Path, path: str, session_id: str, agent_id: str, background: str) -> None:
    log = write(tmp_path / "projects" / "-home-sam" / path, answer())
    (found,) = found_in(tmp_path / "projects")
    assert found.place == LogPlace(str(tmp_path / "projects"), str(log), session_id, agent_id, background)
    status = log.stat()
    assert (found.size_bytes, found.modified_ns, found.inode) == (status.st_size, status.st_mtime_ns, status.st_ino)


def test_what_is_no_log_is_passed_over(tmp_path: Path) -> None:
    projects = tmp_path / "projects"
    write(main_log(tmp_path), answer())
    workflow = projects / "-home-sam-work" / ONE / "subagents" / "workflows" / "wf_1"
    for other in ("journal.jsonl", "agent-a1.meta.json", "tool.txt"):
        write(workflow / other, b"{}")
    write(projects / "-home-sam-work" / ONE / "session-memory" / "summary.md", b"")
    (projects / "directory.jsonl").mkdir()
    (projects / "dangling.jsonl").symlink_to(tmp_path / "nowhere")
    os.mkfifo(projects / "pipe.jsonl")
    assert names_in(projects) == [f"-home-sam-work/{ONE}.jsonl"]
    assert not is_log_name("journal.jsonl")
    assert not is_log_name("x.json")


def test_links_are_followed_and_loops_end(tmp_path: Path) -> None:
    projects, elsewhere = tmp_path / "projects", tmp_path / "elsewhere"
    write(main_log(tmp_path), answer())
    write(elsewhere / "other.jsonl", answer())
    (projects / "loop").symlink_to(projects)
    (projects / "-home-sam-work" / "up").symlink_to(tmp_path)
    (projects / "out").symlink_to(elsewhere)
    (projects / "itself").symlink_to("itself")
    assert len(names_in(projects)) == 2


def test_a_source_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    errors: list[tuple[str, str]] = []
    assert found_in(tmp_path / "projects", errors) == []
    assert errors == []


def test_a_file_in_place_of_a_source_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "projects").write_text("")
    errors: list[tuple[str, str]] = []
    assert found_in(tmp_path / "projects", errors) == []
    assert errors == [(str(tmp_path / "projects"), "Not a directory")]


@pytest.mark.parametrize(("error", "told"), [(PermissionError(13, "Permission denied"), 1), (FileNotFoundError(), 0)])
def test_an_unreadable_directory_costs_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, told: int
) -> None:
    write(main_log(tmp_path), answer())
    write(main_log(tmp_path, project="-closed"), answer())
    closed = str(tmp_path / "projects" / "-closed")
    scandir = os.scandir

    def guarded(path: str) -> Any:
        if path == closed:
            raise error
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    errors: list[tuple[str, str]] = []
    assert len(found_in(tmp_path / "projects", errors)) == 1
    assert errors == [(closed, "Permission denied")] * told


def test_a_log_that_vanishes_during_the_search_is_passed_over(tmp_path: Path) -> None:
    logs = [write(main_log(tmp_path, project=f"-{number}"), answer()) for number in range(3)]
    search: Iterator[FoundLog] = find_logs(Source(tmp_path / "projects", tmp_path))
    kept = next(search).place.path
    for log in logs:
        if str(log) != kept:
            log.unlink()
    assert list(search) == []


def test_a_log_whose_name_is_no_text_is_told_and_passed_over(tmp_path: Path) -> None:
    write(main_log(tmp_path), answer())
    odd = os.fsencode(main_log(tmp_path).parent) + b"/agent-\xff\xfe.jsonl"
    with open(odd, "wb") as file:  # noqa: PTH123
        file.write(b"{}\n")
    errors: list[tuple[str, str]] = []
    assert len(found_in(tmp_path / "projects", errors)) == 1
    ((path, reason),) = errors
    assert path.isascii()
    assert reason == "its path is not valid UTF-8"


def test_an_agent_s_log_in_all_layouts_is_found(tmp_path: Path) -> None:
    logs = [main_log(tmp_path), agent_log(tmp_path, "a1"), agent_log(tmp_path, "1a2b3c4", flat=True)]
    for log in logs:
        write(log, answer())
    assert sorted(names_in(tmp_path)) == sorted(os.path.relpath(log, tmp_path) for log in logs)
