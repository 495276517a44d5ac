// PTX ISA, "Parallel Synchronization and Communication Instructions": barriers, fences and mbarrier.

def bar : Instruction<"parallel-synchronization-and-communication-instructions-bar", [Convergent, Barrier], [
  Form<"bar.sync a{, b}", [], "custom:Barrier", "a:u32 b:u32">,
  Form<"bar.arrive a, b", [], "custom:BarrierArrive", "a:u32 b:u32", since=20, sm=20>,
  Form<"bar.red.popc.u32 d, a{, b}, {!}c", [], "custom:BarrierReduce", "a:u32 b:u32 c:pred", since=20, sm=20>,
  Form<"bar.red.<op>.pred p, a{, b}, {!}c", [OneOf<"op", ["and", "or"]>], "custom:BarrierReduce",
       "p:pred a:u32 b:u32 c:pred", since=20, sm=20>,
  Form<"bar.cta.sync a{, b}", [], "custom:Barrier", "a:u32 b:u32", since=78, sm=30>,
  Form<"bar.cta.arrive a, b", [], "custom:BarrierArrive", "a:u32 b:u32", since=78, sm=30>,
  Form<"bar.cta.red.popc.u32 d, a{, b}, {!}c", [], "custom:BarrierReduce", "a:u32 b:u32 c:pred", since=78,
       sm=30>,
  Form<"bar.cta.red.<op>.pred p, a{, b}, {!}c", [OneOf<"op", ["and", "or"]>], "custom:BarrierReduce",
       "p:pred a:u32 b:u32 c:pred", since=78, sm=30>,
]>;
def barrier : Instruction<"parallel-synchronization-and-communication-instructions-barrier", [Convergent,
    Barrier], [
  Form<"barrier{.cta}.sync{.aligned} a{, b}", [], "custom:Barrier", "a:u32 b:u32">,
  Form<"barrier{.cta}.arrive{.aligned} a, b", [], "custom:BarrierArrive", "a:u32 b:u32">,
  Form<"barrier{.cta}.red.popc{.aligned}.u32 d, a{, b}, {!}c", [], "custom:BarrierReduce",
       "a:u32 b:u32 c:pred">,
  Form<"barrier{.cta}.red.<op>{.aligned}.pred p, a{, b}, {!}c", [OneOf<"op", ["and", "or"]>],
       "custom:BarrierReduce", "p:pred a:u32 b:u32 c:pred">,
  Form<"barrier.cluster.arrive{.<sem>}{.aligned}", [OneOf<"sem", ["release", "relaxed"]>],
       "custom:ClusterArrive", since=78, sm=90>,
  Form<"barrier.cluster.wait{.acquire}{.aligned}", [], "custom:ClusterWait", since=78, sm=90>,
], 60, 30>;
def bar_warp : Instruction<"parallel-synchronization-and-communication-instructions-bar-warp-sync",
                           [Convergent, Barrier], [
  Form<"bar.warp.sync membermask", [], "custom:WarpBarrier", "membermask:b32">,
], 60, 30>;
def membar : Instruction<"parallel-synchronization-and-communication-instructions-membar", [Fence], [
  Form<"membar.<level>", [OneOf<"level", ["cta", "gl", "sys"]>], "custom:Fence">,
  Form<"membar.proxy.<proxy>", [OneOf<"proxy", ["alias", "async"]>], "custom:Fence", since=75, sm=70>,
], 14>;
def fence : Instruction<"parallel-synchronization-and-communication-instructions-fence", [Fence], [
  Form<"fence{.<sem>}.<scope>", [OneOf<"sem", ["sc", "acq_rel", "acquire", "release"]>], "custom:Fence">,
  Form<"fence.<sem>.sync_restrict::shared::cta.cluster", [OneOf<"sem", ["release"]>], "custom:Fence",
       since=86, sm=90>,
  Form<"fence.<sem>.sync_restrict::shared::cluster.cluster", [OneOf<"sem", ["acquire"]>], "custom:Fence",
       since=86, sm=90>,
  Form<"fence.mbarrier_init.release.cluster", [], "custom:Fence", since=80, sm=90>,
  Form<"fence.proxy.<proxy>", [OneOf<"proxy", ["alias", "async"]>], "custom:Fence", since=75>,
  Form<"fence.proxy.async.<space>", [OneOf<"space", ["global", "shared::cta", "shared::cluster"]>],
       "custom:Fence", since=80, sm=90>,
  Form<"fence.proxy.tensormap::generic.release.<scope>", [], "custom:Fence", since=83, sm=90>,
  Form<"fence.proxy.tensormap::generic.acquire.<scope> [a], size", [], "custom:Fence", "size:imm", since=83,
       sm=90>,
  Form<"fence.proxy.async::generic.<sem>.sync_restrict::shared::cta.cluster", [OneOf<"sem", ["release"]>],
       "custom:Fence", since=86, sm=90>,
  Form<"fence.proxy.async::generic.<sem>.sync_restrict::shared::cluster.cluster", [OneOf<"sem", ["acquire"]>],
       "custom:Fence", since=86, sm=90>,
  Form<"fence.proxy.async::generic.<sem>.sync_restrict::shared::cluster::read.cluster",
       [OneOf<"sem", ["release"]>], "custom:Fence", since=94, sm=90>,
  Form<"fence.proxy.alias.<sem>.<scope>", [OneOf<"sem", ["acquire", "release"]>, OneOf<"scope", ["sys"]>],
       "custom:Fence", since=94, sm=90>,
  Form<"fence.proxy.fabric::generic.alias.<sem>.<scope>",
       [OneOf<"sem", ["acquire", "release"]>, OneOf<"scope", ["sys"]>], "custom:Fence", since=93, sm=100>,
], 60, 70>;
def griddepcontrol : Instruction<"parallel-synchronization-and-communication-instructions-griddepcontrol",
    [Fence], [
  Form<"griddepcontrol.<action>", [OneOf<"action", ["launch_dependents", "wait"]>], "custom:GridDependency">,
], 78, 90>;

