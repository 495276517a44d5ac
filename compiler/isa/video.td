// PTX ISA, "Scalar Video Instructions" and "SIMD Video Instructions".

defvar D = OneOf<"dtype", I32>;
defvar A = OneOf<"atype", I32>;
defvar B = OneOf<"btype", I32>;
defvar Merge = OneOf<"op2", ["add", "min", "max"]>;
defvar VideoTypes = "b:<btype>";
defvar MergeTypes = "b:<btype> c:b32";

// Operands take byte and half selectors: `a.b0`, `b.h1`; a destination selector merges into c.
class VideoArithmetic<string name> {
  list<Form> Forms = [
    Form<name # ".<dtype>.<atype>.<btype>{.sat} d, a, b", [D, A, B], "custom:Video", VideoTypes>,
    Form<name # ".<dtype>.<atype>.<btype>{.sat}{.<op2>} d, a, b, c", [D, A, B, Merge], "custom:Video",
         MergeTypes>,
  ];
}
class VideoShift<string name> {
  list<Form> Forms = [
    Form<name # ".<dtype>.<atype>.<btype>{.sat}.<mode> d, a, b", [D, A, OneOf<"btype", ["u32"]>],
         "custom:Video", VideoTypes>,
    Form<name # ".<dtype>.<atype>.<btype>{.sat}.<mode>{.<op2>} d, a, b, c",
         [D, A, OneOf<"btype", ["u32"]>, Merge], "custom:Video", MergeTypes>,
  ];
}
def video_scalar : Instruction<"scalar-video-instructions", [Pure, Selectors],
  !listconcat(VideoArithmetic<"vadd">.Forms, VideoArithmetic<"vsub">.Forms, VideoArithmetic<"vabsdiff">.Forms,
              VideoArithmetic<"vmin">.Forms, VideoArithmetic<"vmax">.Forms, VideoShift<"vshl">.Forms,
              VideoShift<"vshr">.Forms), 20, 20>;
def vmad : Instruction<"scalar-video-instructions-vmad", [Pure, Selectors], [
  Form<"vmad.<dtype>.<atype>.<btype>{.po}{.sat}{.<scale>} d, {!}a, {!}b, {!}c",
       [D, A, B, OneOf<"scale", ["shr7", "shr15"]>], "custom:Video", MergeTypes>,
], 20, 20>;
def vset : Instruction<"scalar-video-instructions-vset", [Pure, Selectors], [
  Form<"vset.<atype>.<btype>.<cmp> d, a, b", [A, B], "custom:Video", "d:u32 b:<btype>">,
  Form<"vset.<atype>.<btype>.<cmp>{.<op2>} d, a, b, c", [A, B, Merge], "custom:Video",
       "d:u32 b:<btype> c:b32">,
], 20, 20>;

class SimdVideo<string name> {
  list<Form> Forms = [
    Form<name # ".<dtype>.<atype>.<btype>{.sat}{.add} d, a, b, c", [D, A, B], "custom:SimdVideo", MergeTypes>,
  ];
}
def video_simd : Instruction<"simd-video-instructions", [Pure, Selectors],
  !listconcat(SimdVideo<"vadd2">.Forms, SimdVideo<"vsub2">.Forms, SimdVideo<"vavrg2">.Forms,
              SimdVideo<"vabsdiff2">.Forms, SimdVideo<"vmin2">.Forms, SimdVideo<"vmax2">.Forms,
              SimdVideo<"vadd4">.Forms, SimdVideo<"vsub4">.Forms, SimdVideo<"vavrg4">.Forms,
              SimdVideo<"vabsdiff4">.Forms, SimdVideo<"vmin4">.Forms, SimdVideo<"vmax4">.Forms), 30, 30>;
def vset2 : Instruction<"simd-video-instructions-vset2-vset4", [Pure, Selectors], [
  Form<"vset2.<atype>.<btype>.<cmp>{.add} d, a, b, c", [A, B], "custom:SimdVideo", "d:u32 b:<btype> c:b32">,
  Form<"vset4.<atype>.<btype>.<cmp>{.add} d, a, b, c", [A, B], "custom:SimdVideo", "d:u32 b:<btype> c:b32">,
], 30, 30>;
