// PTX ISA, "Texture Instructions" and "Surface Instructions".

defvar TexResult = OneOf<"dtype", ["u32", "s32", "f16", "f16x2", "f32"]>;
defvar Coord = OneOf<"ctype", ["s32", "f32"]>;
defvar FloatCoord = OneOf<"ctype", ["f32"]>;
defvar Quad = OneOf<"vec", ["v4", "v2"]>;

// `[tex, coords]` or `[tex, sampler, coords]`; the optional operands are offsets and a depth to compare with.
def tex : Instruction<"texture-instructions-tex", [ReadsMemory], [
  Form<"tex.<geom>{.<vec>}.<dtype>.<ctype> d{|p}, [a, c]{, e}{, f}", [Quad, TexResult, Coord],
       "custom:Texture", "d:vec<dtype> p:pred e:vec.s32 f:f32">,
  Form<"tex.base.<geom>{.<vec>}.<dtype>.<ctype> d{|p}, [a, c]{, e}{, f}", [Quad, TexResult, Coord],
       "custom:Texture", "d:vec<dtype> p:pred e:vec.s32 f:f32">,
  Form<"tex.level.<geom>{.<vec>}.<dtype>.<ctype> d{|p}, [a, c], lod{, e}{, f}", [Quad, TexResult, Coord],
       "custom:TextureLevel", "d:vec<dtype> p:pred lod:<ctype> e:vec.s32 f:f32">,
  Form<"tex.grad.<geom>{.<vec>}.<dtype>.<ctype> d{|p}, [a, c], dPdx, dPdy{, e}{, f}",
       [Quad, TexResult, FloatCoord], "custom:TextureGradient",
       "d:vec<dtype> p:pred dPdx:vec.f32 dPdy:vec.f32 e:vec.s32 f:f32">,
]>;
def tld4 : Instruction<"texture-instructions-tld4", [ReadsMemory], [
  Form<"tld4.<comp>.<geom>.<vec>.<dtype>.<ctype> d{|p}, [a, c]{, e}{, f}",
       [OneOf<"comp", ["r", "g", "b", "a"]>, OneOf<"geom", ["2d", "a2d", "cube", "acube"]>,
        OneOf<"vec", ["v4"]>, OneOf<"dtype", ["u32", "s32", "f32"]>, FloatCoord],
       "custom:TextureGather",
       "d:vec<dtype> p:pred e:vec.s32 f:f32">,
], 22, 20>;
def txq : Instruction<"texture-instructions-txq", [ReadsMemory], [
  Form<"txq.<query>.b32 d, [a]",
       [OneOf<"query", ["width", "height", "depth", "channel_data_type", "channel_order", "normalized_coords",
        "array_size", "num_mipmap_levels", "num_samples", "force_unnormalized_coords", "filter_mode",
        "addr_mode_0", "addr_mode_1", "addr_mode_2"]>], "custom:TextureQuery", "a:any">,
  Form<"txq.level.<query>.b32 d, [a], lod", [OneOf<"query", ["width", "height", "depth"]>],
       "custom:TextureQuery", "a:any lod:b32">,
], 15>;
def istypep : Instruction<"texture-instructions-istypep", [ReadsMemory], [
  Form<"istypep.<type> p, a", [OneOf<"type", ["texref", "samplerref", "surfref"]>], "custom:IsTypeP",
       "p:pred a:any">,
], 40, 30>;

defvar SurfGeom = OneOf<"geom", ["1d", "2d", "3d", "a1d", "a2d"]>;
defvar SurfClamp = OneOf<"clamp", ["trap", "clamp", "zero"]>;
defvar SurfCop = OneOf<"cop", ["ca", "cg", "cs", "cv", "wb", "wt"]>;
def suld : Instruction<"surface-instructions-suld", [ReadsMemory], [
  Form<"suld.b.<geom>{.<cop>}{.<vec>}.<dtype>{.<clamp>} d, [a, c]",
       [SurfGeom, SurfCop, OneOf<"vec", ["v2", "v4"]>, OneOf<"dtype", ["b8", "b16", "b32", "b64"]>,
        SurfClamp], "custom:SurfaceLoad", "d:~vec<dtype>">,
], 15, 20>;
def sust : Instruction<"surface-instructions-sust", [WritesMemory], [
  Form<"sust.b.<geom>{.<cop>}{.<vec>}.<ctype>{.<clamp>} [a, c], v",
       [SurfGeom, SurfCop, OneOf<"vec", ["v2", "v4"]>, OneOf<"ctype", ["b8", "b16", "b32", "b64"]>,
        SurfClamp], "custom:SurfaceStore", "v:~vec<ctype>">,
  Form<"sust.p.<geom>{.<vec>}.<ctype>{.<clamp>} [a, c], v",
       [OneOf<"geom", ["1d", "2d", "3d"]>, OneOf<"vec", ["v2", "v4"]>,
        OneOf<"ctype", ["b32", "u32", "s32", "f32"]>, SurfClamp], "custom:SurfaceStoreFormatted", "v:vec<ctype>",
       since=20>,
], 15, 20>;
def sured : Instruction<"surface-instructions-sured", [ReadsMemory, WritesMemory, Atomic], [
  Form<"sured.<kind>.<op>.<geom>.<ctype>{.<clamp>} [a, c], v",
       [OneOf<"kind", ["b", "p"]>, OneOf<"op", ["add", "min", "max", "and", "or"]>, SurfGeom,
        OneOf<"ctype", ["u32", "u64", "s32", "s64", "b32", "b64"]>, SurfClamp],
       "custom:SurfaceReduce", "v:<ctype>">,
], 20, 20>;
def suq : Instruction<"surface-instructions-suq", [ReadsMemory], [
  Form<"suq.<query>.b32 d, [a]",
       [OneOf<"query", ["width", "height", "depth", "channel_data_type", "channel_order", "array_size",
        "memory_layout"]>], "custom:TextureQuery", "a:any">,
], 15>;
