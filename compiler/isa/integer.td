// PTX ISA, "Integer Arithmetic Instructions" and "Extended-Precision Integer Arithmetic Instructions".

defvar Bytes = OneOf<"type", ["u8x4", "s8x4"]>;
def add_int : Instruction<"integer-arithmetic-instructions-add", [Pure], [
  Form<"add.<type> d, a, b", [OneOf<"type", I16to64>], "op:add", ref="a + b">,
  Form<"add.sat.s32 d, a, b", [], "llvm.sadd.sat">,
  Form<"add.<type> d, a, b", [OneOf<"type", ["u16x2", "s16x2"]>], "call:tq_add_<type>", since=80, sm=90>,
  Form<"add.<type> d, a, b", [Bytes], "call:tq_add_<type>", since=92, sm=120>,
  Form<"add.sat.<type> d, a, b", [OneOf<"type", ["u32", "u16x2", "s16x2"]>], "call:tq_add_sat_<type>", since=92,
       sm=120>,
]>;
def sub_int : Instruction<"integer-arithmetic-instructions-sub", [Pure], [
  Form<"sub.<type> d, a, b", [OneOf<"type", I16to64>], "op:sub", ref="a - b">,
  Form<"sub.sat.s32 d, a, b", [], "llvm.ssub.sat">,
  Form<"sub.<type> d, a, b", [Bytes], "call:tq_sub_<type>", since=92, sm=120>,
]>;
def mul_int : Instruction<"integer-arithmetic-instructions-mul", [Pure], [
  Form<"mul.lo.<type> d, a, b", [OneOf<"type", I16to64>], "op:mul", ref="a * b">,
  Form<"mul.hi.<type> d, a, b", [OneOf<"type", I16to64>], "call:tq_mul_hi_<type>">,
  Form<"mul.wide.<type> d, a, b", [OneOf<"type", ["u16", "u32", "s16", "s32"]>], "call:tq_mul_wide_<type>",
       types="d:2x<type>">,
]>;
def mad_int : Instruction<"integer-arithmetic-instructions-mad", [Pure], [
  Form<"mad.lo.<type> d, a, b, c", [OneOf<"type", I16to64>], "call:tq_mad_lo_<type>", ref="a * b + c">,
  Form<"mad.hi.<type> d, a, b, c", [OneOf<"type", I16to64>], "call:tq_mad_hi_<type>">,
  Form<"mad.wide.<type> d, a, b, c", [OneOf<"type", ["u16", "u32", "s16", "s32"]>], "call:tq_mad_wide_<type>",
       types="d:2x<type> c:2x<type>">,
  Form<"mad.hi.sat.s32 d, a, b, c", [], "call:tq_mad_hi_sat_s32">,
]>;
def clmad : Instruction<"integer-arithmetic-instructions-clmad", [Pure], [
  Form<"clmad.<half>.u64 d, a, b, c", [OneOf<"half", ["lo", "hi"]>], "call:tq_clmad_<half>_u64">,
], 93, 80>;
def mul24 : Instruction<"integer-arithmetic-instructions-mul24", [Pure], [
  Form<"mul24.<half>.<type> d, a, b", [OneOf<"half", ["lo", "hi"]>, OneOf<"type", I32>],
       "call:tq_mul24_<half>_<type>">,
]>;
def mad24 : Instruction<"integer-arithmetic-instructions-mad24", [Pure], [
  Form<"mad24.<half>.<type> d, a, b, c", [OneOf<"half", ["lo", "hi"]>, OneOf<"type", I32>],
       "call:tq_mad24_<half>_<type>">,
  Form<"mad24.hi.sat.s32 d, a, b, c", [], "call:tq_mad24_hi_sat_s32">,
]>;
def sad : Instruction<"integer-arithmetic-instructions-sad", [Pure], [
  Form<"sad.<type> d, a, b, c", [OneOf<"type", I16to64>], "call:tq_sad_<type>",
       ref="c + (a < b ? b - a : a - b)">,
]>;
// Division by zero gives all ones or machine-specific values on the hardware and must not fault on the host.
def div_int : Instruction<"integer-arithmetic-instructions-div", [Pure], [
  Form<"div.<type> d, a, b", [OneOf<"type", I16to64>], "call:tq_div_<type>">,
]>;
def rem : Instruction<"integer-arithmetic-instructions-rem", [Pure], [
  Form<"rem.<type> d, a, b", [OneOf<"type", I16to64>], "call:tq_rem_<type>">,
]>;
def abs_int : Instruction<"integer-arithmetic-instructions-abs", [Pure], [
  Form<"abs.<type> d, a", [OneOf<"type", S16to64>], "call:tq_abs_<type>">,
]>;
def neg_int : Instruction<"integer-arithmetic-instructions-neg", [Pure], [
  Form<"neg.<type> d, a", [OneOf<"type", S16to64>], "call:tq_neg_<type>", ref="-a">,
  Form<"neg.<type> d, a", [OneOf<"type", ["s8x4"]>], "call:tq_neg_<type>", since=92, sm=120>,
]>;
def min_int : Instruction<"integer-arithmetic-instructions-min", [Pure], [
  Form<"min.<type> d, a, b", [OneOf<"type", U16to64>], "llvm.umin", ref="a < b ? a : b">,
  Form<"min.<type> d, a, b", [OneOf<"type", S16to64>], "llvm.smin", ref="a < b ? a : b">,
  Form<"min{.relu}.<type> d, a, b", [OneOf<"type", ["u16x2", "s16x2"]>], "call:tq_min_<relu>_<type>",
       since=80, sm=90>,
  Form<"min.<type> d, a, b", [Bytes], "call:tq_min_<type>", since=92, sm=120>,
  Form<"min.relu.s32 d, a, b", [], "call:tq_min_relu_s32", since=80, sm=90>,
]>;
def max_int : Instruction<"integer-arithmetic-instructions-max", [Pure], [
  Form<"max.<type> d, a, b", [OneOf<"type", U16to64>], "llvm.umax", ref="a > b ? a : b">,
  Form<"max.<type> d, a, b", [OneOf<"type", S16to64>], "llvm.smax", ref="a > b ? a : b">,
  Form<"max{.relu}.<type> d, a, b", [OneOf<"type", ["u16x2", "s16x2"]>], "call:tq_max_<relu>_<type>",
       since=80, sm=90>,
  Form<"max.<type> d, a, b", [Bytes], "call:tq_max_<type>", since=92, sm=120>,
  Form<"max.relu.s32 d, a, b", [], "call:tq_max_relu_s32", since=80, sm=90>,
]>;
def popc : Instruction<"integer-arithmetic-instructions-popc", [Pure], [
  Form<"popc.<type> d, a", [OneOf<"type", B32to64>], "call:tq_popc_<type>", "d:u32">,
], 20, 20>;
def clz : Instruction<"integer-arithmetic-instructions-clz", [Pure], [
  Form<"clz.<type> d, a", [OneOf<"type", B32to64>], "call:tq_clz_<type>", "d:u32">,
], 20, 20>;
def bfind : Instruction<"integer-arithmetic-instructions-bfind", [Pure], [
  Form<"bfind{.shiftamt}.<type> d, a", [OneOf<"type", I32to64>], "call:tq_bfind_<shiftamt>_<type>", "d:u32">,
], 20, 20>;
def fns : Instruction<"integer-arithmetic-instructions-fns", [Pure], [
  Form<"fns.b32 d, mask, base, offset", [], "call:tq_fns_b32", "base:u32 offset:s32">,
], 60, 30>;
def brev : Instruction<"integer-arithmetic-instructions-brev", [Pure], [
  Form<"brev.<type> d, a", [OneOf<"type", B32to64>], "llvm.bitreverse">,
], 20, 20>;
def bfe : Instruction<"integer-arithmetic-instructions-bfe", [Pure], [
  Form<"bfe.<type> d, a, b, c", [OneOf<"type", I32to64>], "call:tq_bfe_<type>", "b:u32 c:u32">,
], 20, 20>;
def bfi : Instruction<"integer-arithmetic-instructions-bfi", [Pure], [
  Form<"bfi.<type> d, a, b, c, e", [OneOf<"type", B32to64>], "call:tq_bfi_<type>", "c:u32 e:u32">,
], 20, 20>;
def szext : Instruction<"integer-arithmetic-instructions-szext", [Pure], [
  Form<"szext.<mode>.<type> d, a, b", [OneOf<"type", I32>], "call:tq_szext_<mode>_<type>", "b:u32">,
], 76, 70>;
def bmsk : Instruction<"integer-arithmetic-instructions-bmsk", [Pure], [
  Form<"bmsk.<mode>.b32 d, a, b", [], "call:tq_bmsk_<mode>_b32", "a:u32 b:u32">,
], 76, 70>;
def dp4a : Instruction<"integer-arithmetic-instructions-dp4a", [Pure], [
  Form<"dp4a.<atype>.<btype> d, a, b, c", [OneOf<"atype", I32>, OneOf<"btype", I32>],
       "call:tq_dp4a_<atype>_<btype>", "d:b32 a:b32 b:b32 c:b32">,
], 50, 61>;
def dp2a : Instruction<"integer-arithmetic-instructions-dp2a", [Pure], [
  Form<"dp2a.<half>.<atype>.<btype> d, a, b, c",
       [OneOf<"half", ["lo", "hi"]>, OneOf<"atype", I32>, OneOf<"btype", I32>],
       "call:tq_dp2a_<half>_<atype>_<btype>", "d:b32 a:b32 b:b32 c:b32">,
], 50, 61>;

