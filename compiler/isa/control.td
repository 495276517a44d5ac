// PTX ISA, "Control Flow Instructions" and "Stack Manipulation Instructions".

def bra : Instruction<"control-flow-instructions-bra", [Branch, Terminator], [
  Form<"bra{.uni} tgt", [], "custom:Branch", "tgt:label">,
]>;
def brx : Instruction<"control-flow-instructions-brx-idx", [Branch, Terminator], [
  Form<"brx.idx{.uni} a, tlist", [], "custom:BranchIndexed", "a:u32 tlist:targets">,
], 60, 30>;
// Operands are those of CallOperands in compiler/ir/module.h, however many were written.
def call : Instruction<"control-flow-instructions-call", [Call, ReadsMemory, WritesMemory], [
  Form<"call{.uni} (ret), target, (params), prototype", [], "custom:Call",
       "ret:any target:any params:any prototype:targets">,
]>;
def ret : Instruction<"control-flow-instructions-ret", [Terminator], [
  Form<"ret{.uni}", [], "custom:Return">,
]>;
def exit : Instruction<"control-flow-instructions-exit", [Terminator], [
  Form<"exit", [], "custom:Exit">,
]>;

def stacksave : Instruction<"stack-manipulation-instructions-stacksave", [Volatile], [
  Form<"stacksave.<type> d", [OneOf<"type", ["u32", "u64"]>], "custom:StackSave">,
], 73, 52>;
def stackrestore : Instruction<"stack-manipulation-instructions-stackrestore", [WritesMemory], [
  Form<"stackrestore.<type> a", [OneOf<"type", ["u32", "u64"]>], "custom:StackRestore">,
], 73, 52>;
def alloca : Instruction<"stack-manipulation-instructions-alloca", [WritesMemory], [
  Form<"alloca.<type> d, size{, immAlign}", [OneOf<"type", ["u32", "u64"]>], "custom:StackAllocate",
       "immAlign:imm">,
], 73, 52>;
