// PTX ISA, "Warp Level Matrix Instructions". A form for each number of registers that the fragments take, so that
// parser and verifier know it.

defvar Fp8 = ["e4m3", "e5m2"];
defvar Fp8Fp6Fp4 = ["e4m3", "e5m2", "e3m2", "e2m3", "e2m1"];
defvar Int8 = ["u8", "s8"];
defvar Int4 = ["u4", "s4"];
defvar Wide = ["m16n16k16", "m8n32k16", "m32n8k16"];

class WmmaLoad<list<string> matrix, list<string> shapes, list<string> types, int registers, string element = "b32">
    : Form<"wmma.load.<matrix>.sync.aligned.<layout>.<shape>{.<space>}.<type> d, [a]{, stride}",
           [OneOf<"matrix", matrix>, OneOf<"shape", shapes>, OneOf<"space", ["global", "shared", "shared::cta"]>,
            OneOf<"type", types>], "custom:WmmaLoad",
           "d:vec"#registers#"."#element#" stride:u32", traits=[ReadsMemory]>;
class WmmaStore<list<string> shapes, list<string> types, int registers, string element = "b32">
    : Form<"wmma.store.d.sync.aligned.<layout>.<shape>{.<space>}.<type> [a], v{, stride}",
           [OneOf<"shape", shapes>, OneOf<"space", ["global", "shared", "shared::cta"]>, OneOf<"type", types>],
           "custom:WmmaStore", "v:vec"#registers#"."#element#" stride:u32", traits=[WritesMemory]>;
class Fragments<int d, int a, int b, int c, string element = "b32"> {
  string Types = "d:vec"#d#"."#element#" a:vec"#a#"."#element#" b:vec"#b#"."#element#" c:vec"#c#"."#element;
}
class WmmaHalf<string d, string c, int dCount, int cCount>
    : Form<"wmma.mma.sync.aligned.<alayout>.<blayout>.<shape>.<dtype>.<ctype>{.satfinite} d, a, b, c",
           [OneOf<"shape", Wide>, OneOf<"dtype", [d]>, OneOf<"ctype", [c]>], "custom:WmmaMultiply",
           Fragments<dCount, 8, 8, cCount>.Types>;
class Wmma<string shape, string d, list<string> inputs, Fragments fragments, string modifier = "">
    : Form<"wmma.mma.sync.aligned.<alayout>.<blayout>.<shape>"#modifier#".<dtype>.<atype>.<btype>.<ctype>"
           " d, a, b, c",
           [OneOf<"shape", [shape]>, OneOf<"dtype", [d]>, OneOf<"atype", inputs>, OneOf<"btype", inputs>, OneOf<"ctype", [d]>],
           "custom:WmmaMultiply", fragments.Types>;

