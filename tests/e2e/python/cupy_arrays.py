"""CuPy: kernels that NVRTC compiles, and the toolkit's libraries behind arrays, against NumPy."""
import cupy
import numpy


def report(name, actual, expected, tolerance=1e-12):
    actual = cupy.asnumpy(actual)
    right = actual.shape == numpy.shape(expected) and numpy.allclose(actual, expected, rtol=tolerance, atol=tolerance)
    print(f"{name}:", "right" if right else f"WRONG: {actual} and not {expected}", flush=True)


def main():
    random = numpy.random.default_rng(1)
    x, y = random.standard_normal((2, 5000))
    dx, dy = cupy.asarray(x), cupy.asarray(y)
    report("arithmetic", cupy.exp(dx) * dy - 3, numpy.exp(x) * y - 3)
    report("comparison and choice", cupy.where(dx > dy, dx, dy), numpy.maximum(x, y))
    report("sum", dx.sum(), x.sum())
    report("cumulative sum", cupy.cumsum(dx), numpy.cumsum(x), 1e-10)
    report("sort", cupy.sort(dx), numpy.sort(x))
    report("index", dx[::-3][dy[::-3] > 0], x[::-3][y[::-3] > 0])
    report("fused", cupy.fuse(kernel_name="fused")(lambda a, b: a * 2 + cupy.sin(b))(dx, dy), x * 2 + numpy.sin(y))

    kernel = cupy.RawKernel(
        'extern "C" __global__ void scale(const double* x, double* y, int n) {'
        "  const int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < n) y[i] = x[i] * 3; }", "scale")
    out = cupy.zeros_like(dx)
    kernel((20,), (256,), (dx, out, numpy.int32(x.size)))
    report("raw kernel", out, x * 3)
    squares = cupy.ReductionKernel("float64 x", "float64 y", "x * x", "a + b", "y = a", "0", "squares")
    report("reduction kernel", squares(dx), (x * x).sum())

    a, b = random.standard_normal((2, 40, 40))
    da, db = cupy.asarray(a), cupy.asarray(b)
    report("cuBLAS", da @ db, a @ b)
    report("cuFFT", cupy.fft.fft2(da), numpy.fft.fft2(a))
    report("cuSOLVER", cupy.linalg.solve(da, db), numpy.linalg.solve(a, b), 1e-9)
    report("eigenvalues", cupy.linalg.eigvalsh(da + da.T), numpy.linalg.eigvalsh(a + a.T), 1e-10)
    report("singular values", cupy.linalg.svd(da, compute_uv=False), numpy.linalg.svd(a, compute_uv=False), 1e-10)
    draw = cupy.random.default_rng(7).random(20000)
    report("cuRAND's mean", draw.mean(), 0.5, 0.02)


main()
