"""What the framework programs share: the verdict on a value, and the CUDA libraries that a wheel brings."""
import ctypes
import glob
import importlib.util
import os

import numpy


def report(name, actual, expected, tolerance):
    actual, expected = numpy.asarray(actual, "float64"), numpy.asarray(expected, "float64")
    error = numpy.abs(actual - expected) / (1 + numpy.abs(expected)) if actual.shape == expected.shape else numpy.inf
    worst = numpy.max(error, initial=0)
    print(f"{name}:", "right" if worst <= tolerance else f"WRONG: {actual} and not {expected}, off by {worst}", flush=True)


def load_cuda_libraries(*names):
    """Loads libraries of the nvidia-* wheels, which not every framework finds by itself."""
    for root in importlib.util.find_spec("nvidia").submodule_search_locations:
        for name in names:
            for path in glob.glob(os.path.join(root, "*", "lib", f"lib{name}.so.*")):
                ctypes.CDLL(path, ctypes.RTLD_GLOBAL)
