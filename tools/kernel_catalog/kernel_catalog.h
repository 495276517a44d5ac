// Every kernel that files carry as PTX: what surveys and benchmarks of the compiler draw from.
//
// Files are mapped and images indexed once; texts are expanded when they are wanted (runtime/fatbin/text.h),
// so that libraries of half a gigabyte fit into memory. Building is single-threaded; a built catalog is
// thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/index/extract.h"
#include "compiler/index/module_index.h"
#include "runtime/fatbin/image.h"
#include "runtime/fatbin/text.h"

namespace tq::tools {

struct CatalogFile {
  std::string path;
  uint32_t images = 0;  // with PTX
  uint32_t kernels = 0;
  std::vector<std::string> errors;  // images that cannot be expanded or indexed
};

struct CatalogImage {
  uint32_t file = 0;
  uint64_t offset_bytes = 0;  // of its fat binary in the file
  fatbin::Arch arch;
  std::unique_ptr<fatbin::Text> text;
  std::unique_ptr<ptx::ModuleIndex> index;
};

struct CatalogKernel {
  uint32_t image = 0;
  const ptx::Statement* statement = nullptr;
  std::string_view name() const { return statement->name; }
  uint32_t size_bytes() const { return statement->range.size_bytes; }
};

// One kernel with what it needs, as a text of its own.
struct KernelText {
  std::string ptx;     // ends with a newline
  std::string target;  // "sm_120"
};

class KernelCatalog {
 public:
  KernelCatalog() = default;
  KernelCatalog(KernelCatalog&&) = default;
  ~KernelCatalog();

  // Adds what `path` holds: a library, a program, a fat binary, PTX text. NotFound and InvalidArgument as
  // ScanFile; what is damaged inside is kept in CatalogFile::errors.
  absl::Status Add(const std::string& path);

  const std::vector<CatalogFile>& files() const { return files_; }
  const std::vector<CatalogImage>& images() const { return images_; }
  const std::vector<CatalogKernel>& kernels() const { return kernels_; }
  const CatalogFile& FileOf(const CatalogKernel& kernel) const { return files_[images_[kernel.image].file]; }

  absl::StatusOr<KernelText> Extract(const CatalogKernel& kernel) const;

  // `count` kernels, the files sharing it evenly as far as they have enough, each file's share spread evenly
  // over its kernels in order of size: of every rank interval one at random, and its largest. In the order of
  // the catalog, so that neighbours share an image. The same for the same `seed`.
  std::vector<const CatalogKernel*> Sample(size_t count, uint32_t seed) const;

 private:
  struct Mapping {
    void* data;
    size_t size_bytes;
  };
  std::vector<Mapping> mappings_;
  std::vector<CatalogFile> files_;
  std::vector<CatalogImage> images_;
  std::vector<CatalogKernel> kernels_;
};

}  // namespace tq::tools
