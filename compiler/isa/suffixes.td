// Sets of suffixes that many records share, and what a slot of a given name accepts when its record does not
// say.

defvar U16to64 = ["u16", "u32", "u64"];
defvar S16to64 = ["s16", "s32", "s64"];
defvar I16to64 = !listconcat(U16to64, S16to64);
defvar I32 = ["u32", "s32"];
defvar I32to64 = ["u32", "u64", "s32", "s64"];
defvar I8to64 = !listconcat(["u8", "s8"], I16to64);
defvar B16to64 = ["b16", "b32", "b64"];
defvar B32to64 = ["b32", "b64"];
defvar F32to64 = ["f32", "f64"];
defvar F16to64 = ["f16", "f32", "f64"];
defvar Half = ["f16", "bf16"];
defvar HalfX2 = ["f16x2", "bf16x2"];
defvar Halves = ["f16", "f16x2", "bf16", "bf16x2"];
// What a load or a store may be typed as.
defvar Storage = ["b8", "b16", "b32", "b64", "b128", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64",
                  "f16", "f16x2",
                  "f32", "f64"];

def : DefaultSlot<"rnd", ["rn", "rz", "rm", "rp"]>;
def : DefaultSlot<"cmp", ["eq", "ne", "lt", "le", "gt", "ge"]>;
def : DefaultSlot<"bool", ["and", "or", "xor"]>;
def : DefaultSlot<"mode", ["clamp", "wrap"]>;
def : DefaultSlot<"scope", ["cta", "cluster", "gpu", "sys"]>;
def : DefaultSlot<"vec", ["v2", "v4", "v8"]>;
def : DefaultSlot<"space", ["const", "global", "local", "param", "shared", "param::entry", "param::func",
                            "shared::cta",
                            "shared::cluster"]>;
def : DefaultSlot<"l1", ["L1::evict_normal", "L1::evict_unchanged", "L1::evict_first", "L1::evict_last",
                         "L1::no_allocate"]>;
def : DefaultSlot<"l2", ["L2::evict_normal", "L2::evict_first", "L2::evict_last"]>;
def : DefaultSlot<"hint", ["L2::cache_hint"]>;
def : DefaultSlot<"prefetch", ["L2::64B", "L2::128B", "L2::256B"]>;
def : DefaultSlot<"geom", ["1d", "2d", "3d", "a1d", "a2d", "cube", "acube", "2dms", "a2dms"]>;
def : DefaultSlot<"layout", ["row", "col"]>;
def : DefaultSlot<"alayout", ["row", "col"]>;
def : DefaultSlot<"blayout", ["row", "col"]>;
