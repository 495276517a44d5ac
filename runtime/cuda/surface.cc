// runtime/api/surface.td: CUDA driver API, "Surface Object Management" and "Surface Reference Management".
#include "api/surface.h"

#include "base/status.h"
#include "runtime/core/context.h"
#include "runtime/core/error.h"
#include "runtime/core/texture.h"
#include "runtime/core/texture_reference.h"

namespace tq::cuda::impl {

absl::Status cuSurfObjectCreate(CUsurfObject* pSurfObject, const CUDA_RESOURCE_DESC* pResDesc) {
  ASSIGN_OR_RETURN(const core::SurfaceObject* const object,
                   core::SurfaceObject::Create(*core::Context::Current(), *pResDesc));
  *pSurfObject = object->handle();
  return absl::OkStatus();
}

absl::Status cuSurfObjectDestroy(CUsurfObject surfObject) { return core::SurfaceObject::Destroy(surfObject); }

absl::Status cuSurfObjectGetResourceDesc(CUDA_RESOURCE_DESC* pResDesc, CUsurfObject surfObject) {
  ASSIGN_OR_RETURN(const core::SurfaceObject* const object, core::SurfaceObject::Find(surfObject));
  *pResDesc = object->resource();
  return absl::OkStatus();
}

absl::Status cuSurfRefSetArray(core::SurfaceReference& hSurfRef, core::Array& hArray, unsigned int Flags) {
  if (Flags != 0)
    return core::CudaError(CUDA_ERROR_INVALID_VALUE, "the flags of a surface reference are not 0");
  return hSurfRef.Bind(hArray);
}

absl::Status cuSurfRefGetArray(CUarray* phArray, core::SurfaceReference& hSurfRef) {
  ASSIGN_OR_RETURN(*phArray, hSurfRef.BoundArray());
  return absl::OkStatus();
}

}  // namespace tq::cuda::impl
