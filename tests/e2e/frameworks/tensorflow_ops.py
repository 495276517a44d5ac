"""TensorFlow: operations, kernels that XLA compiles with our ptxas, and a training loop, against the same on the host."""
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy
from checks import load_cuda_libraries, report

load_cuda_libraries("nvJitLink", "cusparse", "cublasLt", "cublas", "cusolver")
import tensorflow as tf

tf.config.experimental.enable_tensor_float_32_execution(False)


def operations():
    random = numpy.random.default_rng(0)
    x = tf.constant(random.standard_normal((4, 16, 16, 8)).astype("float32"))
    square = tf.matmul(x[:, 0], x[:, 0], transpose_a=True) + tf.eye(8)
    yield "matrix product", 1e-5, lambda: tf.matmul(x[:, 0], x[:, 1], transpose_b=True)
    yield "sums", 1e-5, lambda: [tf.reduce_sum(x), tf.reduce_mean(x, [1, 2]), tf.reduce_max(x, 3), tf.argmax(x, 3)]
    yield "softmax", 1e-5, lambda: tf.nn.softmax(x)
    yield "gelu", 1e-5, lambda: tf.nn.gelu(x)
    yield "cumulative sum", 1e-5, lambda: tf.cumsum(x, 1)
    yield "sort", 0, lambda: tf.sort(x, axis=1)
    yield "top 5", 0, lambda: tf.math.top_k(tf.reshape(x, [4, -1]), 5)
    yield "gather", 0, lambda: tf.gather(x, [3, 1, 0], axis=1)
    yield "where", 0, lambda: tf.where(x > 0)
    yield "unique", 0, lambda: tf.unique(tf.cast(tf.reshape(x * 3, [-1]), tf.int32))
    yield "sums of segments", 1e-5, lambda: tf.math.unsorted_segment_sum(tf.reshape(x, [-1, 8]), tf.range(1024) % 7, 7)
    yield "Fourier transform", 1e-5, lambda: tf.abs(tf.signal.fft(tf.cast(x, tf.complex64)))
    yield "Cholesky", 1e-5, lambda: tf.linalg.cholesky(square)
    yield "singular values", 1e-3, lambda: tf.linalg.svd(x[:, 0], compute_uv=False)
    yield "resize", 1e-5, lambda: tf.image.resize(x, [24, 24])
    yield "bfloat16 product", 0.02, lambda: tf.cast(
        tf.matmul(tf.cast(x[:, 0], tf.bfloat16), tf.cast(x[:, 1], tf.bfloat16), transpose_b=True), tf.float32)

    kernel = tf.constant(random.standard_normal((3, 3, 8, 16)).astype("float32"))

    def convolution_gradient():
        with tf.GradientTape() as tape:
            tape.watch([x, kernel])
            loss = tf.reduce_mean(tf.nn.conv2d(x, kernel, 1, "SAME") ** 2)
        return tape.gradient(loss, [x, kernel])

    yield "convolution", 1e-4, lambda: tf.nn.conv2d(x, kernel, 1, "SAME")
    yield "gradient of a convolution", 1e-3, convolution_gradient
    yield "largest of windows", 0, lambda: tf.nn.max_pool2d(x, 2, 2, "VALID")
    yield "batch normalisation", 1e-4, lambda: tf.raw_ops.FusedBatchNormV3(
        x=x, scale=tf.ones(8), offset=tf.zeros(8), mean=tf.zeros(0), variance=tf.zeros(0))[:3]

    @tf.function(jit_compile=True)
    def compiled(a):
        return tf.nn.softmax(tf.matmul(a[:, 0], a[:, 1], transpose_b=True)) * 2 + tf.reduce_sum(a)

    yield "compiled by XLA", 1e-5, lambda: compiled(x)


def train():
    """Logistic regression by gradients, ten steps; the weights."""
    random = numpy.random.default_rng(1)
    x = tf.constant(random.standard_normal((256, 6)).astype("float32"))
    y = tf.cast(tf.reduce_sum(x, 1, keepdims=True) > 0, tf.float32)
    weights, hidden = tf.Variable(tf.zeros((8, 1))), tf.Variable(tf.ones((6, 8)) * 0.1)
    for _ in range(10):
        with tf.GradientTape() as tape:
            logits = tf.matmul(tf.nn.tanh(tf.matmul(x, hidden)), weights)
            loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=logits))
        for variable, gradient in zip((weights, hidden), tape.gradient(loss, (weights, hidden))):
            variable.assign_sub(gradient)
    return [weights, hidden, loss]


def main():
    print("devices:", len(tf.config.list_physical_devices("GPU")))
    for name, tolerance, operation in [*operations(), ("training", 1e-4, train)]:
        values = []
        for device in ("/CPU:0", "/GPU:0"):
            with tf.device(device):
                values.append(numpy.concatenate([numpy.ravel(value) for value in tf.nest.flatten(operation())]))
        report(name, values[1], values[0], tolerance)


main()
