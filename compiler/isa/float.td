// PTX ISA, "Floating-Point Instructions". `.rn` is LLVM's own rounding; the directed ones are devicelib
// functions. An approx form may be more precise than the hardware's; the exact LLVM operation serves where it
// is as fast.

defvar Directed = OneOf<"rnd", ["rz", "rm", "rp"]>;
defvar Nearest = OneOf<"rnd", ["rn"]>;

def testp : Instruction<"floating-point-instructions-testp", [Pure], [
  Form<"testp.<op>.<type> p, a",
       [OneOf<"op", ["finite", "infinite", "number", "notanumber", "normal", "subnormal"]>,
        OneOf<"type", F32to64>], "call:tq_testp_<op>_<type>", "p:pred">,
], 20, 20>;
def copysign : Instruction<"floating-point-instructions-copysign", [Pure], [
  // The sign comes from a, the magnitude from b.
  Form<"copysign.<type> d, a, b", [OneOf<"type", F32to64>], "call:tq_copysign_<type>">,
], 20, 20>;
def add_float : Instruction<"floating-point-instructions-add", [Pure, RoundsFp, Saturates], [
  Form<"add{.<rnd>}{.ftz}{.sat}.f32 d, a, b", [Nearest], "op:fadd", ref="a + b">,
  Form<"add.<rnd>{.ftz}{.sat}.f32 d, a, b", [Directed], "call:tq_add_<rnd>_f32", since=20, sm=20>,
  Form<"add{.<rnd>}.f64 d, a, b", [Nearest], "op:fadd", ref="a + b", sm=13>,
  Form<"add.<rnd>.f64 d, a, b", [Directed], "call:tq_add_<rnd>_f64", sm=13>,
  Form<"add{.<rnd>}{.ftz}.f32x2 d, a, b", [], "call:tq_add_<rnd>_f32x2", since=86, sm=100>,
]>;
def sub_float : Instruction<"floating-point-instructions-sub", [Pure, RoundsFp, Saturates], [
  Form<"sub{.<rnd>}{.ftz}{.sat}.f32 d, a, b", [Nearest], "op:fsub", ref="a - b">,
  Form<"sub.<rnd>{.ftz}{.sat}.f32 d, a, b", [Directed], "call:tq_sub_<rnd>_f32", since=20, sm=20>,
  Form<"sub{.<rnd>}.f64 d, a, b", [Nearest], "op:fsub", ref="a - b", sm=13>,
  Form<"sub.<rnd>.f64 d, a, b", [Directed], "call:tq_sub_<rnd>_f64", sm=13>,
  Form<"sub{.<rnd>}{.ftz}.f32x2 d, a, b", [], "call:tq_sub_<rnd>_f32x2", since=86, sm=100>,
]>;
def mul_float : Instruction<"floating-point-instructions-mul", [Pure, RoundsFp, Saturates], [
  Form<"mul{.<rnd>}{.ftz}{.sat}.f32 d, a, b", [Nearest], "op:fmul", ref="a * b">,
  Form<"mul.<rnd>{.ftz}{.sat}.f32 d, a, b", [Directed], "call:tq_mul_<rnd>_f32">,
  Form<"mul{.<rnd>}.f64 d, a, b", [Nearest], "op:fmul", ref="a * b", sm=13>,
  Form<"mul.<rnd>.f64 d, a, b", [Directed], "call:tq_mul_<rnd>_f64", sm=13>,
  Form<"mul{.<rnd>}{.ftz}.f32x2 d, a, b", [], "call:tq_mul_<rnd>_f32x2", since=86, sm=100>,
]>;
def fma : Instruction<"floating-point-instructions-fma", [Pure, RoundsFp, Saturates], [
  Form<"fma.<rnd>{.ftz}{.sat}.f32 d, a, b, c", [Nearest], "llvm.fma">,
  Form<"fma.<rnd>{.ftz}{.sat}.f32 d, a, b, c", [Directed], "call:tq_fma_<rnd>_f32">,
  Form<"fma.<rnd>.f64 d, a, b, c", [Nearest], "llvm.fma">,
  Form<"fma.<rnd>.f64 d, a, b, c", [Directed], "call:tq_fma_<rnd>_f64">,
  Form<"fma.<rnd>{.ftz}.f32x2 d, a, b, c", [], "call:tq_fma_<rnd>_f32x2", since=86, sm=100>,
], 14, 13>;
// Since sm_20 mad is fma. Without a rounding (old targets only) the product of f32 was truncated; fma is
// closer.
def mad_float : Instruction<"floating-point-instructions-mad", [Pure, RoundsFp, Saturates], [
  Form<"mad{.<rnd>}{.ftz}{.sat}.f32 d, a, b, c", [Nearest], "llvm.fma">,
  Form<"mad.<rnd>{.ftz}{.sat}.f32 d, a, b, c", [Directed], "call:tq_fma_<rnd>_f32">,
  Form<"mad{.<rnd>}.f64 d, a, b, c", [Nearest], "llvm.fma", sm=13>,
  Form<"mad.<rnd>.f64 d, a, b, c", [Directed], "call:tq_fma_<rnd>_f64", sm=13>,
]>;
def div_float : Instruction<"floating-point-instructions-div", [Pure, RoundsFp, Saturates], [
  Form<"div{.<rnd>}{.ftz}{.sat}.f32 d, a, b", [OneOf<"rnd", ["rn", "full"]>], "op:fdiv", ref="a / b">,
  Form<"div.<rnd>{.ftz}{.sat}.f32 d, a, b", [OneOf<"rnd", ["approx"]>], "call:tq_div_<rnd>_f32">,
  Form<"div.<rnd>{.ftz}{.sat}.f32 d, a, b", [Directed], "call:tq_div_<rnd>_f32", since=14, sm=20>,
  Form<"div{.<rnd>}.f64 d, a, b", [Nearest], "op:fdiv", ref="a / b", sm=13>,
  Form<"div.<rnd>.f64 d, a, b", [Directed], "call:tq_div_<rnd>_f64", since=14, sm=20>,
]>;
def abs_float : Instruction<"floating-point-instructions-abs", [Pure, RoundsFp], [
  Form<"abs{.ftz}.f32 d, a", [], "llvm.fabs">,
  Form<"abs.f64 d, a", [], "llvm.fabs", sm=13>,
]>;
def neg_float : Instruction<"floating-point-instructions-neg", [Pure, RoundsFp], [
  Form<"neg{.ftz}.f32 d, a", [], "op:fneg">,
  Form<"neg.f64 d, a", [], "op:fneg", sm=13>,
]>;
// The result of two NaNs, and of .NaN with one, is the canonical NaN (0x7fffffff).
def min_float : Instruction<"floating-point-instructions-min", [Pure, RoundsFp], [
  Form<"min{.ftz}{.NaN}.f32 d, a, b", [], "call:tq_min_<NaN>_f32">,
  Form<"min{.ftz}{.NaN}.xorsign.abs.f32 d, a, b", [], "call:tq_min_<NaN>_xorsign_abs_f32", since=72, sm=86>,
  Form<"min{.ftz}{.NaN}{.abs}.f32 d, a, b, c", [], "call:tq_min3_<NaN>_<abs>_f32", since=88, sm=100>,
  Form<"min.f64 d, a, b", [], "call:tq_min_f64", sm=13>,
]>;
def max_float : Instruction<"floating-point-instructions-max", [Pure, RoundsFp], [
  Form<"max{.ftz}{.NaN}.f32 d, a, b", [], "call:tq_max_<NaN>_f32">,
  Form<"max{.ftz}{.NaN}.xorsign.abs.f32 d, a, b", [], "call:tq_max_<NaN>_xorsign_abs_f32", since=72, sm=86>,
  Form<"max{.ftz}{.NaN}{.abs}.f32 d, a, b, c", [], "call:tq_max3_<NaN>_<abs>_f32", since=88, sm=100>,
  Form<"max.f64 d, a, b", [], "call:tq_max_f64", sm=13>,
]>;
def rcp : Instruction<"floating-point-instructions-rcp", [Pure, RoundsFp], [
  Form<"rcp{.<rnd>}{.ftz}.f32 d, a", [OneOf<"rnd", ["rn", "rz", "rm", "rp", "approx"]>],
       "call:tq_rcp_<rnd>_f32">,
  Form<"rcp{.<rnd>}.f64 d, a", [], "call:tq_rcp_<rnd>_f64", sm=13>,
  Form<"rcp.approx.ftz.f64 d, a", [], "call:tq_rcp_approx_ftz_f64", since=21, sm=20>,
]>;
def sqrt : Instruction<"floating-point-instructions-sqrt", [Pure, RoundsFp], [
  Form<"sqrt{.<rnd>}{.ftz}.f32 d, a", [OneOf<"rnd", ["rn", "approx"]>], "llvm.sqrt">,
  Form<"sqrt.<rnd>{.ftz}.f32 d, a", [Directed], "call:tq_sqrt_<rnd>_f32", since=14, sm=20>,
  Form<"sqrt{.<rnd>}.f64 d, a", [Nearest], "llvm.sqrt", sm=13>,
  Form<"sqrt.<rnd>.f64 d, a", [Directed], "call:tq_sqrt_<rnd>_f64", sm=13>,
]>;
def rsqrt : Instruction<"floating-point-instructions-rsqrt", [Pure, RoundsFp], [
  Form<"rsqrt{.approx}{.ftz}.f32 d, a", [], "call:tq_rsqrt_approx_f32">,
  Form<"rsqrt{.approx}.f64 d, a", [], "call:tq_rsqrt_approx_f64", sm=13>,
  Form<"rsqrt.approx.ftz.f64 d, a", [], "call:tq_rsqrt_approx_ftz_f64", since=40, sm=20>,
]>;
def sin : Instruction<"floating-point-instructions-sin", [Pure, RoundsFp], [
  Form<"sin{.approx}{.ftz}.f32 d, a", [], "call:tq_sin_approx_f32">,
]>;
def cos : Instruction<"floating-point-instructions-cos", [Pure, RoundsFp], [
  Form<"cos{.approx}{.ftz}.f32 d, a", [], "call:tq_cos_approx_f32">,
]>;
def lg2 : Instruction<"floating-point-instructions-lg2", [Pure, RoundsFp], [
  Form<"lg2{.approx}{.ftz}.f32 d, a", [], "call:tq_lg2_approx_f32">,
]>;
def ex2 : Instruction<"floating-point-instructions-ex2", [Pure, RoundsFp], [
  Form<"ex2{.approx}{.ftz}.f32 d, a", [], "call:tq_ex2_approx_f32">,
]>;
def tanh : Instruction<"floating-point-instructions-tanh", [Pure, RoundsFp], [
  Form<"tanh.approx.f32 d, a", [], "call:tq_tanh_approx_f32">,
], 70, 75>;
