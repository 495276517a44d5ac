// Graphics interoperation without a display: arguments are checked, and the errors are the manual's.
#include <cuda.h>
#include <gtest/gtest.h>

#include "tests/api/context_fixture.h"

namespace {

using Interop = ContextFixture;

TEST_F(Interop, ResourcesAreOfNobody) {
  const auto wild = reinterpret_cast<CUgraphicsResource>(context_);
  CUdeviceptr pointer = 0;
  size_t size = 0;
  CUarray array = nullptr;
  CUmipmappedArray mipmap = nullptr;
  EXPECT_EQ(cuGraphicsUnregisterResource(wild), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(cuGraphicsUnregisterResource(nullptr), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(cuGraphicsResourceSetMapFlags(wild, 0), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(cuGraphicsResourceGetMappedPointer(&pointer, &size, wild), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(cuGraphicsSubResourceGetMappedArray(&array, wild, 0, 0), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(cuGraphicsResourceGetMappedMipmappedArray(&mipmap, wild), CUDA_ERROR_INVALID_HANDLE);
  CUgraphicsResource resources[] = {wild};
  EXPECT_EQ(cuGraphicsMapResources(1, resources, nullptr), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(cuGraphicsUnmapResources(1, resources, nullptr), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(cuGraphicsMapResources(1, nullptr, nullptr), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Interop, EntryPointsAreFound) {
  for (const char* const name :
       {"cuGraphicsUnregisterResource", "cuGraphicsGLRegisterBuffer", "cuGLGetDevices"}) {
    void* address = nullptr;
    CUdriverProcAddressQueryResult found = CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND;
    EXPECT_OK(cuGetProcAddress(name, &address, 13000, 0, &found));
    EXPECT_NE(address, nullptr) << name;
    EXPECT_EQ(found, CU_GET_PROC_ADDRESS_SUCCESS) << name;
  }
}

TEST_F(Interop, GraphicsInterfacesAreAbsent) {
  using RegisterBuffer = CUresult(CUgraphicsResource*, unsigned, unsigned);
  using GetDevices = CUresult(unsigned*, CUdevice*, unsigned, int);
  void* address = nullptr;
  ASSERT_OK(cuGetProcAddress("cuGraphicsGLRegisterBuffer", &address, 13000, 0, nullptr));
  CUgraphicsResource resource = nullptr;
  EXPECT_EQ(reinterpret_cast<RegisterBuffer*>(address)(&resource, 1, 0), CUDA_ERROR_OPERATING_SYSTEM);
  EXPECT_EQ(reinterpret_cast<RegisterBuffer*>(address)(nullptr, 1, 0), CUDA_ERROR_INVALID_VALUE);
  ASSERT_OK(cuGetProcAddress("cuGLGetDevices", &address, 13000, 0, nullptr));
  unsigned count = 0;
  CUdevice devices[1] = {};
  EXPECT_EQ(reinterpret_cast<GetDevices*>(address)(&count, devices, 1, 1),
            CUDA_ERROR_INVALID_GRAPHICS_CONTEXT);
}

}  // namespace