def wmma : Instruction<"warp-level-matrix-instructions-wmma", [Convergent, Exchanges], [
  WmmaLoad<["a", "b"], Wide, ["f16"], 8>,
  WmmaLoad<["a", "b"], ["m16n16k16"], ["bf16"], 4>,
  WmmaLoad<["a"], ["m8n32k16"], ["bf16"], 2>,
  WmmaLoad<["b"], ["m8n32k16"], ["bf16"], 8>,
  WmmaLoad<["a"], ["m32n8k16"], ["bf16"], 8>,
  WmmaLoad<["b"], ["m32n8k16"], ["bf16"], 2>,
  WmmaLoad<["a", "b"], ["m16n16k16"], Int8, 2>,
  WmmaLoad<["a"], ["m8n32k16"], Int8, 1>,
  WmmaLoad<["b"], ["m8n32k16"], Int8, 4>,
  WmmaLoad<["a"], ["m32n8k16"], Int8, 4>,
  WmmaLoad<["b"], ["m32n8k16"], Int8, 1>,
  WmmaLoad<["a", "b"], ["m16n16k8"], ["tf32"], 4>,
  WmmaLoad<["a", "b"], ["m8n8k4"], ["f64"], 1, "b64">,
  WmmaLoad<["a", "b"], ["m8n8k32"], Int4, 1>,
  WmmaLoad<["a", "b"], ["m8n8k128"], ["b1"], 1>,
  WmmaLoad<["c"], Wide, ["f16"], 4>,
  WmmaLoad<["c"], Wide, ["f32", "s32"], 8>,
  WmmaLoad<["c"], ["m16n16k8"], ["f32"], 8>,
  WmmaLoad<["c"], ["m8n8k4"], ["f64"], 2, "b64">,
  WmmaLoad<["c"], ["m8n8k32", "m8n8k128"], ["s32"], 2>,
  WmmaStore<Wide, ["f16"], 4>,
  WmmaStore<Wide, ["f32", "s32"], 8>,
  WmmaStore<["m16n16k8"], ["f32"], 8>,
  WmmaStore<["m8n8k4"], ["f64"], 2, "b64">,
  WmmaStore<["m8n8k32", "m8n8k128"], ["s32"], 2>,
  WmmaHalf<"f16", "f16", 4, 4>,
  WmmaHalf<"f16", "f32", 4, 8>,
  WmmaHalf<"f32", "f16", 8, 4>,
  WmmaHalf<"f32", "f32", 8, 8>,
  Wmma<"m16n16k16", "f32", ["bf16"], Fragments<8, 4, 4, 8>>,
  Wmma<"m8n32k16", "f32", ["bf16"], Fragments<8, 2, 8, 8>>,
  Wmma<"m32n8k16", "f32", ["bf16"], Fragments<8, 8, 2, 8>>,
  Wmma<"m16n16k16", "s32", Int8, Fragments<8, 2, 2, 8>, "{.satfinite}">,
  Wmma<"m8n32k16", "s32", Int8, Fragments<8, 1, 4, 8>, "{.satfinite}">,
  Wmma<"m32n8k16", "s32", Int8, Fragments<8, 4, 1, 8>, "{.satfinite}">,
  Wmma<"m16n16k8", "f32", ["tf32"], Fragments<8, 4, 4, 8>>,
  Wmma<"m8n8k4", "f64", ["f64"], Fragments<2, 1, 1, 2, "b64">, "{.<rnd>}">,
  Wmma<"m8n8k32", "s32", Int4, Fragments<2, 1, 1, 2>, "{.satfinite}">,
  Form<"wmma.mma.<op>.popc.sync.aligned.<alayout>.<blayout>.<shape>.<dtype>.<atype>.<btype>.<ctype> d, a, b, c",
       [OneOf<"op", ["xor", "and"]>, OneOf<"shape", ["m8n8k128"]>, OneOf<"dtype", ["s32"]>, OneOf<"atype", ["b1"]>,
        OneOf<"btype", ["b1"]>, OneOf<"ctype", ["s32"]>], "custom:WmmaMultiply", Fragments<2, 1, 1, 2>.Types>,
], 60, 70>;

class Volta<string d, string c, int dCount, int cCount>
    : Form<"mma.sync.aligned.<shape>.<alayout>.<blayout>.<dtype>.<atype>.<btype>.<ctype> d, a, b, c",
           [OneOf<"shape", ["m8n8k4"]>, OneOf<"dtype", [d]>, OneOf<"atype", ["f16"]>, OneOf<"btype", ["f16"]>,
            OneOf<"ctype", [c]>], "custom:MatrixMultiply", Fragments<dCount, 2, 2, cCount>.Types>;
class Mma<string shape, string d, list<string> inputs, Fragments fragments, string modifier = "", int version = 70,
          int arch = 80>
    : Form<"mma.sync.aligned.<shape>.row.col"#modifier#".<dtype>.<atype>.<btype>.<ctype> d, a, b, c",
           [OneOf<"shape", [shape]>, OneOf<"dtype", [d]>, OneOf<"atype", inputs>, OneOf<"btype", inputs>, OneOf<"ctype", [d]>],
           "custom:MatrixMultiply", fragments.Types, since=version, sm=arch>;
class MmaBits<string shape, Fragments fragments>
    : Form<"mma.sync.aligned.<shape>.row.col.<dtype>.<atype>.<btype>.<ctype>.<op>.popc d, a, b, c",
           [OneOf<"shape", [shape]>, OneOf<"dtype", ["s32"]>, OneOf<"atype", ["b1"]>, OneOf<"btype", ["b1"]>,
            OneOf<"ctype", ["s32"]>, OneOf<"op", ["xor", "and"]>], "custom:MatrixMultiply", fragments.Types,
           since=70, sm=75>;
