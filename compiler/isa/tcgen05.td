// PTX ISA, "TensorCore 5th Generation Family Instructions". Addresses in tensor memory are 32 bits: lane and column.

defvar CtaGroup = OneOf<"group", ["cta_group::1", "cta_group::2"]>;
defvar TensorCounts = ["x1", "x2", "x4", "x8", "x16", "x32", "x64", "x128"];

class TensorLoad<string shape, int firstCount, int lastCount, int registers>
    : Form<"tcgen05.ld.sync.aligned.<shape>.<num>{.pack::16b}.b32 d, [a]",
           [OneOf<"shape", [shape]>, OneOf<"num", !foreach(i, !range(firstCount, lastCount), TensorCounts[i])>],
           "custom:TensorMemoryLoad", "d:vec(num*"#registers#").b32", traits=[ReadsMemory]>;
class TensorStore<string shape, int firstCount, int lastCount, int registers>
    : Form<"tcgen05.st.sync.aligned.<shape>.<num>{.unpack::16b}.b32 [a], v",
           [OneOf<"shape", [shape]>, OneOf<"num", !foreach(i, !range(firstCount, lastCount), TensorCounts[i])>],
           "custom:TensorMemoryStore", "v:vec(num*"#registers#").b32", traits=[WritesMemory]>;
class TensorLoadReduce<string shape, string modifiers, list<string> types, string split>
    : Form<"tcgen05.ld.red.sync.aligned.<shape>.<num>.<op>"#modifiers#".<type> d, q, [a]"#split,
           [OneOf<"shape", [shape]>, OneOf<"num", !tail(TensorCounts)>, OneOf<"op", ["min", "max"]>,
            OneOf<"type", types>], "custom:TensorMemoryReduce",
           "d:vec(num*1).<type>"#!if(!empty(split), "", " split:imm"), since=90, sm=103, traits=[ReadsMemory]>;

class TensorCopy<list<string> shapes, string multicast, list<string> multicasts, string format = "">
    : Form<"tcgen05.cp.<group>.<shape>"#multicast#format#" [a], s",
           !listconcat([CtaGroup, OneOf<"shape", shapes>],
                       !if(!empty(multicast), []<OneOf>, [OneOf<"multicast", multicasts>]),
                       !if(!empty(format), []<OneOf>, [OneOf<"format", ["b6x16_p32", "b4x16_p64"]>])),
           "custom:TensorCopy", "s:b64">;

// `a`: the operand A, `[a]` in tensor memory. `mask`: which lanes of D stay as they are.
class TensorProduct<list<string> kinds, string sparse, string a, string modifiers, string operands, string types>
    : Form<"tcgen05.mma"#sparse#".<group>.<kind>"#modifiers#" [d], "#a#", b, "#!if(!empty(sparse), "", "[meta], ")#
               "idesc"#operands,
           [CtaGroup, OneOf<"kind", kinds>,
            OneOf<"collector", ["collector::a::fill", "collector::a::use", "collector::a::lastuse",
                                "collector::a::discard"]>], "custom:TensorMultiply",
           !if(!eq(a, "a"), "a:b64 ", "")#"b:b64 idesc:b32 enable:pred"#types>;
class TensorScaled<list<string> kinds, string sparse, string a, string scale, list<string> scales>
    : Form<"tcgen05.mma"#sparse#".<group>.<kind>.block_scale"#scale#"{.<collector>} [d], "#a#", b, "#
               !if(!empty(sparse), "", "[meta], ")#"idesc, [scaleA], [scaleB], enable",
           [CtaGroup, OneOf<"kind", kinds>, OneOf<"scale", scales>,
            OneOf<"collector", ["collector::a::fill", "collector::a::use", "collector::a::lastuse",
                                "collector::a::discard"]>], "custom:TensorMultiply",
           !if(!eq(a, "a"), "a:b64 ", "")#"b:b64 idesc:b32 enable:pred", since=87>;
