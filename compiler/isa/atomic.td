// PTX ISA, "Parallel Synchronization and Communication Instructions": atom and red.

defvar AtomSem = OneOf<"sem", ["relaxed", "acquire", "release", "acq_rel"]>;
defvar RedSem = OneOf<"sem", ["relaxed", "release"]>;
defvar AtomSpace = OneOf<"space", ["global", "shared", "shared::cta", "shared::cluster"]>;
defvar RedSpace = OneOf<"space", ["global", "shared", "shared::cta", "shared::cluster"]>;

def atom : Instruction<"parallel-synchronization-and-communication-instructions-atom",
                       [ReadsMemory, WritesMemory, Atomic, Spins], [
  Form<"atom{.<sem>}{.<scope>}{.<space>}.<op>{.<hint>}.<type> d, [a], b{, policy}",
       [AtomSem, AtomSpace, OneOf<"op", ["and", "or", "xor", "exch"]>, OneOf<"type", B32to64>], "custom:Atomic",
       "policy:b64">,
  Form<"atom{.<sem>}{.<scope>}{.<space>}.<op>{.<hint>}.<type> d, [a], b, c{, policy}",
       [AtomSem, AtomSpace, OneOf<"op", ["cas"]>, OneOf<"type", ["b16", "b32", "b64", "b128"]>], "custom:AtomicCompareSwap",
       "policy:b64">,
  Form<"atom{.<sem>}{.<scope>}{.<space>}.<op>{.<hint>}.b128 d, [a], b{, policy}",
       [AtomSem, AtomSpace, OneOf<"op", ["exch"]>], "custom:Atomic", "policy:b64", since=83, sm=90>,
  Form<"atom{.<sem>}{.<scope>}{.<space>}.<op>{.<hint>}.<type> d, [a], b{, policy}",
       [AtomSem, AtomSpace, OneOf<"op", ["add", "min", "max"]>, OneOf<"type", I32to64>], "custom:Atomic", "policy:b64">,
  Form<"atom{.<sem>}{.<scope>}{.<space>}.<op>{.<hint>}.u32 d, [a], b{, policy}",
       [AtomSem, AtomSpace, OneOf<"op", ["inc", "dec"]>], "custom:Atomic", "policy:b64">,
  Form<"atom{.<sem>}{.<scope>}{.<space>}.<op>{.<hint>}.<type> d, [a], b{, policy}",
       [AtomSem, AtomSpace, OneOf<"op", ["add"]>, OneOf<"type", F32to64>], "custom:Atomic", "policy:b64", since=20,
       sm=20>,
  Form<"atom{.<sem>}{.<scope>}{.<space>}.<op>.noftz{.<hint>}.<type> d, [a], b{, policy}",
       [AtomSem, AtomSpace, OneOf<"op", ["add"]>, OneOf<"type", Halves>], "custom:Atomic", "policy:b64", since=62, sm=60>,
  Form<"atom{.<sem>}{.<scope>}{.global}.<op>{.<hint>}.<vec>.f32 d, [a], b{, policy}",
       [AtomSem, OneOf<"op", ["add"]>, OneOf<"vec", ["v2", "v4"]>], "custom:AtomicVector",
       "d:vec<type> b:vec<type> policy:b64", since=81, sm=90>,
  Form<"atom{.<sem>}{.<scope>}{.global}.<op>.noftz{.<hint>}.<vec>.<type> d, [a], b{, policy}",
       [AtomSem, OneOf<"op", ["add", "min", "max"]>, OneOf<"type", Halves>], "custom:AtomicVector",
       "d:vec<type> b:vec<type> policy:b64", since=81, sm=90>,
], 11, 11>;
def red : Instruction<"parallel-synchronization-and-communication-instructions-red",
                      [ReadsMemory, WritesMemory, Atomic], [
  Form<"red{.<sem>}{.<scope>}{.<space>}.<op>{.<hint>}.<type> [a], b{, policy}",
       [RedSem, RedSpace, OneOf<"op", ["and", "or", "xor"]>, OneOf<"type", B32to64>], "custom:Reduce", "policy:b64">,
  Form<"red{.<sem>}{.<scope>}{.<space>}.<op>{.<hint>}.<type> [a], b{, policy}",
       [RedSem, RedSpace, OneOf<"op", ["add", "min", "max"]>, OneOf<"type", I32to64>], "custom:Reduce", "policy:b64">,
  Form<"red{.<sem>}{.<scope>}{.<space>}.<op>{.<hint>}.u32 [a], b{, policy}",
       [RedSem, RedSpace, OneOf<"op", ["inc", "dec"]>], "custom:Reduce", "policy:b64">,
  Form<"red{.<sem>}{.<scope>}{.<space>}.<op>{.<hint>}.<type> [a], b{, policy}",
       [RedSem, RedSpace, OneOf<"op", ["add"]>, OneOf<"type", F32to64>], "custom:Reduce", "policy:b64", since=20, sm=20>,
  Form<"red{.<sem>}{.<scope>}{.<space>}.<op>.noftz{.<hint>}.<type> [a], b{, policy}",
       [RedSem, RedSpace, OneOf<"op", ["add"]>, OneOf<"type", Halves>], "custom:Reduce", "policy:b64", since=62, sm=60>,
  Form<"red{.<sem>}{.<scope>}{.global}.<op>{.<hint>}.<vec>.f32 [a], b{, policy}",
       [RedSem, OneOf<"op", ["add"]>, OneOf<"vec", ["v2", "v4"]>], "custom:ReduceVector", "b:vec<type> policy:b64",
       since=81, sm=90>,
  Form<"red{.<sem>}{.<scope>}{.global}.<op>.noftz{.<hint>}.<vec>.<type> [a], b{, policy}",
       [RedSem, OneOf<"op", ["add", "min", "max"]>, OneOf<"type", Halves>], "custom:ReduceVector",
       "b:vec<type> policy:b64", since=81, sm=90>,
], 12, 11>;
def red_async : Instruction<"parallel-synchronization-and-communication-instructions-red-async",
                            [ReadsMemory, WritesMemory, Atomic], [
  Form<"red.async{.<sem>}{.<scope>}{.<space>}.mbarrier::complete_tx::bytes.<op>.<type> [a], b, [mbar]",
       [OneOf<"sem", ["relaxed"]>, OneOf<"scope", ["cluster"]>, OneOf<"space", ["shared::cluster"]>,
        OneOf<"op", ["inc", "dec", "min", "max", "add", "and", "or", "xor"]>,
        OneOf<"type", ["u32", "s32", "b32", "u64"]>], "", "mbar:shared">,
  Form<"red.async{.mmio}.release.<scope>{.global}.add.<type> [a], b",
       [OneOf<"scope", ["gpu", "sys"]>, OneOf<"type", I32to64>], "", since=87, sm=100>,
], 81, 90>;
