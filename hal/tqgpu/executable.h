// Loaded code objects: code and data in the device's memory. Free-threaded; launches keep what they run.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/code_object.h"
#include "hal/include/tianqiao/hal.h"
#include "hal/tqgpu/address_space.h"
#include "hal/tqgpu/elf_loader.h"

namespace tq::hal::tqgpu {

struct Kernel {
  // Where the dynamic part of shared memory begins.
  uint32_t DynamicSharedOffset() const;

  KernelRecord record;
  uint64_t entry = 0;
};

class Image {
 public:
  // `log` says what is wrong with the code.
  static hal_status Load(std::shared_ptr<AddressSpace> space, std::span<const uint8_t> code,
                         std::span<const hal_import> imports, std::shared_ptr<Image>* out, std::string* log);
  ~Image();
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;

  const Kernel* FindKernel(const std::string& name) const;
  uint64_t FindSymbol(const std::string& name) const;  // 0: there is none
  bool DescribePc(uint64_t pc, hal_fault* fault) const;
  uint64_t code_size_bytes() const { return placed_.code_end - placed_.base; }
  AddressSpace& space() const { return *space_; }

 private:
  explicit Image(std::shared_ptr<AddressSpace> space) : space_(std::move(space)) {}
  absl::Status Read(std::span<const uint8_t> code);
  absl::Status Place(std::span<const hal_import> imports);
  hal_status Map();

  const std::shared_ptr<AddressSpace> space_;
  CodeObject object_;  // without its payload
  std::vector<Kernel> kernels_;
  std::shared_ptr<Buffer> buffer_;
  CodeImage placed_;  // without its bytes
};

}  // namespace tq::hal::tqgpu

struct hal_kernel {
  const tq::hal::tqgpu::Kernel* kernel = nullptr;
  std::shared_ptr<const tq::hal::tqgpu::Image> image;
};

struct hal_exec {
  hal_kernel* HandleOf(const tq::hal::tqgpu::Kernel* kernel);

  std::shared_ptr<tq::hal::tqgpu::Image> image;
  std::mutex mutex;
  std::map<const tq::hal::tqgpu::Kernel*, hal_kernel> kernels;  // those that were asked for
};

namespace tq::hal::tqgpu {

hal_status ExecProbe(hal_device* device, uint32_t index, hal_target* target);
hal_status ExecLoad(hal_vm* vm, const void* code, size_t code_size, const hal_import* imports,
                    size_t import_count, hal_exec** out, char* log, size_t log_size);
void ExecUnload(hal_exec* exec);
hal_status ExecKernel(hal_exec* exec, const char* name, hal_kernel** out, hal_kernel_info* info);
hal_status ExecSymbol(hal_exec* exec, const char* name, hal_va* address);
hal_status KernelOccupancy(hal_kernel* kernel, hal_dim3 block, uint32_t dynamic_shared_bytes,
                           hal_occupancy* out);

}  // namespace tq::hal::tqgpu
