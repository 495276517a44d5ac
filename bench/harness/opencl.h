// What the OpenCL twins of bench/ share: the first CPU device, one program, its kernels and buffers.
#pragma once

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

#include <initializer_list>
#include <vector>

#include "bench/harness/measure.h"

namespace tq::bench {

inline void Check(cl_int error, int line) {
  if (error == CL_SUCCESS) return;
  std::fprintf(stderr, "OpenCL fails at line %d (%d)\n", line, error);
  std::exit(1);
}
#define CHECK(call) tq::bench::Check(call, __LINE__)

class Device {
 public:
  explicit Device(const char* source) : Device({source}) {}
  // The pieces of one source.
  explicit Device(std::initializer_list<const char*> pieces) {
    cl_platform_id platform;
    CHECK(clGetPlatformIDs(1, &platform, nullptr));
    CHECK(clGetDeviceIDs(platform, CL_DEVICE_TYPE_CPU, 1, &device_, nullptr));
    context_ = clCreateContext(nullptr, 1, &device_, nullptr, nullptr, nullptr);
    queue_ = clCreateCommandQueue(context_, device_, 0, nullptr);
    std::vector<const char*> sources(pieces);
    program_ = clCreateProgramWithSource(context_, static_cast<cl_uint>(sources.size()), sources.data(),
                                         nullptr, nullptr);
    CHECK(clBuildProgram(program_, 1, &device_, "-cl-fast-relaxed-math", nullptr, nullptr));
  }

  cl_kernel Kernel(const char* name) {
    cl_int error;
    cl_kernel kernel = clCreateKernel(program_, name, &error);
    CHECK(error);
    return kernel;
  }

  template <class T>
  cl_mem Allocate(size_t count) {
    cl_int error;
    cl_mem buffer = clCreateBuffer(context_, CL_MEM_READ_WRITE, count * sizeof(T), nullptr, &error);
    CHECK(error);
    return buffer;
  }
  template <class T>
  cl_mem Upload(const std::vector<T>& from) {
    cl_mem buffer = Allocate<T>(from.size());
    CHECK(clEnqueueWriteBuffer(queue_, buffer, CL_TRUE, 0, from.size() * sizeof(T), from.data(), 0, nullptr,
                               nullptr));
    return buffer;
  }
  template <class T>
  void Fetch(cl_mem from, std::vector<T>& to) {
    CHECK(
        clEnqueueReadBuffer(queue_, from, CL_TRUE, 0, to.size() * sizeof(T), to.data(), 0, nullptr, nullptr));
  }
  void Clear(cl_mem buffer, size_t size_bytes) {
    const cl_uint zero = 0;
    CHECK(clEnqueueFillBuffer(queue_, buffer, &zero, sizeof zero, 0, size_bytes, 0, nullptr, nullptr));
  }

  // `groups` and `local` as CUDA's grid and block.
  template <class... Arguments>
  void Launch(cl_kernel kernel, std::initializer_list<size_t> groups, std::initializer_list<size_t> local,
              const Arguments&... arguments) {
    cl_uint index = 0;
    (Check(clSetKernelArg(kernel, index++, sizeof arguments, &arguments), __LINE__), ...);
    size_t global[3] = {};
    for (size_t i = 0; i < groups.size(); ++i) global[i] = groups.begin()[i] * local.begin()[i];
    CHECK(clEnqueueNDRangeKernel(queue_, kernel, static_cast<cl_uint>(groups.size()), nullptr, global,
                                 local.begin(), 0, nullptr, nullptr));
  }
  void Synchronize() { CHECK(clFinish(queue_)); }

 private:
  cl_device_id device_;
  cl_context context_;
  cl_command_queue queue_;
  cl_program program_;
};

}  // namespace tq::bench
