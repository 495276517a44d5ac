// PTX ISA, "Asynchronous Warpgroup Level Matrix Instructions". Each product has a form with A in shared memory, by
// descriptor, and one with A in registers.

defvar WgmmaColumns = !range(8, 257, 8);
defvar WgmmaIntegerColumns = !listconcat([8, 24], !range(16, 257, 16));
class WgmmaShapes<list<int> columns, int k> {
  list<string> Shapes = !foreach(n, columns, "m64n"#n#"k"#k);
}

// `halves`: what of N a lane has in registers of D: 2 of 32 bits, 4 of 16 bits two by two.
class Wgmma<string sparse, list<string> shapes, string d, int halves, list<string> as, list<string> bs, string modifier,
            string a, string operands, string types, list<OneOf> slots = []>
    : Form<"wgmma.mma_async"#!if(!eq(sparse, ""), "", "."#sparse)#".sync.aligned.<shape>.<dtype>.<atype>.<btype>"#
               modifier#" d, a, b"#!if(!eq(sparse, ""), "", ", meta, selector")#", scaleD"#operands,
           !listconcat([OneOf<"shape", shapes>, OneOf<"dtype", [d]>, OneOf<"atype", as>, OneOf<"btype", bs>], slots),
           "custom:WgmmaMultiply",
           "d:vec(shape/"#halves#")."#!if(!eq(halves, 4), "b32", d)#" a:"#a#" b:b64 scaleD:pred"#
               !if(!eq(sparse, ""), "", " meta:b32 selector:imm")#types>;
class WgmmaBoth<string sparse, list<int> columns, int k, string d, list<string> as, list<string> bs, string operands,
                string types, string modifier = "", string transA = "", string transTypes = ""> {
  defvar shapes = WgmmaShapes<columns, !if(!eq(sparse, ""), k, !mul(k, 2))>.Shapes;
  defvar halves = !if(!eq(d, "f16"), 4, 2);
  list<Form> Forms = [
    Wgmma<sparse, shapes, d, halves, as, bs, modifier, "b64", !subst("TRANSA", transA, operands), types#transTypes>,
    Wgmma<sparse, shapes, d, halves, as, bs, modifier, "vec4.b32", !subst("TRANSA", "", operands), types>,
  ];
}
class WgmmaHalf<string sparse, string d, string type>
    : WgmmaBoth<sparse, WgmmaColumns, 16, d, [type], [type], ", scaleA, scaleBTRANSA, transB",
                " scaleA:imm scaleB:imm transB:imm", "", ", transA", " transA:imm">;
class WgmmaFloat<string sparse, int k, string d, list<string> types>
    : WgmmaBoth<sparse, WgmmaColumns, k, d, types, types, ", scaleA, scaleB", " scaleA:imm scaleB:imm">;
class WgmmaInteger<string sparse>
    : WgmmaBoth<sparse, WgmmaIntegerColumns, 32, "s32", Int8, Int8, "", "", "{.satfinite}">;
class WgmmaBits<string a>
    : Wgmma<"", WgmmaShapes<WgmmaIntegerColumns, 256>.Shapes, "s32", 2, ["b1"], ["b1"], ".<op>.popc", a, "", "",
            [OneOf<"op", ["and"]>]>;
class WgmmaProducts<string sparse> {
  list<Form> Forms = !listconcat(
    WgmmaHalf<sparse, "f16", "f16">.Forms,
    WgmmaHalf<sparse, "f32", "f16">.Forms,
    WgmmaHalf<sparse, "f32", "bf16">.Forms,
    WgmmaFloat<sparse, 8, "f32", ["tf32"]>.Forms,
    WgmmaFloat<sparse, 32, "f16", Fp8>.Forms,
    WgmmaFloat<sparse, 32, "f32", Fp8>.Forms,
    WgmmaInteger<sparse>.Forms);
}

def wgmma : Instruction<"asynchronous-warpgroup-level-matrix-instructions", [Convergent, Exchanges, ReadsMemory],
    !listconcat(WgmmaProducts<"">.Forms, [
  WgmmaBits<"b64">,
  WgmmaBits<"vec4.b32">,
], WgmmaProducts<"sp">.Forms, [
  Form<"wgmma.fence.sync.aligned", [], "custom:Ignore">,
  Form<"wgmma.commit_group.sync.aligned", [], "custom:Ignore">,
  Form<"wgmma.wait_group.sync.aligned n", [], "custom:Ignore", "n:imm">,
]), 80, 90>;
