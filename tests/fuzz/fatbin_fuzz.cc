// Hostile containers of device code: nothing that the readers accept may lead outside the bytes, and what
// expands has the size that it promised. Seeds are made by the mutator from our own writer, so that a run
// needs no corpus.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "runtime/fatbin/archive.h"
#include "runtime/fatbin/choose.h"
#include "runtime/fatbin/elf.h"
#include "runtime/fatbin/read.h"
#include "runtime/fatbin/scan.h"
#include "runtime/fatbin/test_images.h"
#include "runtime/fatbin/text.h"
#include "runtime/fatbin/write.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace {

using namespace tq::fatbin;

// Bounds what one input costs; expansion beyond it is the same code on more bytes.
constexpr uint64_t kExpandLimitBytes = 16 << 20;

void Visit(const Unit& unit) {
  for (const uint32_t sm : {75u, 90u, 121u}) {
    if (const auto image = Choose(unit, {sm, 0}); image.ok() && !RunsOn((*image)->arch, {sm, 0}))
      std::abort();
  }
  for (const Image& image : unit.images) {
    if (image.kind == ImageKind::kCubin && image.codec == Codec::kStored) {
      if (const auto elf = Elf::Read(image.payload); elf.ok()) (void)elf->KernelNames();
    }
    if (image.size_bytes > kExpandLimitBytes) continue;
    const auto pages = Expand(image);
    if (pages.ok() && pages->bytes().size() != image.size_bytes) std::abort();
  }
}

std::vector<uint8_t> Seed(unsigned seed) {
  static const std::string text = PtxText("sm_80");
  const std::vector<uint8_t> cubin = Cubin({"a", "b"}, 90, seed % 2 == 0);
  Image machine_code = PtxImageFor({90}, {});
  machine_code.kind = ImageKind::kCubin;
  machine_code.payload = cubin;
  Image named = PtxImageFor({120, 'f'}, text, Codec::kZstd);
  named.name = "file.cu";
  named.options = " -g ";
  const std::vector<uint8_t> fatbin =
      *WriteFatbin(std::vector<Image>{PtxImageFor({75}, text, Codec::kLz4), named, machine_code});
  switch (seed % 4) {
    case 0:
      return fatbin;
    case 1:
      return cubin;
    case 2:
      return WriteArchive({{"a.fatbin", fatbin}, {"a_long_name_indeed.cubin", cubin}});
    default:
      return {text.begin(), text.end()};
  }
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  if (size < 8 || seed % 64 == 0) {
    const std::vector<uint8_t> bytes = Seed(seed / 64);
    if (bytes.size() <= max_size) {
      std::memcpy(data, bytes.data(), bytes.size());
      size = bytes.size();
    }
  }
  return LLVMFuzzerMutate(data, size, max_size);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> bytes(data, size);
  if (const auto container = ReadBytes(bytes); container.ok()) {
    for (const Unit& unit : container->units) Visit(unit);
  }
  (void)ScanBytes(bytes, [](const FoundUnit& found) { Visit(*found.unit); });
  if (size > 16 && data[0] == 'F') {  // an arbitrary place in a host file
    uint64_t extent = 0;
    if (ReadFatbin(bytes.subspan(1), &extent).ok() && extent > size - 1) std::abort();
  }
  return 0;
}
