// The language of the registry: one record per entry point, type or constant. render.py turns records into public
// headers, thunks, the look-up table, trace printers, the coverage page and generated tests.

// Parameters
//
// The kind says what the thunk checks before it calls the implementation, and how a trace prints it.
class Param<string type, string name, string kind, string default = ""> {
  string Type = type;        // as the caller passes it
  string Name = name;
  string Kind = kind;
  string Count = "";         // for arrays: the parameter that holds the number of elements
  string Default = default;  // default argument of the C++ declaration
}
// A value, or a pointer whose null-ness the implementation judges (memory, user data).
class In<string type, string name, string default = ""> : Param<type, name, "in", default>;
// A pointer that may be null, read or written.
class Opt<string type, string name, string default = ""> : Param<type, name, "opt", default>;
// A structure that is read; null is CUDA_ERROR_INVALID_VALUE.
class Ptr<string type, string name> : Param<type, name, "ptr">;
// A string; null is CUDA_ERROR_INVALID_VALUE.
class Str<string name> : Param<"const char*", name, "str">;
// Where the result goes; null is CUDA_ERROR_INVALID_VALUE. `type` is the pointee.
class Out<string type, string name> : Param<type # "*", name, "out">;
class InOut<string type, string name> : Param<type # "*", name, "inout">;
// `count` elements; null is CUDA_ERROR_INVALID_VALUE unless count is 0.
class Array<string type, string name, string count> : Param<type, name, "array"> { let Count = count; }
// A live object, which the implementation gets as a reference; anything else is the handle type's error.
class Handle<string type, string name> : Param<type, name, "handle">;
// The same, or null, which the implementation gets as a null pointer.
class OptHandle<string type, string name> : Param<type, name, "opthandle">;

// Entry points
//
// An entry point begins as a stub: it exists, says so once in the log, and returns CUDA_ERROR_NOT_SUPPORTED;
// cuGetProcAddress does not know it. Mix in Done or Partial<"what is missing"> once it is implemented.
class Function<list<Param> params> {
  list<Param> Params = params;
  string Noun = "";
  string Result = "";       // C type of the result
  string Status = "stub";   // stub, partial or done
  string Why = "";          // for partial: what is missing
  string Answer = "";       // of a stub: the error of every call, instead of CUDA_ERROR_NOT_SUPPORTED
  int Ptsz = 0;             // since when FOO_ptsz exists: stream 0 is the per-thread default stream
  int Ptds = 0;             // the same for FOO_ptds, which uses the default stream implicitly
}

// Driver API. `since` is the CUDA version (major * 1000 + minor * 10) from which cuGetProcAddress gives this
// prototype for the name without its _vN suffix.
class Driver<int since, list<Param> params> : Function<params> {
  let Result = "CUresult";
  int Since = since;
  bit NeedsInit = 1;        // CUDA_ERROR_NOT_INITIALIZED before cuInit
  bit NeedsContext = 1;     // a current context that no kernel has poisoned
  string AliasOf = "";      // same prototype and same meaning as another entry point
  bit IsDefault = 1;        // candidate for the header's #define FOO FOO_vN: the highest N wins
  string ListedAs = "";     // a second name under which cuGetProcAddress knows it ...
  int ListedSince = 0;      // ... and since when
  bit AsksCaller = 0;       // the implementation gets the return address of the call as its first parameter
}

// Runtime API.
class Runtime<list<Param> params> : Function<params> {
  let Result = "cudaError_t";
  string ForwardsTo = "";   // one-to-one wrapper of a driver function: no hand-written code
  bit NeedsContext = 1;     // makes the device's primary context current first, if none is
  bit Records = 1;          // an error becomes cudaGetLastError's
  int From = 11;            // the first of libcudart.so.11.0, .12 and .13 to export it
  list<string> Names = [];  // what each of the three calls it, where that is not the record's name; "" for none
}

// Mixed into an entry point, after its class.
class Done { string Status = "done"; }
class Partial<string why> { string Status = "partial"; string Why = why; }
// A stub that stays one, for a reason.
class Absent<string why> { string Why = why; }
// What can only fail here: state, pointers and handles are checked as everywhere, and the rest is the error that the
// manual has for the case.
class Refuses<string error, string why> { string Answer = error; string Why = why; }
class NeedsDisplay<string error> : Refuses<error, "it needs a display">;
class Narrow : Absent<"its addresses and sizes have 32 bits, and none of our memory lies so low">;
class Ptsz<int since> { int Ptsz = since; }
class Ptds<int since> { int Ptds = since; }
class NoInit { bit NeedsInit = 0; bit NeedsContext = 0; }
class NoContext { bit NeedsContext = 0; }
class Unrecorded { bit Records = 0; }
class Alias<string of> { string AliasOf = of; }
class NotDefault { bit IsDefault = 0; }
class ListedAs<string name, int since> { string ListedAs = name; int ListedSince = since; }
class AsksCaller { bit AsksCaller = 1; }
class Forwards<string to> { string ForwardsTo = to; }
class From<int release> { int From = release; }
class Named<string in11, string in12, string in13> { list<string> Names = [in11, in12, in13]; }
class Returns<string type> { string Result = type; }

// Types
//
// The record's name is the type's name; `tag` is the name after struct, union or enum, where there is one.
class V<string name, int value, string text = ""> { string Name = name; int Number = value; string Text = text; }
class Enum<string tag, list<V> values> { string Tag = tag; list<V> Values = values; }

class Field {
  string Type = "";           // or "struct"/"union" for a nested one, which has Members
  string Name = "";
  string Dims = "";           // "[4][3]"
  int Align = 0;
  list<Field> Members = [];
}
class F<string type, string name, string dims = "", int align = 0> : Field {
  let Type = type; let Name = name; let Dims = dims; let Align = align;
}
class Nested<string kind, string name, list<Field> members, string dims = ""> : Field {
  let Type = kind; let Name = name; let Members = members; let Dims = dims;
}
class Aggregate<string kind, string tag, list<Field> fields, int align> {
  string Keyword = kind;
  string Tag = tag;
  list<Field> Fields = fields;
  int Align = align;
}
class Struct<string tag, list<Field> fields, int align = 0> : Aggregate<"struct", tag, fields, align>;
class Union<string tag, list<Field> fields, int align = 0> : Aggregate<"union", tag, fields, align>;

class Typedef<string type> { string Type = type; }
class Callback<string result, list<string> params> { string Result = result; list<string> Params = params; }
// A handle of an object: `object` is its class in tq::core, `error` the result of a call with a wrong one.
class HandleType<string tag, string object, string error = "CUDA_ERROR_INVALID_HANDLE"> {
  string Tag = tag;
  string Object = object;
  string Error = error;
}
// A number that stands for an object of ours.
class OrdinalType<string type, string object, string error> {
  string Type = type;
  string Object = object;
  string Error = error;
}
// A preprocessor constant.
class Constant<string value> { string Value = value; }
