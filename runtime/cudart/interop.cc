// Graphics interoperation (CUDA Runtime API, "OpenGL Interoperability"): what needs no display.
#include "api/cudart_interop.h"
#include "runtime/cudart/entry.h"

namespace tq::cudart::impl {

// Since CUDA 5.0 a device needs no association with OpenGL: this makes it current, and no more.
cudaError_t cudaGLSetGLDevice(int device) { return cudaSetDevice(device); }

}  // namespace tq::cudart::impl
