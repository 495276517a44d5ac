// threadIdx, blockIdx, blockDim, gridDim, warpSize (CUDA C++ Programming Guide, "Built-in Variables"):
// objects without storage whose members read the PTX special registers.
#ifndef TIANQIAO_BUILTIN_VARIABLES_H_
#define TIANQIAO_BUILTIN_VARIABLES_H_

#define TIANQIAO_REGISTER(member, builtin)                   \
  __declspec(property(get = read_##member)) unsigned member; \
  static __device__ __forceinline__ unsigned read_##member() { return builtin; }

#define TIANQIAO_BUILTIN_VARIABLE(name, reg, type)             \
  struct tianqiao_##name {                                     \
    TIANQIAO_REGISTER(x, __nvvm_read_ptx_sreg_##reg##_x())     \
    TIANQIAO_REGISTER(y, __nvvm_read_ptx_sreg_##reg##_y())     \
    TIANQIAO_REGISTER(z, __nvvm_read_ptx_sreg_##reg##_z())     \
    __device__ operator type() const { return type{x, y, z}; } \
    tianqiao_##name(const tianqiao_##name&) = delete;          \
    void operator=(const tianqiao_##name&) const = delete;     \
  };                                                           \
  extern const __device__ __attribute__((weak)) tianqiao_##name name

TIANQIAO_BUILTIN_VARIABLE(threadIdx, tid, uint3);
TIANQIAO_BUILTIN_VARIABLE(blockIdx, ctaid, uint3);
TIANQIAO_BUILTIN_VARIABLE(blockDim, ntid, dim3);
TIANQIAO_BUILTIN_VARIABLE(gridDim, nctaid, dim3);

#undef TIANQIAO_BUILTIN_VARIABLE
#undef TIANQIAO_REGISTER

#define warpSize 32

#endif  // TIANQIAO_BUILTIN_VARIABLES_H_
