// PTX ISA, "Data Movement and Conversion Instructions", without cvt (convert.td).

defvar Packing = ["b16", "b32", "b64", "b128"];
defvar Moved = ["pred", "b16", "b32", "b64", "b128", "u16", "u32", "u64", "s16", "s32", "s64", "f32", "f64"];

def mov : Instruction<"data-movement-and-conversion-instructions-mov", [Pure], [
  // Also packs and unpacks: `mov.b64 {lo, hi}, x`; also the address of a variable or function.
  Form<"mov.<type> d, a", [OneOf<"type", Moved>], "custom:Move", "d:vec<type> a:vec<type>", ref="a">,
  // Not in the manual; GCC writes it for its vector registers, and ptxas takes it.
  Form<"mov.<vec>.<type> d, a", [OneOf<"vec", ["v2", "v4"]>, OneOf<"type", Moved>], "custom:Move",
       "d:vec<type> a:vec<type>">,
]>;
def prmt : Instruction<"data-movement-and-conversion-instructions-prmt", [Pure], [
  Form<"prmt.b32{.<pmode>} d, a, b, c", [OneOf<"pmode", ["f4e", "b4e", "rc8", "ecl", "ecr", "rc16"]>],
       "call:tq_prmt_b32_<pmode>">,
], 20, 20>;
def ld : Instruction<"data-movement-and-conversion-instructions-ld", [ReadsMemory, Relaxed], [
  Form<"ld{.<sem>}{.<space>}{.<l1>}{.<l2>}{.<hint>}{.<prefetch>}{.<cop>}{.<vec>}.<type> d, [a]{, policy}",
       [OneOf<"sem", ["weak"]>, OneOf<"cop", ["ca", "cg", "cs", "lu", "cv"]>, OneOf<"type", Storage>],
       "custom:Load", "d:~vec<type> policy:b64">,
  Form<"ld.<sem>{.<space>}{.<l1>}{.<l2>}{.<hint>}{.<prefetch>}{.<vec>}.<type> d, [a]{, policy}",
       [OneOf<"sem", ["volatile"]>, OneOf<"type", Storage>], "custom:Load", "d:~vec<type> policy:b64",
       traits=[Spins]>,
  Form<"ld.<sem>{.<scope>}{.<space>}{.<l1>}{.<l2>}{.<hint>}{.<prefetch>}{.<vec>}.<type> d, [a]{, policy}",
       [OneOf<"sem", ["relaxed", "acquire"]>, OneOf<"type", Storage>], "custom:Load",
       "d:~vec<type> policy:b64", since=60, sm=70, traits=[Spins]>,
  Form<"ld.mmio.<sem>.<scope>{.<space>}.<type> d, [a]",
       [OneOf<"sem", ["relaxed"]>, OneOf<"scope", ["sys"]>, OneOf<"type", Storage>], "custom:Load",
       "d:~vec<type>", since=82, sm=70, traits=[Spins]>,
  Form<"ld{.<space>}.<type>.proxy::readonly d, [a]", [OneOf<"space", ["global"]>, OneOf<"type", Storage>],
       "custom:Load", "d:~vec<type>", since=94, sm=90>,
]>;
def ld_nc : Instruction<"data-movement-and-conversion-instructions-ld-global-nc", [ReadsMemory, Relaxed], [
  Form<"ld{.<space>}{.<cop>}.nc{.<l1>}{.<l2>}{.<hint>}{.<prefetch>}{.<vec>}.<type> d, [a]{, policy}",
       [OneOf<"space", ["global"]>, OneOf<"cop", ["ca", "cg", "cs"]>, OneOf<"type", Storage>], "custom:Load",
       "d:~vec<type> policy:b64">,
], 31, 32>;
def ldu : Instruction<"data-movement-and-conversion-instructions-ldu", [ReadsMemory, Relaxed], [
  Form<"ldu{.<space>}{.<vec>}.<type> d, [a]", [OneOf<"space", ["global"]>, OneOf<"type", Storage>],
       "custom:Load", "d:~vec<type>">,
], 20, 10>;
def st : Instruction<"data-movement-and-conversion-instructions-st", [WritesMemory, Relaxed], [
  Form<"st{.<sem>}{.<space>}{.<l1>}{.<l2>}{.<hint>}{.<cop>}{.<vec>}.<type> [a], b{, policy}",
       [OneOf<"sem", ["weak"]>, OneOf<"cop", ["wb", "cg", "cs", "wt"]>, OneOf<"type", Storage>],
       "custom:Store", "b:~vec<type> policy:b64">,
  Form<"st.<sem>{.<space>}{.<l1>}{.<l2>}{.<hint>}{.<vec>}.<type> [a], b{, policy}",
       [OneOf<"sem", ["volatile"]>, OneOf<"type", Storage>], "custom:Store", "b:~vec<type> policy:b64">,
  Form<"st.<sem>{.<scope>}{.<space>}{.<l1>}{.<l2>}{.<hint>}{.<vec>}.<type> [a], b{, policy}",
       [OneOf<"sem", ["relaxed", "release"]>, OneOf<"type", Storage>], "custom:Store",
       "b:~vec<type> policy:b64", since=60, sm=70>,
  Form<"st.mmio.<sem>.<scope>{.<space>}.<type> [a], b",
       [OneOf<"sem", ["relaxed"]>, OneOf<"scope", ["sys"]>, OneOf<"type", Storage>], "custom:Store",
       "b:~vec<type>", since=82, sm=70>,
]>;
def st_async : Instruction<"data-movement-and-conversion-instructions-st-async", [WritesMemory], [
  Form<"st.async{.weak}{.<space>}.mbarrier::complete_tx::bytes{.<vec>}.<type> [a], b, [mbar]",
       [OneOf<"space", ["shared::cluster"]>, OneOf<"vec", ["v2", "v4"]>,
        OneOf<"type", ["b32", "b64", "b128", "u32", "u64", "s32", "s64", "f32", "f64"]>], "custom:StoreAsync",
       "b:vec<type> mbar:shared">,
  Form<"st.async{.mmio}.release.<scope>{.<space>}.<type> [a], b",
       [OneOf<"space", ["global"]>, OneOf<"scope", ["gpu", "sys"]>,
        OneOf<"type", ["b8", "b16", "b32", "b64", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "f32",
                       "f64"]>], "custom:StoreAsync", "b:~<type>", since=87, sm=100>,
], 81, 90>;
def st_bulk : Instruction<"data-movement-and-conversion-instructions-st-bulk", [WritesMemory], [
  Form<"st.bulk{.weak}{.<space>} [a], size, initval", [OneOf<"space", ["shared::cta"]>], "call:tq_st_bulk",
       "size:u64 initval:imm">,
], 86, 100>;
def prefetch : Instruction<"data-movement-and-conversion-instructions-prefetch", [ReadsMemory], [
  Form<"prefetch{.<space>}.<level> [a]",
       [OneOf<"space", ["global", "local"]>,
        OneOf<"level", ["L1", "L2", "L2::evict_last", "L2::evict_normal"]>], "custom:Prefetch">,
  Form<"prefetch{.<space>}.L1::32B.valid_addr [a]", [OneOf<"space", ["global"]>], "custom:Prefetch", since=94,
       sm=90>,
  Form<"prefetch{.<space>}.tensormap [a]", [OneOf<"space", ["const", "param"]>], "custom:Prefetch", since=80,
       sm=90>,
], 20, 20>;
def prefetchu : Instruction<"data-movement-and-conversion-instructions-prefetchu", [ReadsMemory], [
  Form<"prefetchu.<level> [a]", [OneOf<"level", ["L1"]>], "custom:Prefetch">,
], 20, 20>;
def applypriority : Instruction<"data-movement-and-conversion-instructions-applypriority", [], [
  Form<"applypriority{.<space>}.L2::evict_normal [a], size", [OneOf<"space", ["global"]>], "custom:Prefetch",
       "size:imm">,
], 74, 80>;
def discard : Instruction<"data-movement-and-conversion-instructions-discard", [WritesMemory], [
  Form<"discard{.<space>}.L2 [a], size", [OneOf<"space", ["global"]>], "custom:Prefetch", "size:imm">,
], 74, 80>;
def createpolicy : Instruction<"data-movement-and-conversion-instructions-createpolicy", [Pure], [
  Form<"createpolicy.fractional.<primary>{.<secondary>}.b64 d{, fraction}",
       [OneOf<"primary", ["L2::evict_last", "L2::evict_normal", "L2::evict_first", "L2::evict_unchanged"]>,
        OneOf<"secondary", ["L2::evict_first", "L2::evict_unchanged"]>], "custom:CreatePolicy",
       "fraction:any">,
  Form<"createpolicy.range{.<space>}.<primary>{.<secondary>}.b64 d, [a], primary_size, total_size",
       [OneOf<"space", ["global"]>,
        OneOf<"primary", ["L2::evict_last", "L2::evict_normal", "L2::evict_first", "L2::evict_unchanged"]>,
        OneOf<"secondary", ["L2::evict_first", "L2::evict_unchanged"]>], "custom:CreatePolicy",
       "primary_size:u32 total_size:u32">,
  Form<"createpolicy.cvt.L2.b64 d, access", [], "custom:CreatePolicy", "access:b64">,
], 74, 80>;
def isspacep : Instruction<"data-movement-and-conversion-instructions-isspacep", [Pure], [
  Form<"isspacep.<space> p, a", [], "custom:IsSpace", "p:pred a:address">,
], 20, 20>;
def cvta : Instruction<"data-movement-and-conversion-instructions-cvta", [Pure], [
  Form<"cvta{.to}.<space>.<type> d, a", [OneOf<"type", ["u32", "u64"]>], "custom:ConvertAddress",
       "d:address a:address">,
], 20, 20>;
def mapa : Instruction<"data-movement-and-conversion-instructions-mapa", [Pure], [
  Form<"mapa{.<space>}.<type> d, a, b", [OneOf<"space", ["shared::cluster"]>, OneOf<"type", ["u32", "u64"]>],
       "custom:MapAddress", "b:u32 a:address">,
], 78, 90>;
def getctarank : Instruction<"data-movement-and-conversion-instructions-getctarank", [Pure], [
  Form<"getctarank{.<space>}.<type> d, a",
       [OneOf<"space", ["shared::cluster"]>, OneOf<"type", ["u32", "u64"]>], "custom:GetCtaRank",
       "d:u32 a:address">,
], 78, 90>;

