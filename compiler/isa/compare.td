// PTX ISA, "Comparison and Selection Instructions" and "Half Precision Comparison Instructions".

defvar IntCmp = ["eq", "ne", "lt", "le", "gt", "ge", "lo", "ls", "hi", "hs"];
defvar FloatCmp = ["eq", "ne", "lt", "le", "gt", "ge", "equ", "neu", "ltu", "leu", "gtu", "geu", "num",
                   "nan"];

class SetpForms<list<string> cmp, list<string> types, string ftz, int setp_since = 0, int setp_sm = 0> {
  list<Form> Forms = [
    Form<"setp.<cmp>" # ftz # ".<type> p{|q}, a, b", [OneOf<"cmp", cmp>, OneOf<"type", types>],
         "custom:SetPredicate", "p:pred q:pred", since=setp_since, sm=setp_sm>,
    Form<"setp.<cmp>.<bool>" # ftz # ".<type> p{|q}, a, b, {!}c", [OneOf<"cmp", cmp>, OneOf<"type", types>],
         "custom:SetPredicate", "p:pred q:pred c:pred", since=setp_since, sm=setp_sm>,
  ];
}
class SetForms<list<string> cmp, list<string> dtypes, list<string> types, string ftz, int set_since = 0,
    int set_sm = 0> {
  list<Form> Forms = [
    Form<"set.<cmp>" # ftz # ".<dtype>.<stype> d, a, b",
         [OneOf<"cmp", cmp>, OneOf<"dtype", dtypes>, OneOf<"stype", types>], "custom:Set",
         "a:<stype> b:<stype>", since=set_since, sm=set_sm>,
    Form<"set.<cmp>.<bool>" # ftz # ".<dtype>.<stype> d, a, b, {!}c",
         [OneOf<"cmp", cmp>, OneOf<"dtype", dtypes>, OneOf<"stype", types>], "custom:Set",
         "a:<stype> b:<stype> c:pred", since=set_since, sm=set_sm>,
  ];
}

// .lo .ls .hi .hs are unsigned; ptxas takes every integer comparison on every integer type, bits compared
// unsigned.
def setp : Instruction<"comparison-and-selection-instructions-setp", [Pure, RoundsFp],
  !listconcat(SetpForms<IntCmp, !listconcat(I16to64, B16to64), "">.Forms,
              SetpForms<FloatCmp, ["f32"], "{.ftz}">.Forms,
              SetpForms<FloatCmp, ["f64"], "", 0, 13>.Forms,
              SetpForms<FloatCmp, ["f16", "f16x2"], "{.ftz}", 42, 53>.Forms,
              SetpForms<FloatCmp, ["bf16", "bf16x2"], "", 78, 90>.Forms)>;
defvar SetResult = ["u32", "s32", "f32"];
def set : Instruction<"comparison-and-selection-instructions-set", [Pure, RoundsFp],
  !listconcat(SetForms<IntCmp, SetResult, !listconcat(I16to64, B16to64), "">.Forms,
              SetForms<FloatCmp, SetResult, ["f32"], "{.ftz}">.Forms,
              SetForms<FloatCmp, SetResult, ["f64"], "", 0, 13>.Forms,
              SetForms<IntCmp, ["f16", "bf16"], !listconcat(I16to64, B16to64), "", 42, 53>.Forms,
              SetForms<FloatCmp, ["f16", "u16", "s16", "u32", "s32"], ["f16"], "{.ftz}", 42, 53>.Forms,
              SetForms<FloatCmp, ["bf16", "u16", "s16", "u32", "s32"], ["bf16"], "", 78, 90>.Forms,
              SetForms<FloatCmp, ["f16"], ["f32", "f64"], "{.ftz}", 42, 53>.Forms,
              SetForms<FloatCmp, ["f16x2", "u32", "s32"], ["f16x2"], "{.ftz}", 42, 53>.Forms,
              SetForms<FloatCmp, ["bf16x2", "u32", "s32"], ["bf16x2"], "", 78, 90>.Forms)>;
def selp : Instruction<"comparison-and-selection-instructions-selp", [Pure], [
  Form<"selp.<type> d, a, b, c", [OneOf<"type", !listconcat(B16to64, I16to64, F32to64)>],
       "custom:SelectPredicate", "c:pred", ref="c ? a : b">,
]>;
def slct : Instruction<"comparison-and-selection-instructions-slct", [Pure], [
  Form<"slct.<dtype>.<ctype> d, a, b, c",
       [OneOf<"dtype", !listconcat(B16to64, I16to64, F32to64)>, OneOf<"ctype", ["s32"]>], "custom:SelectSign",
       "a:<dtype> b:<dtype>", ref="c >= 0 ? a : b">,
  Form<"slct{.ftz}.<dtype>.<ctype> d, a, b, c",
       [OneOf<"dtype", !listconcat(B16to64, I16to64, F32to64)>, OneOf<"ctype", ["f32"]>], "custom:SelectSign",
       "a:<dtype> b:<dtype>", ref="c >= 0 ? a : b">,
]>;
