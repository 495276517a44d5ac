#include "hal/executable.h"

#include "absl/strings/str_cat.h"
#include "hal/error.h"

namespace tq::hal {

absl::StatusOr<Executable> Executable::Load(const AddressSpace& vm, std::span<const uint8_t> code,
                                            std::span<const hal_import> imports) {
  hal_exec* exec = nullptr;
  char log[2048] = "";
  const hal_status status = vm.backend()->exec_load(vm.get(), code.data(), code.size(), imports.data(),
                                                    imports.size(), &exec, log, sizeof log);
  if (status != HAL_OK) return ToStatus(status, absl::StrCat("exec_load (", log, ")"));
  Executable executable;
  executable.handle_ = {vm.backend(), exec};
  return executable;
}

absl::StatusOr<KernelEntry> Executable::Kernel(const std::string& name) const {
  KernelEntry entry;
  entry.info.size = sizeof entry.info;
  const hal_status status = handle_.table().exec_kernel(get(), name.c_str(), &entry.kernel, &entry.info);
  if (status != HAL_OK) return ToStatus(status, absl::StrCat("exec_kernel of ", name));
  return entry;
}

absl::StatusOr<hal_va> Executable::Symbol(const std::string& name) const {
  hal_va address = 0;
  const hal_status status = handle_.table().exec_symbol(get(), name.c_str(), &address);
  if (status != HAL_OK) return ToStatus(status, absl::StrCat("exec_symbol of ", name));
  return address;
}

absl::StatusOr<hal_occupancy> Executable::Occupancy(const KernelEntry& entry, hal_dim3 block,
                                                    uint32_t dynamic_shared_bytes) const {
  hal_occupancy occupancy = {.size = sizeof occupancy};
  const hal_status status =
      handle_.table().kernel_occupancy(entry.kernel, block, dynamic_shared_bytes, &occupancy);
  if (status != HAL_OK) return ToStatus(status, "kernel_occupancy");
  return occupancy;
}

}  // namespace tq::hal
