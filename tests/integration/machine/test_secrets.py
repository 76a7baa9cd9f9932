"""Where a private key may be: in the state, encrypted, and in an agent's memory while Pulumi runs."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

import psutil

from plat.engine.backend.folder import Folder
from plat.engine.backend.stored import Stored
from tests.integration.machine.harness import Machine, Stack, wait_for


def test_another_plugin_enters_by_a_lent_key_whenever_pulumi_works(stack: Stack, known: Machine) -> None:
    stack.declare(known, borrower=True)
    # With its preview, whose plugins end just before.
    stack.must("up", "--yes")
    visit = stack.state()["deployment"]["resources"][-1]
    assert visit["type"] == "borrower:index:Visit"
    # The same on any machine, and no secret.
    assert str(stack.folder) not in json.dumps(visit)
    assert "-oIdentityAgent=.plat/agents/" in " ".join(visit["inputs"]["options"])
    assert set(stack.must_up().summary) == {"unchanged"}
    stack.must("refresh", "--yes", "--skip-preview")
    stack.must("destroy", "--yes", "--skip-preview")
    assert known.inside("cat /run/visits").split() == ["created", "read", "deleted"]
    wait_for(lambda: not agents(stack))


def test_a_lent_key_outlives_the_preview_that_had_it_first(stack: Stack, known: Machine) -> None:
    stack.declare(known, borrower=True)
    stack.must_up()
    # A preview holds the lock; the update waits behind it, and takes over when it has ended.
    known.program("cloud-init", "touch /run/asked; until [ -e /run/go ]; do sleep 0.1; done; echo status: done")
    preview = stack.start("preview")
    wait_for(lambda: "asked" in known.inside("ls /run"))
    refresh = stack.start("refresh", "--yes", "--skip-preview")
    wait_for(lambda: len(plugins(stack)) == 2)
    known.inside("touch /run/go")
    for run in (preview, refresh):
        text, _ = run.communicate(timeout=300)
        assert run.returncode == 0, text
    wait_for(lambda: not agents(stack))


def test_a_private_key_is_nowhere_in_plain_text(stack: Stack, known: Machine, tmp_path: Path) -> None:
    secret = known.access.splitlines()[3]
    stack.declare(known, borrower=True)
    commands: set[str] = set()
    # Not -v=9: there, the engine itself writes down every secret of any provider.
    with (tmp_path / "log").open("w+") as log:
        run = stack.start("up", "--yes", "--diff", "--debug", output=log)
        while run.poll() is None:
            commands |= {" ".join(found.info["cmdline"] or ()) for found in psutil.process_iter(["cmdline"])}
        log.seek(0)
        text = log.read()
    assert run.returncode == 0, text[-2000:]
    assert "IdentityAgent" in text
    assert "[secret]" in text
    assert any("ssh -F none" in command for command in commands)
    kept = [path for path in stack.folder.rglob("*") if path.is_file() and "venv" not in path.parts]
    for name, where in {
        "what Pulumi prints": text,
        "command lines": "\n".join(commands),
        "the exported state": json.dumps(stack.state()),
        "the program's outputs": stack.must("stack", "output").text,
        "files": "\n".join(path.read_text(errors="replace") for path in kept),
        "files of the machine": known.inside("cat /run/plat/firewall/* /etc/nftables.d/* 2>/dev/null; true"),
    }.items():
        assert secret not in where, name
    assert secret in json.dumps(stack.state("--show-secrets"))


def test_an_update_that_is_killed_leaves_no_agent(stack: Stack, known: Machine) -> None:
    stack.declare(known, borrower=True, timeout=600)
    known.program("cloud-init", "echo status: running")
    run = stack.start("up", "--yes", "--skip-preview")
    wait_for(lambda: bool(agents(stack)))
    os.killpg(run.pid, 9)
    run.communicate()
    wait_for(lambda: not agents(stack))
    known.program("cloud-init", "echo status: done")
    # It may have been killed in writing its state, which Pulumi alone could not read then.
    Stored(Folder(stack.folder / "state")).mend()
    stack.must("cancel", "--yes")
    stack.must_up()


def agents(stack: Stack) -> list[int]:
    """The agents that lend keys in the stack's project."""
    return processes(stack, "ssh-agent")


def plugins(stack: Stack) -> list[int]:
    """The plugins `machine` that work in the stack's project."""
    return processes(stack, str(stack.folder / "machine"))


def processes(stack: Stack, word: str) -> list[int]:
    """The processes whose folder is the stack's project and whose command line begins with `word`, an interpreter apart."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if process.cwd() == str(stack.folder) and word in process.cmdline()[:2]:
                found.append(process.pid)
    return found
