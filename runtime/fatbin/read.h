// Reads what cuModuleLoadData, cuLibraryLoadData and their file variants accept: a wrapper record (version 1
// or 2), a fat binary, PTX text, a cubin, or an archive of these.
//
// Errors: InvalidArgument for bytes that are none of these or contradict themselves
// (CUDA_ERROR_INVALID_IMAGE). Nothing is expanded here: see text.h. Thread-safe. The result's views point
// into the input.
#pragma once

#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "runtime/fatbin/image.h"

namespace tq::fatbin {

// Every offset is checked against the size. Wrapper records hold pointers and are refused.
absl::StatusOr<Container> ReadBytes(std::span<const uint8_t> bytes);

// For calls that come with a pointer alone: the extent is what the image says of itself, PTX ends at its NUL.
// A container that lies about its extent cannot be told apart from a good one.
absl::StatusOr<Container> ReadPointer(const void* image);

// The fat binary at the start of `bytes`, which may go on behind it; *size_bytes receives its extent.
absl::StatusOr<Unit> ReadFatbin(std::span<const uint8_t> bytes, uint64_t* size_bytes);

// Whether text is PTX at all: its first directive is .version (PTX ISA, "PTX Module Directives").
bool LooksLikePtx(std::span<const uint8_t> bytes);

}  // namespace tq::fatbin
