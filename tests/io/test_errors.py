import pickle

from uvis_core.io.errors import UserError


def test_error_says_what_and_how_to_mend_it():
    assert (
        str(UserError("x.mp4: no such file", fix="correct the path"))
        == "x.mp4: no such file\n  fix: correct the path"
    )


def test_error_passes_between_processes():
    # As multiprocessing hands errors over; the bytes are made right here.
    error = pickle.loads(pickle.dumps(UserError("x.mp4: no such file", fix="correct the path")))
    assert (error.message, error.fix) == ("x.mp4: no such file", "correct the path")
