// PTX ISA, "Parallel Synchronization and Communication Instructions": warp-wide exchange.

def shfl : Instruction<"parallel-synchronization-and-communication-instructions-shfl", [Convergent,
    Exchanges], [
  Form<"shfl.<mode>.b32 d{|p}, a, b, c", [OneOf<"mode", ["up", "down", "bfly", "idx"]>], "custom:Shuffle",
       "p:pred b:u32 c:u32">,
  Form<"shfl.sync.<mode>.b32 d{|p}, a, b, c, membermask", [OneOf<"mode", ["up", "down", "bfly", "idx"]>],
       "custom:Shuffle", "p:pred b:u32 c:u32 membermask:b32", since=60>,
], 30, 30>;
def vote : Instruction<"parallel-synchronization-and-communication-instructions-vote", [Convergent,
    Exchanges], [
  Form<"vote.<mode>.pred p, {!}a", [OneOf<"mode", ["all", "any", "uni"]>], "custom:Vote", "p:pred a:pred">,
  Form<"vote.<mode>.b32 d, {!}a", [OneOf<"mode", ["ballot"]>], "custom:Vote", "a:pred", since=20, sm=20>,
  Form<"vote.sync.<mode>.pred p, {!}a, membermask", [OneOf<"mode", ["all", "any", "uni"]>], "custom:Vote",
       "p:pred a:pred membermask:b32", since=60, sm=30>,
  Form<"vote.sync.<mode>.b32 d, {!}a, membermask", [OneOf<"mode", ["ballot"]>], "custom:Vote",
       "a:pred membermask:b32", since=60, sm=30>,
], 12, 12>;
def match : Instruction<"parallel-synchronization-and-communication-instructions-match-sync", [Convergent,
    Exchanges], [
  Form<"match.<mode>.sync.<type> d, a, membermask", [OneOf<"mode", ["any"]>, OneOf<"type", B32to64>],
       "custom:Match", "d:b32 membermask:b32">,
  Form<"match.<mode>.sync.<type> d{|p}, a, membermask", [OneOf<"mode", ["all"]>, OneOf<"type", B32to64>],
       "custom:Match", "d:b32 p:pred membermask:b32">,
], 60, 70>;
def activemask : Instruction<"parallel-synchronization-and-communication-instructions-activemask",
                             [Convergent, Exchanges, Volatile], [
  Form<"activemask.b32 d", [], "custom:ActiveMask">,
], 62, 30>;
def redux : Instruction<"parallel-synchronization-and-communication-instructions-redux-sync", [Convergent,
    Exchanges], [
  Form<"redux.sync.<op>.<type> d, a, membermask", [OneOf<"op", ["add", "min", "max"]>, OneOf<"type", I32>],
       "custom:Redux", "membermask:b32">,
  Form<"redux.sync.<op>.b32 d, a, membermask", [OneOf<"op", ["and", "or", "xor"]>], "custom:Redux",
       "membermask:b32">,
  Form<"redux.sync.<op>{.abs}{.NaN}.f32 d, a, membermask", [OneOf<"op", ["min", "max"]>], "custom:Redux",
       "membermask:b32", since=86, sm=100>,
], 70, 80>;
def elect : Instruction<"parallel-synchronization-and-communication-instructions-elect-sync", [Convergent,
    Exchanges], [
  Form<"elect.sync d|p, membermask", [], "custom:Elect", "d:b32 p:pred membermask:b32">,
], 80, 90>;
