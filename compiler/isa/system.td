// PTX ISA, "Miscellaneous Instructions", and instructions of which only the name is known here.

def brkpt : Instruction<"miscellaneous-instructions-brkpt", [Volatile], [Form<"brkpt", [], "custom:Trap">],
    10, 11>;
def trap : Instruction<"miscellaneous-instructions-trap", [Volatile], [Form<"trap", [], "custom:Trap">]>;
def pmevent : Instruction<"miscellaneous-instructions-pmevent", [Volatile], [
  Form<"pmevent{.mask} a", [], "custom:Ignore", "a:imm">,
], 14>;
def nanosleep : Instruction<"miscellaneous-instructions-nanosleep", [Volatile, Spins], [
  Form<"nanosleep.u32 a", [], "custom:Sleep">,
], 63, 70>;
def setmaxnreg : Instruction<"miscellaneous-instructions-setmaxnreg", [Convergent], [
  Form<"setmaxnreg.<action>.sync.aligned.u32 n", [OneOf<"action", ["inc", "dec"]>], "custom:Ignore", "n:imm">,
], 80, 90>;
def clusterlaunchcontrol : Instruction<"clusterlaunchcontrol", [WritesMemory], [
  Form<"clusterlaunchcontrol.try_cancel.async{.<space>}.mbarrier::complete_tx::bytes"
       "{.multicast::cluster::all}.b128" " [a], [mbar]", [OneOf<"space", ["shared::cta"]>],
       "custom:TryCancelLaunch", "mbar:shared">,
  Form<"clusterlaunchcontrol.query_cancel.is_canceled.pred.b128 p, handle", [],
       "custom:QueryCancelled", "p:pred handle:b128">,
  Form<"clusterlaunchcontrol.query_cancel.get_first_ctaid.<vec>.b32.b128 d, handle", [OneOf<"vec", ["v4"]>],
       "custom:QueryFirstBlock", "d:vec.b32 handle:b128">,
  Form<"clusterlaunchcontrol.query_cancel.<dim>.b32.b128 d, handle",
       [OneOf<"dim", ["get_first_ctaid::x", "get_first_ctaid::y", "get_first_ctaid::z"]>],
       "custom:QueryFirstBlock",
       "d:b32 handle:b128">,
], 86, 100>;
