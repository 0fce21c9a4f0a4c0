"""Names of masks that hold across runs, shards and machines."""

from hashlib import blake2b


def mask_id(video_id: str, frame_index: int, rank: int) -> int:
    """A number in 0 ... 2^63 - 1 that only the mask's place decides.

    Among a billion masks the chance that any two share a number is 5 %; among ten million, 5e-6.

    Args:
        video_id: Of the mask's video.
        frame_index: Of its frame.
        rank: Its place in the frame by objectness, 0 for the best.
    """
    digest = blake2b(f"{frame_index}/{rank}/{video_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