defvar ScaleTypes = " scaleA:b32 selectA:vec2.u16 scaleB:b32 selectB:vec2.u16";
class MmaScaled<string shape, string kind, string scale, string modifier, list<string> inputs,
 string stype>
    : Form<"mma.sync.aligned.<shape>.row.col.<kind>.block_scale"#modifier#".<dtype>.<atype>.<btype>.<ctype>.<stype>"
           " d, a, b, c, scaleA, selectA, scaleB, selectB",
           [OneOf<"shape", [shape]>, OneOf<"dtype", ["f32"]>, OneOf<"atype", inputs>, OneOf<"btype", inputs>,
            OneOf<"ctype", ["f32"]>, OneOf<"stype", [stype]>, OneOf<"kind", [kind]>, OneOf<"scale", [scale]>], "custom:MatrixMultiply",
           !strconcat(Fragments<4, 4, 2, 4>.Types, ScaleTypes), since=87, sm=120>;
class MmaSparse<string shape, string d, list<string> inputs, Fragments fragments, string modifier = "">
    : Form<"mma.<sparse>.sync.aligned.<shape>.row.col"#modifier#".<dtype>.<atype>.<btype>.<ctype> d, a, b, c, e, f",
           [OneOf<"sparse", ["sp", "sp::ordered_metadata"]>, OneOf<"shape", [shape]>, OneOf<"dtype", [d]>,
            OneOf<"atype", inputs>, OneOf<"btype", inputs>, OneOf<"ctype", [d]>], "custom:MatrixMultiply",
           fragments.Types#" e:b32 f:imm", since=71, sm=80>;
class MmaSparseScaled<string shape, string kind, string scale, string modifier, list<string> inputs,
 string stype>
    : Form<"mma.<sparse>.sync.aligned.<shape>.row.col.<kind>.block_scale"#modifier#
           ".<dtype>.<atype>.<btype>.<ctype>.<stype> d, a, b, c, e, f, scaleA, selectA, scaleB, selectB",
           [OneOf<"sparse", ["sp::ordered_metadata"]>, OneOf<"shape", [shape]>, OneOf<"dtype", ["f32"]>,
            OneOf<"atype", inputs>, OneOf<"btype", inputs>, OneOf<"ctype", ["f32"]>, OneOf<"stype", [stype]>, OneOf<"kind", [kind]>, OneOf<"scale", [scale]>],
           "custom:MatrixMultiply", !strconcat(Fragments<4, 4, 4, 4>.Types, " e:b32 f:imm", ScaleTypes), since=87, sm=120>;

