"""numba-cuda: Python compiled by NVVM and linked by our libnvJitLink; shared memory, atomics, reductions."""
import math
import warnings

import numpy
from numba import cuda

warnings.simplefilter("ignore")  # of small grids and copies of host arrays


@cuda.jit
def add(a, b, c):
    i = cuda.grid(1)
    if i < c.size:
        c[i] = a[i] + math.sin(b[i])


@cuda.jit
def multiply(a, b, c):
    left = cuda.shared.array((16, 16), numpy.float32)
    right = cuda.shared.array((16, 16), numpy.float32)
    x, y = cuda.grid(2)
    tx, ty = cuda.threadIdx.x, cuda.threadIdx.y
    total = numpy.float32(0)
    for start in range(0, a.shape[1], 16):
        left[tx, ty] = a[x, start + ty]
        right[tx, ty] = b[start + tx, y]
        cuda.syncthreads()
        for k in range(16):
            total += left[tx, k] * right[k, ty]
        cuda.syncthreads()
    c[x, y] = total


@cuda.jit
def count(values, bins):
    i = cuda.grid(1)
    if i < values.size:
        cuda.atomic.add(bins, values[i], 1)


@cuda.jit(lto=False)
def twice(x):
    i = cuda.grid(1)
    x[i] = 2 * cuda.shfl_sync(-1, x[i], 31 - i % 32)


@cuda.reduce
def total(a, b):
    return a + b


def report(name, right):
    print(f"{name}:", "right" if right else "WRONG", flush=True)


def main():
    random = numpy.random.default_rng(1)
    a, b = random.random((2, 1000))
    c = numpy.zeros_like(a)
    add[4, 256](a, b, c)
    report("elementwise", numpy.allclose(c, a + numpy.sin(b), rtol=1e-15))
    x, y = (random.integers(-8, 9, (64, 64)).astype(numpy.float32) for _ in range(2))
    z = numpy.zeros_like(x)
    multiply[(4, 4), (16, 16)](x, y, z)
    report("shared memory", numpy.array_equal(z, x @ y))
    values = random.integers(0, 10, 5000)
    bins = numpy.zeros(10, numpy.int64)
    count[20, 256](values, bins)
    report("atomics", numpy.array_equal(bins, numpy.bincount(values)))
    words = numpy.arange(64, dtype=numpy.int32)
    expected = 2 * words.reshape(2, 32)[:, ::-1].ravel()
    twice[1, 64](words)
    report("linked as PTX", numpy.array_equal(words, expected))
    report("reduction", abs(total(a) - a.sum()) < 1e-9)


main()