defvar MbarSpace = OneOf<"space", ["shared", "shared::cta"]>;
defvar MbarAnySpace = OneOf<"space", ["shared", "shared::cta", "shared::cluster"]>;
defvar MbarScope = OneOf<"scope", ["cta", "cluster"]>;
defvar MbarSem = OneOf<"sem", ["release", "relaxed"]>;
defvar MbarLayout = OneOf<"layout", ["layout::v0", "layout::v1"]>;
defvar WaitSem = OneOf<"sem", ["acquire", "relaxed"]>;
def mbarrier : Instruction<"parallel-synchronization-and-communication-instructions-mbarrier",
                           [ReadsMemory, WritesMemory, Atomic], [
  Form<"mbarrier.init{.<space>}.b64 [a], count", [MbarSpace], "custom:MbarrierInit", "count:u32">,
  Form<"mbarrier.init.<layout>{.<space>}.b64 [a], count", [MbarLayout, MbarSpace], "custom:MbarrierInit",
       "count:u32", since=93, sm=90>,
  Form<"mbarrier.check_layout.<layout>{.<space>}.b64 p, [a]", [MbarLayout, MbarSpace],
       "custom:MbarrierCheckLayout", "p:pred", since=93, sm=90>,
  Form<"mbarrier.inval{.<space>}.b64 [a]", [MbarSpace], "custom:MbarrierInvalidate">,
  Form<"mbarrier.expect_tx{.<sem>}{.<scope>}{.<space>}.b64 [a], txCount",
       [OneOf<"sem", ["relaxed"]>, MbarScope, MbarAnySpace], "custom:MbarrierExpect", "txCount:u32", since=80,
       sm=90>,
  Form<"mbarrier.complete_tx{.<sem>}{.<scope>}{.<space>}.b64 [a], txCount",
       [OneOf<"sem", ["relaxed"]>, MbarScope, MbarAnySpace], "custom:MbarrierComplete", "txCount:u32",
       since=80, sm=90>,
  Form<"mbarrier.arrive{.<sem>}{.<scope>}{.<space>}.b64 d, [a]{, count}", [MbarSem, MbarScope, MbarAnySpace],
       "custom:MbarrierArrive", "count:u32">,
  Form<"mbarrier.arrive.noComplete{.<sem>}{.<scope>}{.<space>}.b64 d, [a], count",
       [MbarSem, MbarScope, MbarAnySpace], "custom:MbarrierArrive", "count:u32">,
  Form<"mbarrier.arrive.expect_tx{.<sem>}{.<scope>}{.<space>}.b64 d, [a], txCount",
       [MbarSem, MbarScope, MbarAnySpace], "custom:MbarrierArriveExpect", "txCount:u32", since=80, sm=90>,
  Form<"mbarrier.arrive_drop{.<sem>}{.<scope>}{.<space>}.b64 d, [a]{, count}",
       [MbarSem, MbarScope, MbarAnySpace], "custom:MbarrierArriveDrop", "count:u32">,
  Form<"mbarrier.arrive_drop.noComplete{.<sem>}{.<scope>}{.<space>}.b64 d, [a], count",
       [MbarSem, MbarScope, MbarAnySpace], "custom:MbarrierArriveDrop", "count:u32">,
  Form<"mbarrier.arrive_drop.expect_tx{.<sem>}{.<scope>}{.<space>}.b64 d, [a], txCount",
       [MbarSem, MbarScope, MbarAnySpace], "custom:MbarrierArriveDropExpect", "txCount:u32", since=80, sm=90>,
  Form<"mbarrier.<wait>{.<sem>}{.<scope>}{.<space>}.b64 p, [a], state{, timeout}",
       [OneOf<"wait", ["test_wait", "try_wait"]>, WaitSem, MbarScope, MbarSpace], "custom:MbarrierWait",
       "p:pred timeout:u32", traits=[Spins]>,
  Form<"mbarrier.<wait>.parity{.<sem>}{.<scope>}{.<space>}.b64 p, [a], parity{, timeout}",
       [OneOf<"wait", ["test_wait", "try_wait"]>, WaitSem, MbarScope, MbarSpace], "custom:MbarrierWaitParity",
       "p:pred parity:u32 timeout:u32", traits=[Spins]>,
  // `q` and `d`: the report of copies that failed, of which there are none here.
  Form<"mbarrier.<wait>.phase_type::primary{.<sem>}{.<scope>}{.<space>}.b64 p{|q}, [a], state{, timeout}",
       [OneOf<"wait", ["test_wait", "try_wait"]>, WaitSem, MbarScope, MbarSpace], "custom:MbarrierWait",
       "p:pred q:pred timeout:u32", since=93, sm=90, traits=[Spins]>,
  Form<"mbarrier.<wait>.phase_type::primary{.<sem>}{.<scope>}{.<space>}.b64 p{|q}, d, [a], state{, timeout}",
       [OneOf<"wait", ["test_wait", "try_wait"]>, WaitSem, MbarScope, MbarSpace], "custom:MbarrierWait",
       "p:pred q:pred d:~b8 timeout:u32", since=93, sm=90, traits=[Spins]>,
  Form<"mbarrier.<wait>.parity.phase_type::conditional{.<sem>}{.<scope>}{.<space>}.b64 p, [a], parity{, timeout}",
       [OneOf<"wait", ["test_wait", "try_wait"]>, WaitSem, MbarScope, MbarSpace], "custom:MbarrierWaitParity",
       "p:pred parity:u32 timeout:u32", since=93, sm=90, traits=[Spins]>,
  Form<"mbarrier.<wait>.parity.phase_type::primary{.<sem>}{.<scope>}{.<space>}.b64 p{|q}, [a], parity{, timeout}",
       [OneOf<"wait", ["test_wait", "try_wait"]>, WaitSem, MbarScope, MbarSpace], "custom:MbarrierWaitParity",
       "p:pred q:pred parity:u32 timeout:u32", since=93, sm=90, traits=[Spins]>,
  Form<"mbarrier.<wait>.parity.phase_type::primary{.<sem>}{.<scope>}{.<space>}.b64 p{|q}, d, [a], parity"
       "{, timeout}",
       [OneOf<"wait", ["test_wait", "try_wait"]>, WaitSem, MbarScope, MbarSpace], "custom:MbarrierWaitParity",
       "p:pred q:pred d:~b8 parity:u32 timeout:u32", since=93, sm=90, traits=[Spins]>,
  Form<"mbarrier.pending_count.b64 d, state", [], "custom:MbarrierPendingCount", "d:u32", traits=[Pure]>,
  Form<"mbarrier.pending_count.<layout>.b64 d, state", [OneOf<"layout", ["layout::v0"]>],
       "custom:MbarrierPendingCount", "d:u32", since=93, sm=90, traits=[Pure]>,
], 70, 80>;

