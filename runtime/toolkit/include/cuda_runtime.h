// CUDA C++ for sources that clang compiles without NVIDIA's toolkit: what nvcc includes before the first line
// of every .cu file. clang++-22 -x cuda -nocudainc -nocudalib -include cuda_runtime.h, with this directory
// and the one that holds the generated cuda_runtime_api.h on the include path.
//
// The device side has what samples/ needs; anything else is a compile error, never a wrong result.
#ifndef TIANQIAO_CUDA_RUNTIME_H_
#define TIANQIAO_CUDA_RUNTIME_H_

#include "tianqiao/qualifiers.h"
// Before the API: it declares functions with these types.
#include "cuda_runtime_api.h"
#include "tianqiao/vector_functions.h"

#ifdef __CUDA__
#include "tianqiao/atomics.h"
#include "tianqiao/builtin_variables.h"
#include "tianqiao/math.h"
// After the variables, for warpSize.
#include "tianqiao/warp.h"
#endif

#ifdef __cplusplus
#include "tianqiao/typed_api.h"
#endif

#endif  // TIANQIAO_CUDA_RUNTIME_H_
