// Graphics interoperation without a display, and arrays in memory of others.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "tests/cudart/fixture.h"

extern "C" cudaError_t cudaGraphicsGLRegisterBuffer(cudaGraphicsResource** resource, unsigned buffer,
                                                    unsigned flags);
extern "C" cudaError_t cudaGLSetGLDevice(int device);

namespace {

using Interop = RuntimeFixture;

TEST_F(Interop, NoGraphicsInterfaceIsThere) {
  cudaGraphicsResource* resource = nullptr;
  EXPECT_EQ(cudaGraphicsGLRegisterBuffer(&resource, 1, 0), cudaErrorOperatingSystem);
  EXPECT_EQ(cudaGetLastError(), cudaErrorOperatingSystem);
  EXPECT_EQ(cudaGraphicsUnregisterResource(reinterpret_cast<cudaGraphicsResource_t>(stream_)),
            cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidResourceHandle);
}

// As the manual says; NVIDIA's runtime of 13.0 answers cudaErrorNotSupported, so that this is about ours.
TEST_F(Interop, AssociatingADeviceMakesItCurrent) {
  Dl_info runtime = {};
  ASSERT_NE(dladdr(reinterpret_cast<void*>(&cudaGLSetGLDevice), &runtime), 0);
  if (std::strstr(runtime.dli_fname, "/lib/cudart/") == nullptr) return;
  EXPECT_OK(cudaGLSetGLDevice(0));
  EXPECT_EQ(cudaGLSetGLDevice(99), cudaErrorInvalidDevice);
  int device = -1;
  EXPECT_OK(cudaGetDevice(&device));
  EXPECT_EQ(device, 0);
  cudaGetLastError();
}

TEST_F(Interop, MipmappedArraysLieInExternalMemory) {
  constexpr size_t kBytes = 64 << 10;
  const int fd = memfd_create("external", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  ASSERT_EQ(ftruncate(fd, kBytes), 0);
  auto* const host = static_cast<float*>(mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  ASSERT_NE(host, MAP_FAILED);
  for (int i = 0; i < 24; ++i) host[1024 + i] = static_cast<float>(i);

  cudaExternalMemoryHandleDesc described = {};
  described.type = cudaExternalMemoryHandleTypeOpaqueFd;
  described.handle.fd = fd;
  described.size = kBytes;
  cudaExternalMemory_t memory = nullptr;
  ASSERT_OK(cudaImportExternalMemory(&memory, &described));

  cudaExternalMemoryMipmappedArrayDesc wanted = {};
  wanted.offset = 4096;
  wanted.formatDesc = {32, 0, 0, 0, cudaChannelFormatKindFloat};
  wanted.extent = {8, 2, 0};
  wanted.numLevels = 2;
  cudaMipmappedArray_t mipmap = nullptr;
  ASSERT_OK(cudaExternalMemoryGetMappedMipmappedArray(&mipmap, memory, &wanted));
  cudaArray_t level = nullptr;
  ASSERT_OK(cudaGetMipmappedArrayLevel(&level, mipmap, 1));
  ASSERT_OK(cudaGetMipmappedArrayLevel(&level, mipmap, 0));
  float texels[16] = {};
  ASSERT_OK(cudaMemcpy2DFromArray(texels, 32, level, 0, 0, 32, 2, cudaMemcpyDeviceToHost));
  for (int i = 0; i < 16; ++i) EXPECT_EQ(texels[i], static_cast<float>(i));

  wanted.offset = kBytes;
  cudaMipmappedArray_t beyond = nullptr;
  EXPECT_EQ(cudaExternalMemoryGetMappedMipmappedArray(&beyond, memory, &wanted), cudaErrorInvalidValue);
  EXPECT_EQ(cudaExternalMemoryGetMappedMipmappedArray(&beyond, memory, nullptr), cudaErrorInvalidValue);
  cudaGetLastError();
  EXPECT_OK(cudaFreeMipmappedArray(mipmap));
  EXPECT_OK(cudaDestroyExternalMemory(memory));
  munmap(host, kBytes);
}

}  // namespace
