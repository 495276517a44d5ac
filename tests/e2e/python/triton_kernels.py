"""Triton's first kernels (vector add, softmax, matrix multiplication), compiled with our ptxas and launched by Triton's own
launcher. Memory is CuPy's."""
import cupy
import numpy
import triton
import triton.language as tl


class Tensor:
    """What Triton asks of a tensor."""

    def __init__(self, array):
        self.array = cupy.asarray(array)
        self.dtype = self.array.dtype.name.replace("float", "fp")

    def data_ptr(self):
        return self.array.data.ptr


@triton.jit
def add_kernel(x, y, out, count, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = at < count
    tl.store(out + at, tl.load(x + at, mask=mask) + tl.load(y + at, mask=mask), mask=mask)


@triton.jit
def softmax_kernel(out, x, columns, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    at = tl.arange(0, BLOCK)
    value = tl.load(x + row * columns + at, mask=at < columns, other=-float("inf"))
    value = tl.exp(value - tl.max(value, axis=0))
    tl.store(out + row * columns + at, value / tl.sum(value, axis=0), mask=at < columns)


@triton.jit
def multiply_kernel(a, b, c, m, n, k, M: tl.constexpr, N: tl.constexpr, K: tl.constexpr):
    rows = tl.program_id(0) * M + tl.arange(0, M)
    columns = tl.program_id(1) * N + tl.arange(0, N)
    depth = tl.arange(0, K)
    left = a + rows[:, None] * k + depth[None, :]
    right = b + depth[:, None] * n + columns[None, :]
    total = tl.zeros((M, N), dtype=tl.float32)
    for start in range(0, k, K):
        inside = start + depth < k
        x = tl.load(left, mask=(rows[:, None] < m) & inside[None, :], other=0.0)
        y = tl.load(right, mask=inside[:, None] & (columns[None, :] < n), other=0.0)
        total = tl.dot(x, y, total)
        left += K
        right += K * n
    tl.store(c + rows[:, None] * n + columns[None, :], total, mask=(rows[:, None] < m) & (columns[None, :] < n))


def report(name, actual, expected, tolerance):
    error = numpy.abs(actual.array.get().astype(numpy.float64) - expected).max()
    print(name, "right" if error <= tolerance else f"WRONG, error {error}", flush=True)


def main():
    random = numpy.random.default_rng(1)
    count = 98432
    x, y = (random.random(count, dtype=numpy.float32) for _ in range(2))
    out = Tensor(numpy.zeros(count, numpy.float32))
    add_kernel[(triton.cdiv(count, 1024),)](Tensor(x), Tensor(y), out, count, BLOCK=1024)
    report("vector add:", out, x + y, 0)

    x = random.standard_normal((40, 781)).astype(numpy.float32)
    out = Tensor(numpy.zeros_like(x))
    softmax_kernel[(x.shape[0],)](out, Tensor(x), x.shape[1], BLOCK=1024, num_warps=8)
    e = numpy.exp(x.astype(numpy.float64) - x.max(1, keepdims=True))
    report("softmax:", out, e / e.sum(1, keepdims=True), 1e-7)

    for kind in (numpy.float16, numpy.float32):
        m, n, k = 100, 72, 80
        a, b = (random.integers(-4, 5, shape).astype(kind) for shape in ((m, k), (k, n)))
        out = Tensor(numpy.zeros((m, n), numpy.float32))
        multiply_kernel[(triton.cdiv(m, 32), triton.cdiv(n, 32))](Tensor(a), Tensor(b), out, m, n, k, M=32, N=32, K=32)
        report(f"matrix multiplication, {numpy.dtype(kind).name}:", out, a.astype(numpy.float64) @ b, 0)


main()
