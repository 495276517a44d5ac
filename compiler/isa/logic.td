// PTX ISA, "Logic and Shift Instructions".

defvar Logic = OneOf<"type", ["pred", "b16", "b32", "b64"]>;

def and : Instruction<"logic-and-shift-instructions-and", [Pure], [
  Form<"and.<type> d, {!}a, {!}b", [Logic], "op:and", ref="a & b">,
]>;
def or : Instruction<"logic-and-shift-instructions-or", [Pure], [
  Form<"or.<type> d, {!}a, {!}b", [Logic], "op:or", ref="a | b">,
]>;
def xor : Instruction<"logic-and-shift-instructions-xor", [Pure], [
  Form<"xor.<type> d, {!}a, {!}b", [Logic], "op:xor", ref="a ^ b">,
]>;
def not : Instruction<"logic-and-shift-instructions-not", [Pure], [
  Form<"not.<type> d, {!}a", [Logic], "custom:Not", ref="~a">,
]>;
def cnot : Instruction<"logic-and-shift-instructions-cnot", [Pure], [
  Form<"cnot.<type> d, a", [OneOf<"type", B16to64>], "call:tq_cnot_<type>", ref="a == 0 ? 1 : 0">,
]>;
def lop3 : Instruction<"logic-and-shift-instructions-lop3", [Pure], [
  Form<"lop3.b32 d, a, b, c, immLut", [], "custom:LogicLookup", "immLut:imm">,
  Form<"lop3.<bool>.b32 d|p, a, b, c, immLut, {!}r", [OneOf<"bool", ["or", "and"]>], "custom:LogicLookup",
       "p:pred immLut:imm r:pred", since=82, sm=70>,
], 43, 50>;
def shf : Instruction<"logic-and-shift-instructions-shf", [Pure], [
  Form<"shf.<dir>.<mode>.b32 d, a, b, c", [OneOf<"dir", ["l", "r"]>], "call:tq_shf_<dir>_<mode>_b32",
       "c:u32">,
], 31, 32>;
// A shift by the width or more gives zero (or the sign), unlike LLVM's.
def shl : Instruction<"logic-and-shift-instructions-shl", [Pure], [
  Form<"shl.<type> d, a, b", [OneOf<"type", B16to64>], "custom:ShiftLeft", "b:u32">,
]>;
def shr : Instruction<"logic-and-shift-instructions-shr", [Pure], [
  Form<"shr.<type> d, a, b", [OneOf<"type", !listconcat(B16to64, U16to64)>], "custom:ShiftRight", "b:u32">,
  Form<"shr.<type> d, a, b", [OneOf<"type", S16to64>], "custom:ShiftRightArithmetic", "b:u32">,
]>;