def cp_async : Instruction<"data-movement-and-conversion-instructions-cp-async", [ReadsMemory, WritesMemory],
    [
  Form<"cp.async.<cop>.<dst>.<src>{.<hint>}{.<prefetch>} [d], [s], size{, srcsize}{, policy}",
       [OneOf<"cop", ["ca", "cg"]>, OneOf<"dst", ["shared", "shared::cta"]>, OneOf<"src", ["global"]>],
       "custom:CopyAsync", "d:space<dst> s:space<src> size:imm srcsize:u32 policy:b64">,
  Form<"cp.async.<cop>.<dst>.<src>{.<hint>}{.<prefetch>} [d], [s], size, {!}ignore{, policy}",
       [OneOf<"cop", ["ca", "cg"]>, OneOf<"dst", ["shared", "shared::cta"]>, OneOf<"src", ["global"]>],
       "custom:CopyAsync", "d:space<dst> s:space<src> size:imm ignore:pred policy:b64">,
  Form<"cp.async.commit_group", [], "custom:CopyAsyncCommit">,
  Form<"cp.async.wait_group n", [], "custom:CopyAsyncWait", "n:imm">,
  Form<"cp.async.wait_all", [], "custom:CopyAsyncWait">,
  Form<"cp.async.mbarrier.arrive{.noinc}{.<space>}.b64 [a]", [OneOf<"space", ["shared", "shared::cta"]>],
       "custom:CopyAsyncArrive">,
], 70, 80>;

