"""CTranslate2: a small GPT-2 with random weights, in every format of its, against float32 on the host."""
import tempfile

import ctranslate2
import numpy
from ctranslate2.specs import common_spec, transformer_spec

from checks import load_cuda_libraries, report

LAYERS, HEADS, WIDTH, WORDS, POSITIONS = 2, 4, 64, 100, 64


def make_model(directory):
    random = numpy.random.default_rng(0)

    def draw(scale, *shape):
        return (random.standard_normal(shape) * scale).astype("float32")

    def fill_linear(spec, outputs, inputs):
        spec.weight, spec.bias = draw(0.2, outputs, inputs), draw(0.1, outputs)

    def fill_norm(spec):
        spec.gamma, spec.beta = 1 + draw(0.1, WIDTH), draw(0.1, WIDTH)

    spec = transformer_spec.TransformerDecoderModelSpec.from_config(
        LAYERS, HEADS, pre_norm=True, activation=common_spec.Activation.GELUTanh)
    decoder = spec.decoder
    decoder.scale_embeddings = False
    decoder.embeddings.weight = draw(0.5, WORDS, WIDTH)
    decoder.position_encodings.encodings = draw(0.3, POSITIONS, WIDTH)
    decoder.projection.weight = decoder.embeddings.weight
    fill_norm(decoder.layer_norm)
    for layer in decoder.layer:
        fill_norm(layer.self_attention.layer_norm)
        fill_linear(layer.self_attention.linear[0], 3 * WIDTH, WIDTH)
        fill_linear(layer.self_attention.linear[1], WIDTH, WIDTH)
        fill_norm(layer.ffn.layer_norm)
        fill_linear(layer.ffn.linear_0, 4 * WIDTH, WIDTH)
        fill_linear(layer.ffn.linear_1, WIDTH, 4 * WIDTH)
    spec.register_vocabulary(["<unk>", "<s>", "</s>"] + [f"w{i}" for i in range(3, WORDS)])
    spec.config.unk_token, spec.config.bos_token, spec.config.eos_token = "<unk>", "<s>", "</s>"
    spec.validate()
    spec.optimize()
    spec.save(directory)


def run(directory, device, compute_type):
    generator = ctranslate2.Generator(directory, device=device, compute_type=compute_type)
    prompts = [["<s>", "w7", "w8"], ["<s>", "w50", "w9", "w11"]]
    texts = generator.generate_batch(prompts, max_length=20, sampling_topk=1, include_prompt_in_result=False)
    scores = generator.score_batch([["<s>", "w7", "w8", "w9", "w20", "w50"]])
    return [text.sequences[0] for text in texts], scores[0].log_probs


def main():
    load_cuda_libraries("cublasLt", "cublas")
    with tempfile.TemporaryDirectory() as directory:
        make_model(directory)
        texts, scores = run(directory, "cpu", "float32")
        for compute_type, tolerance in (("float32", 1e-4), ("float16", 0.01), ("bfloat16", 0.05), ("int8", 0.1)):
            own_texts, own_scores = run(directory, "cuda", compute_type)
            report(f"{compute_type}: log probabilities", own_scores, scores, tolerance)
            if compute_type == "float32":
                report("float32: the words chosen", own_texts == texts, True, 0)


main()