class TensorProducts<string sparse, string a> {
  defvar shift = !if(!eq(a, "[a]"), "{.ashift}", "");
  list<Form> Forms = [
    TensorProduct<["kind::f16", "kind::tf32"], sparse, a, shift#"{.<collector>}", ", mask, enable{, scale}",
                  " mask:vec(group*4).b32 scale:imm">,
    TensorProduct<["kind::f16", "kind::tf32"], sparse, a, shift#"{.<collector>}", ", enable{, scale}", " scale:imm">,
    TensorProduct<["kind::f8f6f4", "kind::i8"], sparse, a, shift#"{.<collector>}", ", mask, enable", " mask:vec(group*4).b32">,
    TensorProduct<["kind::f8f6f4", "kind::i8"], sparse, a, shift#"{.<collector>}", ", enable", "">,
    TensorScaled<["kind::mxf8f6f4"], sparse, a, "{.<scale>}", ["scale_vec::1X", "block32"]>,
    TensorScaled<["kind::mxf4"], sparse, a, "{.<scale>}", ["scale_vec::2X", "block32"]>,
    TensorScaled<["kind::mxf4nvf4"], sparse, a, ".<scale>", ["scale_vec::2X", "scale_vec::4X", "block16", "block32"]>,
  ];
}
defvar WeightBuffers = !foldl([]<string>, ["b0", "b1", "b2", "b3"], all, buffer,
    !listconcat(all, !foreach(use, ["fill", "use", "lastuse", "discard"], "collector::"#buffer#"::"#use)));
class TensorWeights<string sparse, string a>
    : Form<"tcgen05.mma.ws"#sparse#".<group>.<kind>{.<collector>} [d], "#a#", b, "#
               !if(!empty(sparse), "", "[meta], ")#"idesc, enable{, zeroMask}",
           [OneOf<"group", ["cta_group::1"]>, OneOf<"kind", ["kind::f16", "kind::tf32", "kind::f8f6f4", "kind::i8"]>,
            OneOf<"collector", WeightBuffers>], "custom:TensorMultiply",
           !if(!eq(a, "a"), "a:b64 ", "")#"b:b64 idesc:b32 enable:pred zeroMask:b64">;

def tcgen05 : Instruction<"tensorcore-5th-generation-instructions", [ReadsMemory, WritesMemory],
    !listconcat([
  Form<"tcgen05.alloc.<group>.sync.aligned{.<space>}.b32 [a], columns",
       [CtaGroup, OneOf<"space", ["shared::cta"]>], "custom:TensorAllocate", "columns:u32",
       traits=[Convergent, Barrier, Spins]>,
  Form<"tcgen05.dealloc.<group>.sync.aligned.b32 a, columns", [CtaGroup], "custom:TensorFree", "a:b32 columns:u32",
       traits=[Convergent, Barrier]>,
  Form<"tcgen05.relinquish_alloc_permit.<group>.sync.aligned", [CtaGroup], "custom:Ignore">,
  TensorLoad<"32x32b", 0, 8, 1>,
  TensorLoad<"16x64b", 0, 8, 1>,
  TensorLoad<"16x128b", 0, 7, 2>,
  TensorLoad<"16x256b", 0, 6, 4>,
  Form<"tcgen05.ld.sync.aligned.<shape>.<num>{.pack::16b}.b32 d, [a], split",
       [OneOf<"shape", ["16x32bx2"]>, OneOf<"num", TensorCounts>], "custom:TensorMemoryLoad",
       "d:vec(num*1).b32 split:imm", traits=[ReadsMemory]>,
  TensorLoadReduce<"32x32b", "{.abs}{.NaN}", ["f32"], "">,
  TensorLoadReduce<"32x32b", "", ["u32", "s32"], "">,
  TensorLoadReduce<"16x32bx2", "{.abs}{.NaN}", ["f32"], ", split">,
  TensorLoadReduce<"16x32bx2", "", ["u32", "s32"], ", split">,
  TensorStore<"32x32b", 0, 8, 1>,
  TensorStore<"16x64b", 0, 8, 1>,
  TensorStore<"16x128b", 0, 7, 2>,
  TensorStore<"16x256b", 0, 6, 4>,
  Form<"tcgen05.st.sync.aligned.<shape>.<num>{.unpack::16b}.b32 [a], split, v",
       [OneOf<"shape", ["16x32bx2"]>, OneOf<"num", TensorCounts>], "custom:TensorMemoryStore",
       "v:vec(num*1).b32 split:imm", traits=[WritesMemory]>,
  Form<"tcgen05.wait::ld.sync.aligned", [], "custom:TensorWait", traits=[Convergent, Barrier]>,
  Form<"tcgen05.wait::st.sync.aligned", [], "custom:TensorWait", traits=[Convergent, Barrier]>,
  TensorCopy<["128x256b", "4x256b", "128x128b"], "", []>,
  TensorCopy<["64x128b"], ".<multicast>", ["warpx2::02_13", "warpx2::01_23"]>,
  TensorCopy<["32x128b"], ".<multicast>", ["warpx4"]>,
  TensorCopy<["128x256b", "4x256b", "128x128b"], "", [], ".b8x16.<format>">,
  TensorCopy<["64x128b"], ".<multicast>", ["warpx2::02_13", "warpx2::01_23"], ".b8x16.<format>">,
  TensorCopy<["32x128b"], ".<multicast>", ["warpx4"], ".b8x16.<format>">,
], TensorProducts<"", "a">.Forms, TensorProducts<"", "[a]">.Forms, TensorProducts<".sp", "a">.Forms,
   TensorProducts<".sp", "[a]">.Forms, [
  TensorWeights<"", "a">,
  TensorWeights<"", "[a]">,
  TensorWeights<".sp", "a">,
  TensorWeights<".sp", "[a]">,
  Form<"tcgen05.commit.<group>.mbarrier::arrive::one{.<space>}.b64 [mbar]",
       [CtaGroup, OneOf<"space", ["shared::cluster"]>], "custom:TensorCommit">,
  Form<"tcgen05.commit.<group>.mbarrier::arrive::one{.<space>}.multicast::cluster.b64 [mbar], ctaMask",
       [CtaGroup, OneOf<"space", ["shared::cluster"]>], "custom:TensorCommit", "ctaMask:b16">,
  Form<"tcgen05.shift.<group>.down [a]", [CtaGroup], "custom:TensorShift">,
  Form<"tcgen05.fence::before_thread_sync", [], "custom:Fence", traits=[Fence]>,
  Form<"tcgen05.fence::after_thread_sync", [], "custom:Fence", traits=[Fence]>,
]), 86, 100>;
