import json
import os
import subprocess
import sys
import threading
from dataclasses import asdict, replace

import pytest

from uvis_core.io.errors import UserError
from uvis_core.io.machine import this_machine
from uvis_core.training import lock
from uvis_core.training.lock import LOCK_NAME, Holder, held, trained_by_another

WANTED = "the training"


@pytest.fixture
def output(tmp_path):
    return tmp_path / "model.safetensors"


def leave(output, *, machine="another", pid=1, fingerprint=WANTED):
    """A lock as a process of this or another machine left it."""
    holder = Holder("token", machine, "node7", pid, "12", fingerprint)
    output.with_name(LOCK_NAME).write_text(json.dumps(asdict(holder)))
    return holder


def dead_process():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_second_writer_is_refused_and_told_who_is_the_first(output, monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "77")
    with (
        held(output, WANTED),
        pytest.raises(UserError, match=rf"job 77, process {os.getpid()} on"),
        held(output, "x"),
    ):
        pass
    assert not list(output.parent.iterdir())


def test_failure_frees_the_folder(output):
    with pytest.raises(ZeroDivisionError), held(output, WANTED):
        raise ZeroDivisionError
    with held(output, WANTED) as own:
        own.check()


def test_killed_process_of_this_machine_holds_nothing(output):
    leave(output, machine=this_machine(), pid=dead_process())
    with held(output, WANTED) as own:
        own.check()


def test_process_of_another_machine_is_believed_alive(output):
    leave(output)
    with pytest.raises(UserError, match="job 12, process 1 on node7"), held(output, WANTED):
        pass


def test_dead_node_holds_for_a_while_only(output, caplog):
    leave(output)
    assert not trained_by_another(output, WANTED, dead_s=0.3, look_s=0.05)
    assert "job 12, process 1 on node7 is dead" in caplog.text
    assert not output.with_name(LOCK_NAME).exists()


def test_touched_lock_is_waited_for_and_what_it_made_is_taken(output, caplog):
    holder = leave(output)
    path = output.with_name(LOCK_NAME)
    beats = iter(range(8))

    def live():
        # For longer than a lock that nobody touches is respected.
        for beat in beats:
            os.utime(path, ns=(beat, beat))
            threading.Event().wait(0.1)
        output.write_bytes(b"weights")
        path.unlink()

    other = threading.Thread(target=live)
    other.start()
    assert trained_by_another(output, holder.fingerprint, dead_s=0.5, look_s=0.02)
    other.join()
    assert "is dead" not in caplog.text


@pytest.mark.parametrize(
    ("fingerprint", "writes"), [("another training", True), (WANTED, False)], ids=["another", "failed"]
)
def test_other_outcomes_are_not_taken(output, fingerprint, writes):
    output.write_bytes(b"of an earlier run")
    leave(output, fingerprint=fingerprint)

    def end():
        if writes:
            output.write_bytes(b"weights")
        output.with_name(LOCK_NAME).unlink()

    threading.Timer(0.2, end).start()
    assert not trained_by_another(output, WANTED, dead_s=30, look_s=0.02)


def test_nobody_there(output):
    output.write_bytes(b"of an earlier run")
    assert not trained_by_another(output, WANTED)


def test_who_was_taken_for_dead_writes_no_more(output):
    with held(output, WANTED) as own:
        path = output.with_name(LOCK_NAME)
        path.unlink()
        with pytest.raises(UserError, match="taken over by nobody"):
            own.check()
        leave(output)
        with pytest.raises(UserError, match="taken over by job 12"):
            own.check()
    assert path.exists(), "the lock of the other one must stay"


def test_holder_touches_the_lock(output, monkeypatch):
    monkeypatch.setattr(lock, "BEAT_S", 0.02)
    with held(output, WANTED):
        path = output.with_name(LOCK_NAME)
        os.utime(path, ns=(0, 0))
        for _ in range(500):
            if path.stat().st_mtime_ns:
                break
            threading.Event().wait(0.02)
        assert path.stat().st_mtime_ns


def test_removing_spares_a_lock_that_is_newer(output):
    dead = leave(output)
    newer = replace(dead, token="newer")
    path = output.with_name(LOCK_NAME)
    path.write_text(json.dumps(asdict(newer)))
    lock._remove(path, dead)
    assert lock._read(path) == newer
    assert list(output.parent.iterdir()) == [path]


def test_lock_that_was_never_written_is_somebodys(output):
    output.with_name(LOCK_NAME).touch()
    with pytest.raises(UserError, match="an unknown host"), held(output, WANTED):
        pass
