// PTX ISA, "Half Precision Floating-Point Instructions" and "Mixed Precision Floating-Point Instructions".
// Packed operands are b32 registers; devicelib works on both halves.

def add_half : Instruction<"half-precision-floating-point-instructions-add", [Pure, RoundsFp], [
  Form<"add{.<rnd>}{.ftz}{.sat}.<type> d, a, b", [Nearest, OneOf<"type", ["f16", "f16x2"]>],
       "call:tq_add_<sat>_<type>">,
  Form<"add{.<rnd>}.<type> d, a, b", [Nearest, OneOf<"type", ["bf16", "bf16x2"]>], "call:tq_add_<type>",
       since=78, sm=90>,
], 42, 53>;
def sub_half : Instruction<"half-precision-floating-point-instructions-sub", [Pure, RoundsFp], [
  Form<"sub{.<rnd>}{.ftz}{.sat}.<type> d, a, b", [Nearest, OneOf<"type", ["f16", "f16x2"]>],
       "call:tq_sub_<sat>_<type>">,
  Form<"sub{.<rnd>}.<type> d, a, b", [Nearest, OneOf<"type", ["bf16", "bf16x2"]>], "call:tq_sub_<type>",
       since=78, sm=90>,
], 42, 53>;
def mul_half : Instruction<"half-precision-floating-point-instructions-mul", [Pure, RoundsFp], [
  Form<"mul{.<rnd>}{.ftz}{.sat}.<type> d, a, b", [Nearest, OneOf<"type", ["f16", "f16x2"]>],
       "call:tq_mul_<sat>_<type>">,
  Form<"mul{.<rnd>}.<type> d, a, b", [Nearest, OneOf<"type", ["bf16", "bf16x2"]>], "call:tq_mul_<type>",
       since=78, sm=90>,
], 42, 53>;
def fma_half : Instruction<"half-precision-floating-point-instructions-fma", [Pure, RoundsFp], [
  Form<"fma.rn{.ftz}{.sat}.<type> d, a, b, c", [OneOf<"type", ["f16", "f16x2"]>], "call:tq_fma_<sat>_<type>">,
  Form<"fma.rn{.ftz}.relu.<type> d, a, b, c", [OneOf<"type", ["f16", "f16x2"]>], "call:tq_fma_relu_<type>",
       since=70, sm=80>,
  Form<"fma.rn{.relu}.<type> d, a, b, c", [OneOf<"type", ["bf16", "bf16x2"]>], "call:tq_fma_<relu>_<type>",
       since=70, sm=80>,
  Form<"fma.rn.oob{.relu}.<type> d, a, b, c", [OneOf<"type", Halves>], "call:tq_fma_oob_<relu>_<type>",
       since=81, sm=90>,
], 42, 53>;
def neg_half : Instruction<"half-precision-floating-point-instructions-neg", [Pure, RoundsFp], [
  Form<"neg{.ftz}.<type> d, a", [OneOf<"type", ["f16", "f16x2"]>], "call:tq_neg_<type>">,
  Form<"neg.<type> d, a", [OneOf<"type", ["bf16", "bf16x2"]>], "call:tq_neg_<type>", since=70, sm=80>,
], 60, 53>;
def abs_half : Instruction<"half-precision-floating-point-instructions-abs", [Pure, RoundsFp], [
  Form<"abs{.ftz}.<type> d, a", [OneOf<"type", ["f16", "f16x2"]>], "call:tq_abs_<type>">,
  Form<"abs.<type> d, a", [OneOf<"type", ["bf16", "bf16x2"]>], "call:tq_abs_<type>", since=70, sm=80>,
], 65, 53>;
def min_half : Instruction<"half-precision-floating-point-instructions-min", [Pure, RoundsFp], [
  Form<"min{.ftz}{.NaN}.<type> d, a, b", [OneOf<"type", ["f16", "f16x2"]>], "call:tq_min_<NaN>_<type>">,
  Form<"min{.NaN}.<type> d, a, b", [OneOf<"type", ["bf16", "bf16x2"]>], "call:tq_min_<NaN>_<type>">,
  Form<"min{.ftz}{.NaN}.xorsign.abs.<type> d, a, b", [OneOf<"type", ["f16", "f16x2"]>],
       "call:tq_min_<NaN>_xorsign_abs_<type>", since=72, sm=86>,
  Form<"min{.NaN}.xorsign.abs.<type> d, a, b", [OneOf<"type", ["bf16", "bf16x2"]>],
       "call:tq_min_<NaN>_xorsign_abs_<type>", since=72, sm=86>,
], 70, 80>;
def max_half : Instruction<"half-precision-floating-point-instructions-max", [Pure, RoundsFp], [
  Form<"max{.ftz}{.NaN}.<type> d, a, b", [OneOf<"type", ["f16", "f16x2"]>], "call:tq_max_<NaN>_<type>">,
  Form<"max{.NaN}.<type> d, a, b", [OneOf<"type", ["bf16", "bf16x2"]>], "call:tq_max_<NaN>_<type>">,
  Form<"max{.ftz}{.NaN}.xorsign.abs.<type> d, a, b", [OneOf<"type", ["f16", "f16x2"]>],
       "call:tq_max_<NaN>_xorsign_abs_<type>", since=72, sm=86>,
  Form<"max{.NaN}.xorsign.abs.<type> d, a, b", [OneOf<"type", ["bf16", "bf16x2"]>],
       "call:tq_max_<NaN>_xorsign_abs_<type>", since=72, sm=86>,
], 70, 80>;
def tanh_half : Instruction<"half-precision-floating-point-instructions-tanh", [Pure], [
  Form<"tanh.approx.<type> d, a", [OneOf<"type", Halves>], "call:tq_tanh_approx_<type>">,
], 70, 75>;
def ex2_half : Instruction<"half-precision-floating-point-instructions-ex2", [Pure], [
  Form<"ex2.approx.<type> d, a", [OneOf<"type", ["f16", "f16x2"]>], "call:tq_ex2_approx_<type>">,
  Form<"ex2.approx.ftz.<type> d, a", [OneOf<"type", ["bf16", "bf16x2"]>], "call:tq_ex2_approx_ftz_<type>",
       since=78, sm=90>,
], 70, 75>;

def add_mixed : Instruction<"mixed-precision-floating-point-instructions-add", [Pure, Saturates], [
  Form<"add{.<rnd>}{.sat}.<dtype>.<atype> d, a, c", [OneOf<"dtype", ["f32"]>, OneOf<"atype", Half>],
       "call:tq_add_<rnd>_f32_<atype>", "c:<dtype>">,
], 86, 100>;
def sub_mixed : Instruction<"mixed-precision-floating-point-instructions-sub", [Pure, Saturates], [
  Form<"sub{.<rnd>}{.sat}.<dtype>.<atype> d, a, c", [OneOf<"dtype", ["f32"]>, OneOf<"atype", Half>],
       "call:tq_sub_<rnd>_f32_<atype>", "c:<dtype>">,
], 86, 100>;
def fma_mixed : Instruction<"mixed-precision-floating-point-instructions-fma", [Pure, Saturates], [
  Form<"fma.<rnd>{.sat}.<dtype>.<atype> d, a, b, c", [OneOf<"dtype", ["f32"]>, OneOf<"atype", Half>],
       "call:tq_fma_<rnd>_f32_<atype>", "b:<atype> c:<dtype>">,
], 86, 100>;
