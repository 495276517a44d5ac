// Compiled once for each libcudart, TQ_CUDART_RELEASE being 11, 12 or 13. The sizes are those of the headers
// of CUDA 11.8, 12.9 and 13.0. Those of external memory grew by reserved words alone, which nobody reads.
#include "runtime/cudart/release.h"

#include <cuda_runtime_api.h>

namespace tq::cudart {

#if TQ_CUDART_RELEASE == 13
const Release kRelease = {13000,
                          sizeof(cudaPointerAttributes),
                          sizeof(cudaFuncAttributes),
                          sizeof(cudaResourceDesc),
                          sizeof(cudaResourceViewDesc),
                          sizeof(cudaTextureDesc)};
#elif TQ_CUDART_RELEASE == 12
const Release kRelease = {12090, 24, sizeof(cudaFuncAttributes), 64, 48, sizeof(cudaTextureDesc)};
#else
const Release kRelease = {11080, 24, 56, 64, 48, 68};
#endif

}  // namespace tq::cudart