def add_carry : Instruction<"extended-precision-arithmetic-instructions-add-cc", [], [
  Form<"add.cc.<type> d, a, b", [OneOf<"type", I32to64>], "custom:AddCarry", traits=[SetsCarry]>,
  Form<"addc{.cc}.<type> d, a, b", [OneOf<"type", I32to64>], "custom:AddCarry",
       traits=[SetsCarry, UsesCarry]>,
], 12>;
def sub_carry : Instruction<"extended-precision-arithmetic-instructions-sub-cc", [], [
  Form<"sub.cc.<type> d, a, b", [OneOf<"type", I32to64>], "custom:SubCarry", traits=[SetsCarry]>,
  Form<"subc{.cc}.<type> d, a, b", [OneOf<"type", I32to64>], "custom:SubCarry",
       traits=[SetsCarry, UsesCarry]>,
], 12>;
def mad_carry : Instruction<"extended-precision-arithmetic-instructions-mad-cc", [], [
  Form<"mad.<half>.cc.<type> d, a, b, c", [OneOf<"half", ["lo", "hi"]>, OneOf<"type", I32to64>],
       "custom:MadCarry", traits=[SetsCarry]>,
  Form<"madc.<half>{.cc}.<type> d, a, b, c", [OneOf<"half", ["lo", "hi"]>, OneOf<"type", I32to64>],
       "custom:MadCarry", traits=[SetsCarry, UsesCarry]>,
], 30, 20>;
