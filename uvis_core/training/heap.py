"""How the C library's heap treats memory that tensors on the CPU give back."""

import ctypes
import platform

# Parameters of glibc's mallopt (malloc.h). Larger blocks than this limit, its highest, always come from the system.
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
LARGEST_KEPT_BYTES = 32 * 2**20
GROWTH_BYTES = 256 * 2**20
NEVER = -1


def keep_freed_memory() -> bool:
    """Keep freed memory for the next tensor instead of handing it back to the system.

    Training frees and takes the same tensors in each step. By default every one of some hundred kilobytes comes from
    the system anew and empty, page by page; a step of the default training spends some 7 % of its
    time on that (``benchmarks/heap.py``). Results do not depend on it. Takes hold for this process, to its end.

    Returns:
        Whether the C library takes such settings; others than glibc do not, and are left as they are.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    settings = (
        (M_MMAP_THRESHOLD, LARGEST_KEPT_BYTES),
        (M_TRIM_THRESHOLD, NEVER),
        (M_TOP_PAD, GROWTH_BYTES),
    )
    return all(mallopt(parameter, value) == 1 for parameter, value in settings)
