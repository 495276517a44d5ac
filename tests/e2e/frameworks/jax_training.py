"""JAX: a small network trained on the device by kernels that XLA compiles with our ptxas, and transformations of arrays,
against the same on the host."""
import jax
import jax._src.hardware_utils
import jax.numpy as jnp
import numpy

from checks import report

# It looks for the device file of NVIDIA's kernel driver before it asks libcuda.
jax._src.hardware_utils.has_visible_nvidia_gpu = lambda: True
jax.config.update("jax_platforms", "cuda,cpu")


def loss(weights, x, y):
    hidden = jnp.tanh(x @ weights["in"] + weights["bias"])
    return -jnp.mean(jax.nn.log_softmax(hidden @ weights["out"])[jnp.arange(x.shape[0]), y])


def main():
    random = numpy.random.default_rng(0)
    weights = {"in": random.standard_normal((8, 16)) * 0.3, "bias": numpy.zeros(16),
               "out": random.standard_normal((16, 3)) * 0.3}
    weights = jax.tree.map(lambda array: array.astype("float32"), weights)
    x, y = random.standard_normal((32, 8)).astype("float32"), random.integers(0, 3, 32)
    matrix = random.standard_normal((24, 24)).astype("float32")
    step = jax.jit(jax.value_and_grad(loss))
    transform = jax.jit(lambda a: (jnp.sort(a, axis=0), jnp.cumsum(a, axis=1), jnp.abs(jnp.fft.fft(a)), a @ a.T))

    results = {}
    for platform in ("cpu", "cuda"):
        with jax.default_device(jax.devices(platform)[0]):
            trained = weights
            for _ in range(5):
                value, gradients = step(trained, x, y)
                trained = jax.tree.map(lambda weight, gradient: weight - 0.5 * gradient, trained, gradients)
            results[platform] = [value, trained["in"], *transform(matrix)]
    names = ("loss", "weights", "sort", "cumulative sum", "Fourier transform", "matrix product")
    for name, host, device in zip(names, results["cpu"], results["cuda"]):
        report(name, device, host, 2e-3 if name == "matrix product" else 1e-4)  # its products are of tf32


main()
