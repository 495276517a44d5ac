#include "tools/kernel_catalog/kernel_catalog.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/fatbin/scan.h"

namespace tq::tools {
namespace {

// How many of `count` each file gives when all give the same as far as they have it.
std::vector<size_t> Shares(std::vector<size_t> sizes, size_t count) {
  std::vector<size_t> shares(sizes.size(), 0);
  for (bool gave = true; count != 0 && gave;) {
    gave = false;
    for (size_t i = 0; i < sizes.size() && count != 0; ++i) {
      if (shares[i] == sizes[i]) continue;
      ++shares[i];
      --count;
      gave = true;
    }
  }
  return shares;
}

}  // namespace

KernelCatalog::~KernelCatalog() {
  for (const Mapping& mapping : mappings_) munmap(mapping.data, mapping.size_bytes);
}

absl::Status KernelCatalog::Add(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return absl::NotFoundError(absl::StrCat(path, " cannot be opened (", std::strerror(errno), ")"));
  struct stat info;
  void* data = MAP_FAILED;
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0)
    data = mmap(nullptr, info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  close(fd);
  if (data == MAP_FAILED)
    return absl::InvalidArgumentError(absl::StrCat(path, " is no regular file with contents"));
  mappings_.push_back({data, static_cast<size_t>(info.st_size)});

  CatalogFile file;
  file.path = path;
  const auto visit = [&](const fatbin::FoundUnit& unit) {
    for (const fatbin::Image& image : unit.unit->images) {
      if (image.kind != fatbin::ImageKind::kPtx) continue;
      CatalogImage entry;
      entry.file = static_cast<uint32_t>(files_.size());
      entry.offset_bytes = unit.offset_bytes;
      entry.arch = image.arch;
      entry.text = std::make_unique<fatbin::Text>(image, fatbin::Text::Storage::kBorrow);
      auto text = entry.text->Acquire();
      absl::StatusOr<ptx::ModuleIndex> index =
          text.ok() ? ptx::ModuleIndex::Build(**text) : absl::StatusOr<ptx::ModuleIndex>(text.status());
      if (!index.ok()) {
        file.errors.push_back(absl::StrCat("offset ", unit.offset_bytes, ": ", index.status().message()));
        continue;
      }
      entry.index = std::make_unique<ptx::ModuleIndex>(*std::move(index));
      for (const ptx::Statement* kernel : entry.index->Kernels()) {
        kernels_.push_back({static_cast<uint32_t>(images_.size()), kernel});
        ++file.kernels;
      }
      ++file.images;
      images_.push_back(std::move(entry));
    }
  };
  const absl::Status scanned =
      fatbin::ScanBytes({static_cast<const uint8_t*>(data), static_cast<size_t>(info.st_size)}, visit);
  files_.push_back(std::move(file));
  return WithContext(scanned, path);
}

absl::StatusOr<KernelText> KernelCatalog::Extract(const CatalogKernel& kernel) const {
  const CatalogImage& image = images_[kernel.image];
  ASSIGN_OR_RETURN(const auto text, image.text->Acquire());
  const std::string_view root = kernel.name();
  ASSIGN_OR_RETURN(const ptx::Extract extract, ptx::ExtractSymbols(*image.index, *text, {&root, 1}));
  KernelText result;
  result.target = image.index->target();
  for (const tq_ptx_chunk& chunk : extract.chunks) {
    result.ptx.append(chunk.text, chunk.size_bytes);
    if (result.ptx.empty() || result.ptx.back() != '\n') result.ptx += '\n';
  }
  return result;
}

std::vector<const CatalogKernel*> KernelCatalog::Sample(size_t count, uint32_t seed) const {
  std::vector<std::vector<const CatalogKernel*>> by_file(files_.size());
  for (const CatalogKernel& kernel : kernels_) by_file[images_[kernel.image].file].push_back(&kernel);
  std::vector<size_t> sizes;
  for (auto& kernels : by_file) {
    // Of one size: in the order of the catalog, which is that of their addresses.
    std::sort(kernels.begin(), kernels.end(), [](const auto* a, const auto* b) {
      return std::pair(a->size_bytes(), a) < std::pair(b->size_bytes(), b);
    });
    sizes.push_back(kernels.size());
  }
  const std::vector<size_t> shares = Shares(sizes, count);
  std::mt19937 random(seed);
  std::vector<const CatalogKernel*> sample;
  for (size_t file = 0; file < by_file.size(); ++file) {
    const size_t share = shares[file];
    for (size_t i = 0; i < share; ++i) {
      const size_t begin = sizes[file] * i / share, end = sizes[file] * (i + 1) / share;
      const size_t at = i + 1 == share ? end - 1 : begin + random() % (end - begin);
      sample.push_back(by_file[file][at]);
    }
  }
  // Elements of one vector: their order in memory is that of the catalog.
  std::sort(sample.begin(), sample.end());
  return sample;
}

}  // namespace tq::tools
