import os
import signal

import pytest

from uvis_core.training.stopping import Progress, said_when_stopped


def test_says_how_far_it_came(caplog):
    before = signal.getsignal(signal.SIGTERM)
    progress = Progress(total=12, done=9, saved=8)
    with pytest.raises(SystemExit) as ended, said_when_stopped(progress):
        os.kill(os.getpid(), signal.SIGTERM)
    assert ended.value.code == 143
    assert "after step 9 of 12; started again, it goes on after step 8" in caplog.text
    assert signal.getsignal(signal.SIGTERM) == before
