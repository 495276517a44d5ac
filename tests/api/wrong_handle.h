// Objects that live, and handles that stand for none, for calls that are made with one argument at fault.
#pragma once

#include <cuda.h>
#include <gtest/gtest.h>

#include <climits>
#include <cstdint>
#include <cstring>
#include <tuple>
#include <type_traits>

template <typename T>
T Zero() {
  T value;
  std::memset(static_cast<void*>(&value), 0, sizeof(value));  // dim3 begins with ones
  return value;
}

template <typename T>
T One() {
  return static_cast<T>(1);
}

// Memory that a call may read as whatever it expects.
template <typename T>
T Scratch() {
  alignas(64) static char memory[65536];
  std::memset(memory, 0, sizeof(memory));
  return reinterpret_cast<T>(memory);
}

template <typename T, typename Tuple>
inline constexpr bool kIsIn = false;
template <typename T, typename... Members>
inline constexpr bool kIsIn<T, std::tuple<Members...>> = (std::is_same_v<T, Members> || ...);

// One object of each class. The context is current.
class LiveObjects {
  using Objects = std::tuple<CUcontext, CUstream, CUevent, CUmodule, CUfunction, CUtexref, CUsurfref,
                             CUlibrary, CUkernel, CUlinkState, CUgraph, CUgraphNode, CUgraphExec,
                             CUuserObject, CUmemoryPool, CUarray, CUmipmappedArray>;

 public:
  template <typename T>
  static constexpr bool kIsMade = kIsIn<T, Objects>;

  static LiveObjects& Get() {
    static LiveObjects objects;
    return objects;
  }

  void Make() {
    constexpr char kModule[] =
        ".version 7.0\n.target sm_70\n.address_size 64\n"
        ".global .texref tex;\n.global .surfref surf;\n.visible .entry kernel() { ret; }\n";
    constexpr CUmemPoolProps kPool = {.allocType = CU_MEM_ALLOCATION_TYPE_PINNED,
                                      .location = {.type = CU_MEM_LOCATION_TYPE_DEVICE}};
    constexpr CUDA_ARRAY3D_DESCRIPTOR kArray = {
        .Width = 64, .Height = 64, .Format = CU_AD_FORMAT_FLOAT, .NumChannels = 1};
    EXPECT_EQ(cuInit(0), CUDA_SUCCESS);
    EXPECT_EQ(cuDevicePrimaryCtxRetain(&Of<CUcontext>(), 0), CUDA_SUCCESS);
    EXPECT_EQ(cuCtxSetCurrent(Of<CUcontext>()), CUDA_SUCCESS);
    EXPECT_EQ(cuStreamCreate(&Of<CUstream>(), CU_STREAM_NON_BLOCKING), CUDA_SUCCESS);
    EXPECT_EQ(cuEventCreate(&Of<CUevent>(), 0), CUDA_SUCCESS);
    EXPECT_EQ(cuModuleLoadData(&Of<CUmodule>(), kModule), CUDA_SUCCESS);
    EXPECT_EQ(cuModuleGetFunction(&Of<CUfunction>(), Of<CUmodule>(), "kernel"), CUDA_SUCCESS);
    EXPECT_EQ(cuModuleGetTexRef(&Of<CUtexref>(), Of<CUmodule>(), "tex"), CUDA_SUCCESS);
    EXPECT_EQ(cuModuleGetSurfRef(&Of<CUsurfref>(), Of<CUmodule>(), "surf"), CUDA_SUCCESS);
    EXPECT_EQ(cuLibraryLoadData(&Of<CUlibrary>(), kModule, nullptr, nullptr, 0, nullptr, nullptr, 0),
              CUDA_SUCCESS);
    EXPECT_EQ(cuLibraryGetKernel(&Of<CUkernel>(), Of<CUlibrary>(), "kernel"), CUDA_SUCCESS);
    EXPECT_EQ(cuLinkCreate_v2(0, nullptr, nullptr, &Of<CUlinkState>()), CUDA_SUCCESS);
    EXPECT_EQ(cuGraphCreate(&Of<CUgraph>(), 0), CUDA_SUCCESS);
    EXPECT_EQ(cuGraphAddEmptyNode(&Of<CUgraphNode>(), Of<CUgraph>(), nullptr, 0), CUDA_SUCCESS);
    EXPECT_EQ(cuGraphInstantiateWithFlags(&Of<CUgraphExec>(), Of<CUgraph>(), 0), CUDA_SUCCESS);
    EXPECT_EQ(cuUserObjectCreate(
                  &Of<CUuserObject>(), this, [](void*) {}, 1, CU_USER_OBJECT_NO_DESTRUCTOR_SYNC),
              CUDA_SUCCESS);
    EXPECT_EQ(cuMemPoolCreate(&Of<CUmemoryPool>(), &kPool), CUDA_SUCCESS);
    EXPECT_EQ(cuArray3DCreate_v2(&Of<CUarray>(), &kArray), CUDA_SUCCESS);
    EXPECT_EQ(cuMipmappedArrayCreate(&Of<CUmipmappedArray>(), &kArray, 2), CUDA_SUCCESS);

    EXPECT_EQ(cuEventCreate(&std::get<CUevent>(dead_), 0), CUDA_SUCCESS);
    EXPECT_EQ(cuEventDestroy_v2(std::get<CUevent>(dead_)), CUDA_SUCCESS);
    EXPECT_EQ(cuStreamCreate(&std::get<CUstream>(dead_), 0), CUDA_SUCCESS);
    EXPECT_EQ(cuStreamDestroy_v2(std::get<CUstream>(dead_)), CUDA_SUCCESS);
    EXPECT_EQ(cuGraphCreate(&std::get<CUgraph>(dead_), 0), CUDA_SUCCESS);
    EXPECT_EQ(cuGraphDestroy(std::get<CUgraph>(dead_)), CUDA_SUCCESS);
  }