def mma : Instruction<"warp-level-matrix-instructions-mma", [Convergent, Exchanges], [
  Volta<"f16", "f16", 4, 4>,
  Volta<"f16", "f32", 4, 8>,
  Volta<"f32", "f16", 8, 4>,
  Volta<"f32", "f32", 8, 8>,
  Mma<"m16n8k8", "f16", ["f16"], Fragments<2, 2, 1, 2>, "", 65, 75>,
  Mma<"m16n8k8", "f32", ["f16"], Fragments<4, 2, 1, 4>, "", 65, 75>,
  Mma<"m16n8k16", "f16", ["f16"], Fragments<2, 4, 2, 2>>,
  Mma<"m16n8k16", "f32", ["f16"], Fragments<4, 4, 2, 4>>,
  Mma<"m16n8k8", "f32", ["bf16"], Fragments<4, 2, 1, 4>>,
  Mma<"m16n8k16", "f32", ["bf16"], Fragments<4, 4, 2, 4>>,
  Mma<"m16n8k4", "f32", ["tf32"], Fragments<4, 2, 1, 4>>,
  Mma<"m16n8k8", "f32", ["tf32"], Fragments<4, 4, 2, 4>>,
  Mma<"m8n8k4", "f64", ["f64"], Fragments<2, 1, 1, 2, "b64">, "{.<rnd>}">,
  Mma<"m16n8k4", "f64", ["f64"], Fragments<4, 2, 1, 4, "b64">, "{.<rnd>}", 78, 90>,
  Mma<"m16n8k8", "f64", ["f64"], Fragments<4, 4, 2, 4, "b64">, "{.<rnd>}", 78, 90>,
  Mma<"m16n8k16", "f64", ["f64"], Fragments<4, 8, 4, 4, "b64">, "{.<rnd>}", 78, 90>,
  Mma<"m8n8k16", "s32", Int8, Fragments<2, 1, 1, 2>, "{.satfinite}", 65, 75>,
  Mma<"m16n8k16", "s32", Int8, Fragments<4, 2, 1, 4>, "{.satfinite}">,
  Mma<"m16n8k32", "s32", Int8, Fragments<4, 4, 2, 4>, "{.satfinite}">,
  Mma<"m8n8k32", "s32", Int4, Fragments<2, 1, 1, 2>, "{.satfinite}", 65, 75>,
  Mma<"m16n8k32", "s32", Int4, Fragments<4, 2, 1, 4>, "{.satfinite}">,
  Mma<"m16n8k64", "s32", Int4, Fragments<4, 4, 2, 4>, "{.satfinite}">,
  MmaBits<"m8n8k128", Fragments<2, 1, 1, 2>>,
  MmaBits<"m16n8k128", Fragments<4, 2, 1, 4>>,
  MmaBits<"m16n8k256", Fragments<4, 4, 2, 4>>,
  Mma<"m16n8k16", "f16", Fp8, Fragments<2, 2, 1, 2>, "", 87, 89>,
  Mma<"m16n8k16", "f32", Fp8, Fragments<4, 2, 1, 4>, "", 87, 89>,
  Mma<"m16n8k32", "f16", Fp8, Fragments<2, 4, 2, 2>, "", 87, 89>,
  Mma<"m16n8k32", "f32", Fp8, Fragments<4, 4, 2, 4>, "", 84, 89>,
  Mma<"m16n8k32", "f16", Fp8Fp6Fp4, Fragments<2, 4, 2, 2>, ".kind::f8f6f4", 87, 120>,
  Mma<"m16n8k32", "f32", Fp8Fp6Fp4, Fragments<4, 4, 2, 4>, ".kind::f8f6f4", 87, 120>,
  MmaScaled<"m16n8k32", "kind::mxf8f6f4", "scale_vec::1X", "{.<scale>}", Fp8Fp6Fp4, "ue8m0">,
  MmaScaled<"m16n8k64", "kind::mxf4", "scale_vec::2X", "{.<scale>}", ["e2m1"], "ue8m0">,
  MmaScaled<"m16n8k64", "kind::mxf4nvf4", "scale_vec::2X", ".<scale>", ["e2m1"], "ue8m0">,
  MmaScaled<"m16n8k64", "kind::mxf4nvf4", "scale_vec::4X", ".<scale>", ["e2m1"], "ue8m0">,
  MmaScaled<"m16n8k64", "kind::mxf4nvf4", "scale_vec::4X", ".<scale>", ["e2m1"], "ue4m3">,
  MmaSparse<"m16n8k16", "f16", ["f16"], Fragments<2, 2, 2, 2>>,
  MmaSparse<"m16n8k16", "f32", ["f16"], Fragments<4, 2, 2, 4>>,
  MmaSparse<"m16n8k32", "f16", ["f16"], Fragments<2, 4, 4, 2>>,
  MmaSparse<"m16n8k32", "f32", ["f16"], Fragments<4, 4, 4, 4>>,
  MmaSparse<"m16n8k16", "f32", ["bf16"], Fragments<4, 2, 2, 4>>,
  MmaSparse<"m16n8k32", "f32", ["bf16"], Fragments<4, 4, 4, 4>>,
  MmaSparse<"m16n8k8", "f32", ["tf32"], Fragments<4, 2, 2, 4>>,
  MmaSparse<"m16n8k16", "f32", ["tf32"], Fragments<4, 4, 4, 4>>,
  MmaSparse<"m16n8k32", "s32", Int8, Fragments<4, 2, 2, 4>, "{.satfinite}">,
  MmaSparse<"m16n8k64", "s32", Int8, Fragments<4, 4, 4, 4>, "{.satfinite}">,
  MmaSparse<"m16n8k64", "s32", Int4, Fragments<4, 2, 2, 4>, "{.satfinite}">,
  MmaSparse<"m16n8k128", "s32", Int4, Fragments<4, 4, 4, 4>, "{.satfinite}">,
  MmaSparse<"m16n8k64", "f16", Fp8, Fragments<2, 4, 4, 2>>,
  MmaSparse<"m16n8k64", "f32", Fp8, Fragments<4, 4, 4, 4>>,
  MmaSparse<"m16n8k64", "f16", Fp8Fp6Fp4, Fragments<2, 4, 4, 2>, ".kind::f8f6f4">,
  MmaSparse<"m16n8k64", "f32", Fp8Fp6Fp4, Fragments<4, 4, 4, 4>, ".kind::f8f6f4">,
  MmaSparseScaled<"m16n8k64", "kind::mxf8f6f4", "scale_vec::1X", "{.<scale>}", Fp8Fp6Fp4, "ue8m0">,
  MmaSparseScaled<"m16n8k128", "kind::mxf4", "scale_vec::2X", "{.<scale>}", ["e2m1"], "ue8m0">,
  MmaSparseScaled<"m16n8k128", "kind::mxf4nvf4", "scale_vec::2X", ".<scale>", ["e2m1"], "ue8m0">,
  MmaSparseScaled<"m16n8k128", "kind::mxf4nvf4", "scale_vec::4X", ".<scale>", ["e2m1"], "ue8m0">,
  MmaSparseScaled<"m16n8k128", "kind::mxf4nvf4", "scale_vec::4X", ".<scale>", ["e2m1"], "ue4m3">,
], 64, 70>;

