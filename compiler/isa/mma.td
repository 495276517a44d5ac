// PTX ISA, "Warp Level Matrix Instructions".

defvar WShape = OneOf<"shape", ["m16n16k16", "m8n32k16", "m32n8k16", "m8n8k32", "m8n8k128", "m16n16k8",
"m8n8k4"]>;
defvar WSpace = OneOf<"space", ["global", "shared", "shared::cta"]>;

def wmma : Instruction<"warp-level-matrix-instructions-wmma", [Convergent, Exchanges], [
  Form<"wmma.load.<matrix>.sync.aligned.<layout>.<shape>{.<space>}.<type> d, [a]{, stride}",
       [OneOf<"matrix", ["a", "b", "c"]>, WShape, WSpace,
        OneOf<"type", ["f16", "f32", "f64", "s32", "bf16", "tf32", "u8", "s8", "u4", "s4", "b1"]>], "",
       "d:vec.any stride:u32", traits=[ReadsMemory]>,
  Form<"wmma.store.d.sync.aligned.<layout>.<shape>{.<space>}.<type> [a], v{, stride}",
       [WShape, WSpace, OneOf<"type", ["f16", "f32", "f64", "s32"]>], "", "v:vec.any stride:u32",
       traits=[WritesMemory]>,
  Form<"wmma.mma.sync.aligned.<alayout>.<blayout>.<shape>{.<rnd>}.<dtype>.<ctype>{.satfinite}" " d, a, b, c",
       [WShape, OneOf<"dtype", ["f16", "f32"]>, OneOf<"ctype", ["f16", "f32"]>], "",
       "d:vec.any a:vec.any b:vec.any c:vec.any">,
  Form<"wmma.mma.sync.aligned.<alayout>.<blayout>.<shape>{.<rnd>}.<dtype>.<atype>.<btype>.<ctype>{.satfinite}"
       " d, a, b, c",
       [WShape, OneOf<"dtype", ["f32", "f64", "s32"]>,
        OneOf<"atype", ["bf16", "tf32", "f64", "u8", "s8", "u4", "s4"]>,
        OneOf<"btype", ["bf16", "tf32", "f64", "u8", "s8", "u4", "s4"]>,
        OneOf<"ctype", ["f32", "f64", "s32"]>], "", "d:vec.any a:vec.any b:vec.any c:vec.any">,
  Form<"wmma.mma.<op>.popc.sync.aligned.<alayout>.<blayout>.<shape>.<dtype>.<atype>.<btype>.<ctype>"
       " d, a, b, c",
       [OneOf<"op", ["xor", "and"]>, WShape, OneOf<"dtype", ["s32"]>, OneOf<"atype", ["b1"]>,
        OneOf<"btype", ["b1"]>, OneOf<"ctype", ["s32"]>], "", "d:vec.any a:vec.any b:vec.any c:vec.any">,
], 60, 70>;

defvar MmaIn = ["f16", "bf16", "tf32", "f64", "u8", "s8", "u4", "s4", "e4m3", "e5m2", "e3m2", "e2m3", "e2m1"];
defvar MmaOut = ["f16", "f32", "f64", "s32"];
defvar MmaShape = OneOf<"shape", ["m8n8k4", "m8n8k16", "m8n8k32", "m16n8k4", "m16n8k8", "m16n8k16",
"m16n8k32",
                                  "m16n8k64", "m16n8k128", "m16n8k256", "m8n8k128"]>;
