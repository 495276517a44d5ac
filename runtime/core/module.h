// A CUmodule: the code of one load call in one context. Loading only indexes; see function.h for when kernels
// are compiled and program.h for when variables come into being. Owned by its context, as a child.
// Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/core/code.h"
#include "runtime/core/context.h"
#include "runtime/core/function.h"
#include "runtime/core/handle.h"
#include "runtime/core/program.h"
#include "runtime/core/texture_reference.h"

namespace tq::core {

class Library;

class Module : public ContextChild {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kModule;

  // The new module belongs to `context`. `library`: that it is an instance of, or null.
  static Module* Create(Context& context, std::shared_ptr<const Code> code, Library* library = nullptr);
  ~Module() override;
  // Waits for the context's work, then ends the module and its functions.
  static absl::Status Unload(Module* module);

  CUmodule handle() const { return handle_.as<CUmodule>(); }
  Context& context() const { return context_; }
  Program& program() { return program_; }
  const Code& code() const { return program_.code(); }
  bool is_of_library() const { return library_ != nullptr; }

  // CUDA_ERROR_NOT_FOUND when there is no kernel of that name.
  absl::StatusOr<Function*> GetFunction(std::string_view name, const Kernel* kernel = nullptr,
                                        const LaunchSettings& settings = {});
  // The variable of type .texref or .surfref of that name; CUDA_ERROR_NOT_FOUND.
  absl::StatusOr<TextureReference*> GetTextureReference(std::string_view name);
  absl::StatusOr<SurfaceReference*> GetSurfaceReference(std::string_view name);
  // Compiles every kernel now. Messages go to `log`; the first error of the PTX itself is returned.
  absl::Status CompileAll(JitLog& log);

  // All kernels, in the order of the text.
  absl::StatusOr<std::vector<Function*>> Functions(size_t limit);

 private:
  friend class Library;
  Module(Context& context, std::shared_ptr<const Code> code, Library* library);

  Context& context_;
  Library* library_;  // under the lock of links in library.cc
  Program program_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Function>, std::less<>> functions_;
  std::map<std::string, std::unique_ptr<TextureReference>, std::less<>> texture_references_;
  std::map<std::string, std::unique_ptr<SurfaceReference>, std::less<>> surface_references_;
  Handle<Module> handle_{this};
};

}  // namespace tq::core