// PTX 9.3 and up: the elements of a bulk copy may be strong operations of 16 bytes.
defvar BulkSem = OneOf<"sem", ["weak", "relaxed"]>;
defvar BulkElement = OneOf<"element", ["b128"]>;
def cp_async_bulk : Instruction<"data-movement-and-conversion-instructions-cp-async-bulk", [ReadsMemory,
    WritesMemory], [
  Form<"cp.async.bulk{.<sem>}{.<scope>}.<dst>.<src>.mbarrier::complete_tx::bytes{.<hint>}{.<element>}"
       " [d], [s], size, [mbar]{, policy}",
       [BulkSem, BulkElement, OneOf<"dst", ["shared::cluster", "shared::cta"]>, OneOf<"src", ["global", "shared::cta"]>],
       "custom:CopyBulk", "d:space<dst> s:space<src> size:u32 mbar:shared policy:b64">,
  Form<"cp.async.bulk{.<sem>}{.<scope>}.<dst>.<src>.mbarrier::complete_tx::bytes.multicast::cluster{.<hint>}"
       "{.<element>} [d], [s], size, [mbar], ctaMask{, policy}",
       [BulkSem, BulkElement, OneOf<"dst", ["shared::cluster"]>, OneOf<"src", ["global"]>], "custom:CopyBulk",
       "d:space<dst> s:space<src> size:u32 mbar:shared ctaMask:b16 policy:b64">,
  Form<"cp.async.bulk.<dst>.<src>.mbarrier::complete_tx::bytes{.<hint>}.ignore_oob"
       " [d], [s], size, ignoreLeft, ignoreRight, [mbar]{, policy}",
       [OneOf<"dst", ["shared::cta"]>, OneOf<"src", ["global"]>], "custom:CopyBulk",
       "d:space<dst> s:space<src> size:u32 ignoreLeft:u32 ignoreRight:u32 mbar:shared policy:b64", since=92>,
  Form<"cp.async.bulk{.<sem>}{.<scope>}.<dst>.<src>.bulk_group{.<hint>}{.<element>} [d], [s], size{, policy}",
       [BulkSem, BulkElement, OneOf<"dst", ["global"]>, OneOf<"src", ["shared::cta"]>], "custom:CopyBulk",
       "d:space<dst> s:space<src> size:u32 policy:b64">,
  Form<"cp.async.bulk{.<sem>}{.<scope>}.<dst>.<src>.bulk_group.<hint>.cp_mask{.<element>}"
       " [d], [s], size, policy, byteMask",
       [BulkSem, BulkElement, OneOf<"dst", ["global"]>, OneOf<"src", ["shared::cta"]>], "custom:CopyBulk",
       "d:space<dst> s:space<src> size:u32 policy:b64 byteMask:b16", since=86, sm=100>,
  Form<"cp.async.bulk{.<sem>}{.<scope>}.<dst>.<src>.bulk_group.cp_mask{.<element>} [d], [s], size, byteMask",
       [BulkSem, BulkElement, OneOf<"dst", ["global"]>, OneOf<"src", ["shared::cta"]>], "custom:CopyBulk",
       "d:space<dst> s:space<src> size:u32 byteMask:b16", since=86, sm=100>,
  Form<"cp.async.bulk.prefetch.L2.<src>{.<hint>} [s], size{, policy}", [OneOf<"src", ["global"]>],
       "custom:Prefetch", "s:space<src> size:u32 policy:b64">,
  Form<"cp.async.bulk.commit_group", [], "custom:CopyBulkCommit">,
  Form<"cp.async.bulk.wait_group{.read} n", [], "custom:CopyBulkWait", "n:imm">,
], 80, 90>;
defvar BulkOp = OneOf<"op", ["and", "or", "xor", "add", "inc", "dec", "min", "max"]>;
def cp_reduce_async_bulk : Instruction<"data-movement-and-conversion-instructions-cp-reduce-async-bulk",
                                       [ReadsMemory, WritesMemory, Atomic], [
  Form<"cp.reduce.async.bulk{.<sem>}{.<scope>}.<dst>.<src>.mbarrier::complete_tx::bytes.<op>.<type>"
       " [d], [s], size, [mbar]",
       [BulkSem, OneOf<"dst", ["shared::cluster"]>, OneOf<"src", ["shared::cta"]>, BulkOp,
        OneOf<"type", ["b32", "u32", "s32", "b64", "u64", "s64"]>], "custom:ReduceBulk",
       "d:space<dst> s:space<src> size:u32 mbar:shared">,
  Form<"cp.reduce.async.bulk{.<sem>}{.<scope>}.<dst>.<src>.bulk_group{.<hint>}.<op>.<type>"
       " [d], [s], size{, policy}",
       [BulkSem, OneOf<"dst", ["global"]>, OneOf<"src", ["shared::cta"]>, BulkOp,
        OneOf<"type", ["f16", "bf16", "b32", "u32", "s32", "b64", "u64", "s64", "f32", "f64"]>],
       "custom:ReduceBulk", "d:space<dst> s:space<src> size:u32 policy:b64">,
  Form<"cp.reduce.async.bulk{.<sem>}{.<scope>}.<dst>.<src>.bulk_group{.<hint>}.<op>.noftz.<type>"
       " [d], [s], size{, policy}",
       [BulkSem, OneOf<"dst", ["global"]>, OneOf<"src", ["shared::cta"]>, OneOf<"op", ["add"]>,
        OneOf<"type", ["f16", "bf16", "f32"]>], "custom:ReduceBulk", "d:space<dst> s:space<src> size:u32 policy:b64">,
], 80, 90>;
defvar Dim = OneOf<"dim", ["1d", "2d", "3d", "4d", "5d"]>;
defvar PlaneDim = OneOf<"dim", ["2d"]>;
defvar ImageDim = OneOf<"dim", ["3d", "4d", "5d"]>;
defvar Group = OneOf<"group", ["cta_group::1", "cta_group::2"]>;
defvar SharedDst = OneOf<"dst", ["shared::cluster", "shared::cta"]>;
defvar ClusterDst = OneOf<"dst", ["shared::cluster"]>;
defvar GlobalSrc = OneOf<"src", ["global"]>;
def cp_async_bulk_tensor : Instruction<"data-movement-and-conversion-instructions-cp-async-bulk-tensor",
                                       [ReadsMemory, WritesMemory], [
  Form<"cp.async.bulk.tensor.<dim>.<dst>.<src>{.<load>}.mbarrier::complete_tx::bytes{.<group>}{.<hint>}"
       " [d], [tensor, coords], [mbar]{, policy}",
       [Dim, SharedDst, GlobalSrc, OneOf<"load", ["tile"]>, Group], "custom:TensorLoad",
       "d:space<dst> mbar:shared policy:b64">,
  Form<"cp.async.bulk.tensor.<dim>.<dst>.<src>{.<load>}.mbarrier::complete_tx::bytes.multicast::cluster"
       "{.<group>}{.<hint>} [d], [tensor, coords], [mbar], ctaMask{, policy}",
       [Dim, ClusterDst, GlobalSrc, OneOf<"load", ["tile"]>, Group], "custom:TensorLoad",
       "d:space<dst> mbar:shared ctaMask:b16 policy:b64">,
  Form<"cp.async.bulk.tensor.<dim>.<dst>.<src>.<load>.mbarrier::complete_tx::bytes{.<group>}{.<hint>}"
       " [d], [tensor, coords], [mbar]{, policy}",
       [PlaneDim, SharedDst, GlobalSrc, OneOf<"load", ["tile::gather4"]>, Group], "custom:TensorLoad",
       "d:space<dst> mbar:shared policy:b64", since=86, sm=100>,
  Form<"cp.async.bulk.tensor.<dim>.<dst>.<src>.<load>.mbarrier::complete_tx::bytes.multicast::cluster"
       "{.<group>}{.<hint>} [d], [tensor, coords], [mbar], ctaMask{, policy}",
       [PlaneDim, ClusterDst, GlobalSrc, OneOf<"load", ["tile::gather4"]>, Group], "custom:TensorLoad",
       "d:space<dst> mbar:shared ctaMask:b16 policy:b64", since=86, sm=100>,
  Form<"cp.async.bulk.tensor.<dim>.<dst>.<src>.<load>.mbarrier::complete_tx::bytes{.<group>}{.<hint>}"
       " [d], [tensor, coords], [mbar], info{, policy}",
       [ImageDim, SharedDst, GlobalSrc, OneOf<"load", ["im2col"]>, Group], "custom:TensorLoad",
       "d:space<dst> mbar:shared info:vec.u16 policy:b64">,
  Form<"cp.async.bulk.tensor.<dim>.<dst>.<src>.<load>.mbarrier::complete_tx::bytes.multicast::cluster"
       "{.<group>}{.<hint>} [d], [tensor, coords], [mbar], info, ctaMask{, policy}",
       [ImageDim, ClusterDst, GlobalSrc, OneOf<"load", ["im2col"]>, Group], "custom:TensorLoad",
       "d:space<dst> mbar:shared info:vec.u16 ctaMask:b16 policy:b64">,
  Form<"cp.async.bulk.tensor.<dim>.<dst>.<src>.<load>.mbarrier::complete_tx::bytes{.<group>}{.<hint>}"
       " [d], [tensor, coords], [mbar], info{, policy}",
       [ImageDim, SharedDst, GlobalSrc, OneOf<"load", ["im2col::w", "im2col::w::128"]>, Group], "custom:TensorLoad",
       "d:space<dst> mbar:shared info:vec2.u16 policy:b64", since=86, sm=100>,
  Form<"cp.async.bulk.tensor.<dim>.<dst>.<src>.<load>.mbarrier::complete_tx::bytes.multicast::cluster"
       "{.<group>}{.<hint>} [d], [tensor, coords], [mbar], info, ctaMask{, policy}",
       [ImageDim, ClusterDst, GlobalSrc, OneOf<"load", ["im2col::w", "im2col::w::128"]>, Group], "custom:TensorLoad",
       "d:space<dst> mbar:shared info:vec2.u16 ctaMask:b16 policy:b64", since=86, sm=100>,
  Form<"cp.async.bulk.tensor.<dim>.<dst>.<src>{.<load>}.bulk_group{.<hint>} [tensor, coords], [s]{, policy}",
       [Dim, OneOf<"dst", ["global"]>, OneOf<"src", ["shared::cta"]>, OneOf<"load", ["tile", "im2col_no_offs"]>],
       "custom:TensorStore", "s:space<src> policy:b64">,
  Form<"cp.async.bulk.tensor.<dim>.<dst>.<src>.<load>.bulk_group{.<hint>} [tensor, coords], [s]{, policy}",
       [PlaneDim, OneOf<"dst", ["global"]>, OneOf<"src", ["shared::cta"]>, OneOf<"load", ["tile::scatter4"]>],
       "custom:TensorStore", "s:space<src> policy:b64", since=86, sm=100>,
  Form<"cp.reduce.async.bulk.tensor.<dim>.<dst>.<src>.<op>{.<load>}.bulk_group{.<hint>}"
       " [tensor, coords], [s]{, policy}",
       [Dim, OneOf<"dst", ["global"]>, OneOf<"src", ["shared::cta"]>, BulkOp,
        OneOf<"load", ["tile", "im2col_no_offs"]>], "custom:TensorStore", "s:space<src> policy:b64">,
  Form<"cp.async.bulk.prefetch.tensor.<dim>.L2.<src>{.<load>}{.<hint>} [tensor, coords]{, info}{, policy}",
       [Dim, GlobalSrc, OneOf<"load", ["tile", "tile::gather4", "im2col", "im2col::w", "im2col::w::128"]>],
       "custom:Prefetch", "info:vec.any policy:b64">,
], 80, 90>;
// These devices join no multicast group with others: a multimem address names one copy.
def multimem : Instruction<"data-movement-and-conversion-instructions-multimem", [ReadsMemory, WritesMemory,
    Atomic], [
  Form<"multimem.ld_reduce{.<sem>}{.<scope>}{.<space>}.<op>{.<acc>}{.<vec>}.<type> d, [a]",
       [OneOf<"sem", ["weak", "relaxed", "acquire"]>, OneOf<"space", ["global"]>,
        OneOf<"op", ["min", "max", "add", "and", "or", "xor"]>, OneOf<"acc", ["acc::f32", "acc::f16"]>,
        OneOf<"type", ["b32", "b64", "u32", "u64", "s32", "s64", "f16", "f16x2", "bf16", "bf16x2", "f32",
                       "f64", "e5m2", "e5m2x2", "e5m2x4", "e4m3", "e4m3x2", "e4m3x4"]>], "custom:Load", "d:vec<type>">,
  Form<"multimem.st{.<sem>}{.<scope>}{.<space>}{.<vec>}.<type> [a], b",
       [OneOf<"sem", ["weak", "relaxed", "release"]>, OneOf<"space", ["global"]>,
        OneOf<"type", ["b32", "b64", "u32", "u64", "s32", "s64", "f16", "f16x2", "bf16", "bf16x2", "f32",
                       "f64", "e5m2", "e5m2x2", "e5m2x4", "e4m3", "e4m3x2", "e4m3x4"]>], "custom:Store", "b:vec<type>">,
  Form<"multimem.red{.<sem>}{.<scope>}{.<space>}.<op>{.<vec>}.<type> [a], b",
       [OneOf<"sem", ["relaxed", "release"]>, OneOf<"space", ["global"]>,
        OneOf<"op", ["min", "max", "add", "and", "or", "xor"]>,
        OneOf<"type", ["b32", "b64", "u32", "u64", "s32", "s64", "f16", "f16x2", "bf16", "bf16x2", "f32",
                       "f64"]>], "custom:MultimemReduce", "b:vec<type>">,
  Form<"multimem.st.async.release.<scope>{.<space>}.<type> [a], b",
       [OneOf<"scope", ["gpu", "sys"]>, OneOf<"space", ["global"]>,
        OneOf<"type", ["b8", "b16", "b32", "b64", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "f32",
                       "f64"]>], "custom:StoreAsync", "b:~<type>", since=93, sm=100>,
  Form<"multimem.red.async.release.<scope>{.<space>}.<op>.<type> [a], b",
       [OneOf<"scope", ["gpu", "sys"]>, OneOf<"space", ["global"]>, OneOf<"op", ["add"]>,
        OneOf<"type", I32to64>], "custom:ReduceAsync", since=93, sm=100>,
  Form<"multimem.cp.async.bulk{.<sem>}{.<scope>}.<dst>.<src>.bulk_group{.<element>} [d], [s], size",
       [BulkSem, BulkElement, OneOf<"dst", ["global"]>, OneOf<"src", ["shared::cta"]>], "custom:CopyBulk",
       "d:space<dst> s:space<src> size:u32", since=91>,
  Form<"multimem.cp.async.bulk{.<sem>}{.<scope>}.<dst>.<src>.bulk_group.cp_mask{.<element>} [d], [s], size, byteMask",
       [BulkSem, BulkElement, OneOf<"dst", ["global"]>, OneOf<"src", ["shared::cta"]>], "custom:CopyBulk",
       "d:space<dst> s:space<src> size:u32 byteMask:b16", since=91, sm=100>,
  Form<"multimem.cp.reduce.async.bulk{.<sem>}{.<scope>}.<dst>.<src>.bulk_group.<op>.<type> [d], [s], size",
       [BulkSem, OneOf<"dst", ["global"]>, OneOf<"src", ["shared::cta"]>, BulkOp,
        OneOf<"type", ["f16", "bf16", "b32", "u32", "s32", "b64", "u64", "s64", "f32", "f64"]>],
       "custom:ReduceBulk", "d:space<dst> s:space<src> size:u32", since=91>,
  Form<"multimem.cp.reduce.async.bulk{.<sem>}{.<scope>}.<dst>.<src>.bulk_group.<op>.noftz.<type> [d], [s], size",
       [BulkSem, OneOf<"dst", ["global"]>, OneOf<"src", ["shared::cta"]>, OneOf<"op", ["add"]>,
        OneOf<"type", ["f16", "bf16", "f32"]>], "custom:ReduceBulk", "d:space<dst> s:space<src> size:u32", since=91>,
], 81, 90>;
def tensormap : Instruction<"data-movement-and-conversion-instructions-tensormap", [WritesMemory], [
  Form<"tensormap.cp_fenceproxy.<dst>.<src>.tensormap::generic.release.<scope>.sync.aligned [d], [s], size",
       [OneOf<"dst", ["global"]>, OneOf<"src", ["shared::cta"]>], "custom:TensorMapCopy",
       "d:space<dst> s:space<src> size:imm",
       traits=[Convergent, Fence, ReadsMemory]>,
  Form<"tensormap.replace.tile.<field>{.<space>}.b1024.<type> [a], v",
       [OneOf<"field", ["global_address", "rank", "elemtype", "interleave_layout", "swizzle_mode", "fill_mode",
                        "swizzle_atomicity"]>,
        OneOf<"space", ["global", "shared::cta"]>, OneOf<"type", ["b32", "b64"]>], "custom:TensorMapReplace",
       "v:<type>">,
  Form<"tensormap.replace.tile.<field>{.<space>}.b1024.<type> [a], ord, v",
       [OneOf<"field", ["box_dim", "global_dim", "global_stride", "element_stride"]>,
        OneOf<"space", ["global", "shared::cta"]>, OneOf<"type", ["b32", "b64"]>], "custom:TensorMapReplace",
       "ord:imm v:<type>">,
], 83, 90>;