defvar MmaVectors = "d:vec.any a:vec.any b:vec.any c:vec.any";
def mma : Instruction<"warp-level-matrix-instructions-mma", [Convergent, Exchanges], [
  Form<"mma.sync.aligned.<shape>.<alayout>.<blayout>{.<rnd>}{.satfinite}"
       ".<dtype>.<atype>.<btype>.<ctype> d, a, b, c",
       [MmaShape, OneOf<"dtype", MmaOut>, OneOf<"atype", MmaIn>, OneOf<"btype", MmaIn>,
        OneOf<"ctype", MmaOut>], "", MmaVectors>,
  Form<"mma.sync.aligned.<shape>.row.col.s32.b1.b1.s32.<op>.popc d, a, b, c",
       [MmaShape, OneOf<"op", ["xor", "and"]>], "", MmaVectors, since=70, sm=75>,
  Form<"mma.sync.aligned.<shape>.row.col.<kind>.<dtype>.<atype>.<btype>.<ctype> d, a, b, c",
       [MmaShape, OneOf<"kind", ["kind::f8f6f4"]>, OneOf<"dtype", MmaOut>, OneOf<"atype", MmaIn>,
        OneOf<"btype", MmaIn>, OneOf<"ctype", MmaOut>], "", MmaVectors, since=87, sm=120>,
  Form<"mma.sync.aligned.<shape>.row.col.<kind>.block_scale{.<scale>}.<dtype>.<atype>.<btype>.<ctype>.<stype>"
       " d, a, b, c, scaleA, selectA, scaleB, selectB",
       [MmaShape, OneOf<"kind", ["kind::mxf8f6f4", "kind::mxf4", "kind::mxf4nvf4"]>,
        OneOf<"scale", ["scale_vec::1X", "scale_vec::2X", "scale_vec::4X"]>, OneOf<"dtype", ["f32"]>,
        OneOf<"atype", MmaIn>, OneOf<"btype", MmaIn>, OneOf<"ctype", ["f32"]>,
        OneOf<"stype", ["ue8m0", "ue4m3"]>], "",
       "d:vec.any a:vec.any b:vec.any c:vec.any scaleA:b32 selectA:vec.any scaleB:b32 selectB:vec.any",
       since=87, sm=120>,
  Form<"mma.<sparse>.sync.aligned.<shape>.row.col{.satfinite}{.<kind>}"
       ".<dtype>.<atype>.<btype>.<ctype> d, a, b, c, e, f",
       [OneOf<"sparse", ["sp", "sp::ordered_metadata"]>, MmaShape, OneOf<"kind", ["kind::f8f6f4"]>,
        OneOf<"dtype", MmaOut>, OneOf<"atype", MmaIn>, OneOf<"btype", MmaIn>, OneOf<"ctype", MmaOut>], "",
       "d:vec.any a:vec.any b:vec.any c:vec.any e:b32 f:imm", since=71, sm=80>,
], 64, 70>;
def ldmatrix : Instruction<"warp-level-matrix-instructions-ldmatrix", [Convergent, Exchanges, ReadsMemory], [
  Form<"ldmatrix.sync.aligned.<shape>.<num>{.trans}{.<space>}.<type> d, [a]",
       [OneOf<"shape", ["m8n8"]>, OneOf<"num", ["x1", "x2", "x4"]>, OneOf<"space", ["shared", "shared::cta"]>,
        OneOf<"type", ["b16"]>], "", "d:vec.b32">,
  Form<"ldmatrix.sync.aligned.<shape>.<num>{.trans}{.<space>}.<dstfmt>.<srcfmt> d, [a]",
       [OneOf<"shape", ["m8n16", "m16n16"]>, OneOf<"num", ["x1", "x2", "x4"]>,
        OneOf<"space", ["shared", "shared::cta"]>, OneOf<"dstfmt", ["b8x16"]>,
        OneOf<"srcfmt", ["b6x16_p32", "b4x16_p64"]>], "", "d:vec.b32", since=86, sm=100>,
], 65, 75>;
def stmatrix : Instruction<"warp-level-matrix-instructions-stmatrix", [Convergent, Exchanges, WritesMemory], [
  Form<"stmatrix.sync.aligned.<shape>.<num>{.trans}{.<space>}.<type> [a], v",
       [OneOf<"shape", ["m8n8", "m16n8"]>, OneOf<"num", ["x1", "x2", "x4"]>,
        OneOf<"space", ["shared", "shared::cta"]>, OneOf<"type", ["b16", "b8"]>], "", "v:vec.b32">,
], 78, 90>;
def movmatrix : Instruction<"warp-level-matrix-instructions-movmatrix", [Convergent, Exchanges], [
  Form<"movmatrix.sync.aligned.m8n8.trans.b16 d, a", [], "", "d:b32 a:b32">,
], 78, 75>;
