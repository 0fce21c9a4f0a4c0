import cv2
import numpy as np

from uvis_core.masks.motion import patch_motion


def textured(shift=(0, 0)):
    """A textured frame, moved by whole pixels (right, down)."""
    noise = np.random.default_rng(0).integers(0, 256, (160, 240, 3), dtype=np.uint8)
    smooth = cv2.GaussianBlur(noise, (0, 0), 4)
    smooth = cv2.normalize(smooth, None, 0, 255, cv2.NORM_MINMAX)
    return np.roll(smooth, (shift[1], shift[0]), axis=(0, 1))


def test_a_shift_is_found_in_sides_of_a_patch():
    motion = patch_motion(textured(), {1: textured((8, 4))}, (8, 12))
    assert motion.shape == (8, 12, 2)
    inner = motion[2:-2, 2:-2].reshape(-1, 2)
    # 20 pixels to a patch.
    np.testing.assert_allclose(np.median(inner, axis=0), [0.4, 0.2], atol=0.03)


def test_earlier_and_farther_frames_count_by_their_distance():
    motion = patch_motion(textured(), {-1: textured((-8, 0)), 2: textured((16, 0))}, (8, 12))
    np.testing.assert_allclose(np.median(motion[2:-2, 2:-2], axis=(0, 1)), [0.4, 0], atol=0.03)


def test_a_single_frame_does_not_move():
    assert not patch_motion(textured(), {}, (8, 12)).any()


def test_threads_change_nothing():
    before = cv2.getNumThreads()
    results = []
    for threads in (1, 4):
        cv2.setNumThreads(threads)
        results.append(patch_motion(textured(), {1: textured((5, 3))}, (8, 12)))
    cv2.setNumThreads(before)
    assert (results[0] == results[1]).all()