class LoadMatrix<string shape, string num, int registers, string trans, string format, int version = 0, int arch = 0>
    : Form<"ldmatrix.sync.aligned.<shape>.<num>"#trans#"{.<space>}"#format#" d, [a]",
           [OneOf<"shape", [shape]>, OneOf<"num", [num]>, OneOf<"space", ["shared", "shared::cta"]>],
           "custom:LoadMatrix", "d:vec"#registers#".b32", since=version, sm=arch>;
class LoadMatrixUnpacked<string shape, string num, int registers, string trans>
    : Form<"ldmatrix.sync.aligned.<shape>.<num>"#trans#"{.<space>}.<dstfmt>.<srcfmt> d, [a]",
           [OneOf<"shape", [shape]>, OneOf<"num", [num]>, OneOf<"space", ["shared", "shared::cta"]>,
            OneOf<"dstfmt", ["b8x16"]>, OneOf<"srcfmt", ["b6x16_p32", "b4x16_p64"]>],
           "custom:LoadMatrix", "d:vec"#registers#".b32", since=86, sm=100>;
def ldmatrix : Instruction<"warp-level-matrix-instructions-ldmatrix", [Convergent, Exchanges, ReadsMemory], [
  LoadMatrix<"m8n8", "x1", 1, "{.trans}", ".b16">,
  LoadMatrix<"m8n8", "x2", 2, "{.trans}", ".b16">,
  LoadMatrix<"m8n8", "x4", 4, "{.trans}", ".b16">,
  LoadMatrix<"m16n16", "x1", 2, ".trans", ".b8", 86, 100>,
  LoadMatrix<"m16n16", "x2", 4, ".trans", ".b8", 86, 100>,
  LoadMatrixUnpacked<"m16n16", "x1", 2, ".trans">,
  LoadMatrixUnpacked<"m16n16", "x2", 4, ".trans">,
  LoadMatrixUnpacked<"m8n16", "x1", 1, "">,
  LoadMatrixUnpacked<"m8n16", "x2", 2, "">,
  LoadMatrixUnpacked<"m8n16", "x4", 4, "">,
], 65, 75>;
class StoreMatrix<string shape, string num, int registers, string trans, string type, int version = 0, int arch = 0>
    : Form<"stmatrix.sync.aligned.<shape>.<num>"#trans#"{.<space>}."#type#" [a], v",
           [OneOf<"shape", [shape]>, OneOf<"num", [num]>, OneOf<"space", ["shared", "shared::cta"]>],
           "custom:StoreMatrix", "v:vec"#registers#".b32", since=version, sm=arch>;
def stmatrix : Instruction<"warp-level-matrix-instructions-stmatrix", [Convergent, Exchanges, WritesMemory], [
  StoreMatrix<"m8n8", "x1", 1, "{.trans}", "b16">,
  StoreMatrix<"m8n8", "x2", 2, "{.trans}", "b16">,
  StoreMatrix<"m8n8", "x4", 4, "{.trans}", "b16">,
  StoreMatrix<"m16n8", "x1", 1, ".trans", "b8", 86, 100>,
  StoreMatrix<"m16n8", "x2", 2, ".trans", "b8", 86, 100>,
  StoreMatrix<"m16n8", "x4", 4, ".trans", "b8", 86, 100>,
], 78, 90>;
def movmatrix : Instruction<"warp-level-matrix-instructions-movmatrix", [Convergent, Exchanges], [
  Form<"movmatrix.sync.aligned.m8n8.trans.b16 d, a", [], "custom:MoveMatrix", "d:b32 a:b32">,
], 78, 75>;