// Copies between devices by way of handles. No such handle can be made here: the copies are known, and refused.
defvar FabricShared = OneOf<"shared", ["shared::cta"]>;
def fabric : Instruction<"fabric-instructions", [ReadsMemory, WritesMemory, Atomic], [
  Form<"fabric.submit{.op_restrict::fetching}", [], "custom:Fence", traits=[Fence]>,
  Form<"fabric.wait.sync_restrict::reads", [], "custom:Fence", traits=[Fence]>,
  Form<"fabric.try_get.async.<shared>.mbarrier::complete_tx::bytes.mbarrier::report::fabric.relaxed.sys.b128"
       " [a], [handle, offset], size, [mbar]", [FabricShared], "", "a:shared size:u32 mbar:shared">,
  Form<"fabric.try_put.async{.multimem}{.counted::bytes}.<shared>.mbarrier::complete_tx::16B"
       ".mbarrier::report::fabric.relaxed.sys.b128 [handle, offset], [a], size, [mbar]", [FabricShared], "",
       "a:shared size:u32 mbar:shared">,
  Form<"fabric.try_put.async{.multimem}.<shared>.mbarrier::complete_tx::16B.mbarrier::report::fabric.cp_mask"
       ".relaxed.sys.b128 [handle, offset], [a], size, [mbar], byteMask", [FabricShared], "",
       "a:shared size:u32 mbar:shared byteMask:b16">,
  Form<"fabric.try_red.async{.multimem}{.counted::bytes}.<shared>.mbarrier::complete_tx::16B"
       ".mbarrier::report::fabric.relaxed.sys.<op>.<type> [handle, offset], [a], size, [mbar]",
       [FabricShared, OneOf<"op", ["and", "or", "xor", "min", "max", "add"]>,
        OneOf<"type", ["b32", "b64", "u32", "s32", "u64", "s64", "f16", "bf16", "f32", "f64"]>], "",
       "a:shared size:u32 mbar:shared">,
  Form<"fabric.try_pullred.async.multimem.<shared>.mbarrier::complete_tx::bytes.mbarrier::report::fabric"
       ".relaxed.sys.<op>{.<acc>}.<type>.sync [a], [handle, offset], size, [mbar], membermask",
       [FabricShared, OneOf<"op", ["and", "or", "xor", "min", "max", "add"]>,
        OneOf<"acc", ["acc::f16", "acc::f32"]>,
        OneOf<"type", ["b32", "b64", "u32", "s32", "u64", "s64", "f16", "bf16", "f32", "e4m3", "e5m2"]>], "",
       "a:shared size:u32 mbar:shared membermask:imm">,
], 93, 100>;