  // Each must still be whole: destroying it is a success.
  void Destroy() {
    EXPECT_EQ(cuMipmappedArrayDestroy(Of<CUmipmappedArray>()), CUDA_SUCCESS);
    EXPECT_EQ(cuArrayDestroy(Of<CUarray>()), CUDA_SUCCESS);
    EXPECT_EQ(cuMemPoolDestroy(Of<CUmemoryPool>()), CUDA_SUCCESS);
    EXPECT_EQ(cuUserObjectRelease(Of<CUuserObject>(), 1), CUDA_SUCCESS);
    EXPECT_EQ(cuGraphExecDestroy(Of<CUgraphExec>()), CUDA_SUCCESS);
    EXPECT_EQ(cuGraphDestroy(Of<CUgraph>()), CUDA_SUCCESS);
    EXPECT_EQ(cuLinkDestroy(Of<CUlinkState>()), CUDA_SUCCESS);
    EXPECT_EQ(cuLibraryUnload(Of<CUlibrary>()), CUDA_SUCCESS);
    EXPECT_EQ(cuModuleUnload(Of<CUmodule>()), CUDA_SUCCESS);
    EXPECT_EQ(cuEventDestroy_v2(Of<CUevent>()), CUDA_SUCCESS);
    EXPECT_EQ(cuStreamDestroy_v2(Of<CUstream>()), CUDA_SUCCESS);
    EXPECT_EQ(cuCtxSetCurrent(nullptr), CUDA_SUCCESS);
    EXPECT_EQ(cuDevicePrimaryCtxRelease_v2(0), CUDA_SUCCESS);
    objects_ = {};
  }

  template <typename T>
  T& Of() {
    return std::get<T>(objects_);
  }

  // The handle of one that lived: of the class of T where there is one, else of a stream.
  template <typename T>
  const void* Dead() const {
    if constexpr (kIsIn<T, decltype(dead_)>) {
      return std::get<T>(dead_);
    } else {
      return std::get<CUstream>(dead_);
    }
  }

 private:
  Objects objects_;
  std::tuple<CUevent, CUstream, CUgraph> dead_;
};

// A class that has no object above is null; what a call says of that is its own.
template <typename T>
T Live() {
  if constexpr (LiveObjects::kIsMade<T>) {
    return LiveObjects::Get().Of<T>();
  } else {
    return Zero<T>();
  }
}

// Rather than EXPECT_EQ, a thousand of which take the compiler minutes.
[[gnu::noinline]] inline void ExpectResult(int result, int expected, const char* function,
                                           const char* parameter = "", int how = 0) {
  EXPECT_EQ(result, expected) << function << ": " << parameter << ", " << how;
}

enum class Wrongness { kNull, kSmallNumber, kWild, kOfTheProgram, kUnaligned, kOtherClass, kDestroyed };
inline constexpr Wrongness kAllWrongness[] = {
    Wrongness::kNull,      Wrongness::kSmallNumber, Wrongness::kWild,     Wrongness::kOfTheProgram,
    Wrongness::kUnaligned, Wrongness::kOtherClass,  Wrongness::kDestroyed};

template <typename T>
T Wrong(Wrongness how) {
  LiveObjects& objects = LiveObjects::Get();
  if constexpr (std::is_integral_v<T>) {  // a device's ordinal
    constexpr T kOrdinals[] = {-1, 1, 1000, INT_MAX, INT_MIN, -2, 64};
    return kOrdinals[static_cast<int>(how)];
  } else {
    const bool is_event = std::is_same_v<T, CUevent>;
    const void* address = nullptr;
    switch (how) {
      case Wrongness::kNull:
        break;
      case Wrongness::kSmallNumber:
        address = reinterpret_cast<void*>(uintptr_t{0x18});
        break;
      case Wrongness::kWild:
        address = reinterpret_cast<void*>(uintptr_t{0xdeadbeef00000010});
        break;
      case Wrongness::kOfTheProgram:
        address = Scratch<void*>();
        break;
      case Wrongness::kUnaligned:
        address = reinterpret_cast<const char*>(objects.Of<CUevent>()) + 1;
        break;
      case Wrongness::kOtherClass:
        address = is_event ? static_cast<const void*>(objects.Of<CUgraph>()) : objects.Of<CUevent>();
        break;
      case Wrongness::kDestroyed:
        address = objects.Dead<T>();
        break;
    }
    return reinterpret_cast<T>(const_cast<void*>(address));
  }
}
