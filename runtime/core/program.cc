#include "runtime/core/program.h"

#include <bit>
#include <cstring>
#include <deque>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "compiler/index/host_calls.h"
#include "compiler/index/initializer.h"
#include "compiler/index/sampler.h"
#include "runtime/core/context.h"
#include "runtime/core/copy.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/function.h"
#include "runtime/core/jit.h"

namespace tq::core {
namespace {

absl::string_view Show(std::string_view text) { return {text.data(), text.size()}; }

// compiler/index says InvalidArgument where the PTX is wrong.
absl::Status FromIndex(const absl::Status& status) {
  if (status.code() != absl::StatusCode::kInvalidArgument) return status;
  return CudaError(CUDA_ERROR_INVALID_PTX, std::string(status.message()));
}

// The texts of all units, held while symbols are looked up in them.
class Texts {
 public:
  static absl::StatusOr<Texts> Acquire(const Code& code) {
    Texts texts;
    for (const Code::Unit& unit : code.units()) {
      ASSIGN_OR_RETURN(auto text, unit.text->Acquire());
      texts.units_.push_back({&unit.index, *text});
      texts.held_.push_back(std::move(text));
    }
    return texts;
  }
  std::span<const ptx::LinkUnit> units() const { return units_; }

 private:
  std::vector<std::shared_ptr<const std::string_view>> held_;
  std::vector<ptx::LinkUnit> units_;
};

void Store(std::vector<uint8_t>& contents, const ptx::SymbolReference& reference, uint64_t address) {
  uint64_t value = address + reference.addend;
  if (reference.mask != ~uint64_t{0}) value = (value & reference.mask) >> std::countr_zero(reference.mask);
  for (uint32_t i = 0; i < reference.size_bytes && i < 8; ++i) {
    contents[reference.offset_bytes + i] = static_cast<uint8_t>(value >> (8 * i));
  }
}

absl::Status Fill(Allocation& allocation, const std::vector<uint8_t>& contents) {
  if (void* const host = allocation.host_ptr(); host != nullptr) {
    std::memcpy(host, contents.data(), contents.size());
    std::memset(static_cast<uint8_t*>(host) + contents.size(), 0, allocation.size_bytes() - contents.size());
    return absl::OkStatus();
  }
  std::vector<uint8_t> whole = contents;
  whole.resize(allocation.size_bytes());
  const CopyOperand dst = {.side = MemorySide::kDevice, .address = allocation.device_ptr()};
  const CopyOperand src = {.side = MemorySide::kHost, .address = reinterpret_cast<uint64_t>(whole.data())};
  return Copy(allocation.context().legacy_stream(), dst, src, {.row_bytes = whole.size()}, CallMode::kSync);
}

}  // namespace

// Brings variables into being: memory first, for those that they refer to as well, since references may form
// cycles; then the functions whose addresses they hold; then contents. Under the program's lock. What fails
// is taken back.
class Program::Materialization {
 public:
  Materialization(Program& program, std::span<const ptx::LinkUnit> units)
      : program_(program), units_(units) {}
  ~Materialization() {
    if (is_done_) return;
    for (const Pending& pending : pending_) program_.variables_.erase(pending.id);
  }

  absl::Status Run(std::vector<VariableId> wanted) {
    while (!wanted.empty()) {
      const VariableId id = wanted.back();
      wanted.pop_back();
      if (!program_.variables_.contains(id)) RETURN_IF_ERROR(Allocate(id, wanted));
    }
    for (const auto& [unit, names] : functions_) RETURN_IF_ERROR(LoadFunctions(unit, names));
    for (Pending& pending : pending_) {
      for (const ptx::SymbolReference& reference : pending.initializer.references) {
        Store(pending.initializer.bytes, reference, AddressOf(pending.id.first, reference.name));
      }
      RETURN_IF_ERROR(Fill(*program_.variables_[pending.id].allocation, pending.initializer.bytes));
    }
    is_done_ = true;
    return absl::OkStatus();
  }

 private:
  struct Pending {
    VariableId id;
    ptx::Initializer initializer;
  };

  absl::Status Allocate(const VariableId& id, std::vector<VariableId>& wanted) {
    const auto& [unit, statement] = id;
    const ptx::IndexedVariable& declared = units_[unit].index->Variable(*statement);
    if (declared.is_managed && program_.managed_home_ != nullptr) {
      Variable shared;
      ASSIGN_OR_RETURN(shared.allocation,
                       program_.managed_home_->FindVariable(statement->name, &shared.size_bytes));
      program_.variables_[id] = std::move(shared);
      return absl::OkStatus();
    }
    auto initializer = ptx::ReadInitializer(*units_[unit].index, *statement, units_[unit].text);
    if (!initializer.ok()) {
      return WithContext(FromIndex(initializer.status()), absl::StrCat("variable ", Show(statement->name)));
    }
    for (const ptx::SymbolReference& reference : initializer->references) {
      const ptx::LinkedSymbol symbol = ptx::ResolveSymbol(units_, unit, reference.name);
      RETURN_IF_ERROR(CheckReference(*statement, symbol, reference.name));
      if (symbol.definition->kind == ptx::StatementKind::kVariable) {
        wanted.push_back({symbol.unit, symbol.definition});
      } else {
        functions_[symbol.unit].emplace(symbol.definition->name, 0);
      }
    }
    Variable variable;
    if (declared.type == ptx::Type::kSamplerref) {
      ASSIGN_OR_RETURN(variable.sampler, MakeSampler(unit, *statement));
      const uint64_t handle = variable.sampler->handle();
      const auto* const bytes = reinterpret_cast<const uint8_t*>(&handle);
      initializer->bytes.assign(bytes, bytes + sizeof handle);
    }
    variable.size_bytes = declared.is_unsized ? initializer->bytes.size() : declared.size_bytes;
    const auto kind = declared.is_managed ? Allocation::Kind::kManaged : Allocation::Kind::kModule;
    const unsigned flags = declared.is_managed ? CU_MEM_ATTACH_GLOBAL : 0;
    ASSIGN_OR_RETURN(variable.owned, Allocation::Create(program_.context_, kind,
                                                        std::max<uint64_t>(variable.size_bytes, 1), flags));
    variable.allocation = variable.owned.get();
    program_.variables_[id] = std::move(variable);
    pending_.push_back({id, *std::move(initializer)});
    return absl::OkStatus();
  }

  absl::StatusOr<Descriptor> MakeSampler(size_t unit, const ptx::Statement& statement) {
    const auto state = ptx::ReadSampler(*units_[unit].index, statement, units_[unit].text);
    if (!state.ok()) return FromIndex(state.status());
    tq_texture contents = {};
    contents.kind = TQ_TEXTURE_SAMPLER;
    contents.level_count = 1;
    std::copy(std::begin(state->address_mode), std::end(state->address_mode), contents.address_mode);
    contents.filter = contents.mip_filter = state->filter;
    contents.flags = state->force_unnormalized ? 0 : TQ_TEXTURE_NORMALIZED;
    contents.max_lod = TQ_TEXTURE_MAX_LEVELS;
    ASSIGN_OR_RETURN(Descriptor descriptor, Descriptor::Create(program_.context_));
    descriptor.Write(contents);
    return descriptor;
  }

  absl::Status CheckReference(const ptx::Statement& variable, const ptx::LinkedSymbol& symbol,
                              const std::string& name) {
    const std::string place = absl::StrCat("ptx:", variable.range.line, ":1: error: the initialiser of ",
                                           Show(variable.name), " refers to ", name);
    if (symbol.definition == nullptr)
      return CudaError(CUDA_ERROR_INVALID_PTX, absl::StrCat(place, ", which nothing defines"));
    if (symbol.definition->kind != ptx::StatementKind::kVariable) return absl::OkStatus();
    const ptx::Space space = units_[symbol.unit].index->Variable(*symbol.definition).space;
    if (space == ptx::Space::kGlobal || space == ptx::Space::kConst) return absl::OkStatus();
    return CudaError(CUDA_ERROR_INVALID_PTX, absl::StrCat(place, ", which has no address of its own"));
  }

  absl::Status LoadFunctions(size_t unit, std::map<std::string_view, uint64_t> names) {
    std::vector<std::string_view> roots;
    std::vector<std::string> symbols;
    for (const auto& [name, address] : names) {
      roots.push_back(name);
      symbols.emplace_back(name);
    }
    const auto extract = ptx::LinkSymbols(units_, unit, roots, program_.OutsideNames());
    if (!extract.ok()) return FromIndex(extract.status());
    ASSIGN_OR_RETURN(const CompiledCode compiled,
                     program_.CompileExtract(*extract, unit, symbols, /*is_kernel=*/false));
    ASSIGN_OR_RETURN(hal::Executable* const executable, program_.LoadCode(units_, *extract, compiled.code));
    for (const std::string& symbol : symbols) {
      const auto address = executable->Symbol(symbol);
      if (!address.ok()) return program_.context_.FromHal(address.status());
      functions_[unit][symbol] = *address;
    }
    return absl::OkStatus();
  }

  uint64_t AddressOf(size_t unit, std::string_view name) {
    const ptx::LinkedSymbol symbol = ptx::ResolveSymbol(units_, unit, name);
    if (symbol.definition->kind == ptx::StatementKind::kVariable) {
      return program_.variables_[{symbol.unit, symbol.definition}].allocation->device_ptr();
    }
    return functions_[symbol.unit][symbol.definition->name];
  }

  Program& program_;
  const std::span<const ptx::LinkUnit> units_;
  std::vector<Pending> pending_;
  // Addresses by name, per unit. The names are the indexes'.
  std::map<size_t, std::map<std::string_view, uint64_t>> functions_;
  bool is_done_ = false;
};

Program::Program(Context& context, std::shared_ptr<const Code> code)
    : context_(context), code_(std::move(code)) {}

Program::~Program() = default;

bool Program::has_variables() const {
  const std::lock_guard lock(mutex_);
  return !variables_.empty();
}

ptx::NameSet Program::OutsideNames() const {
  ptx::NameSet names;
  for (const auto& [name, address] : code_->options().symbols) names.insert(name);
  return names;
}

absl::StatusOr<CompiledCode> Program::CompileExtract(const ptx::LinkedExtract& extract, size_t unit,
                                                     const std::vector<std::string>& symbols,
                                                     bool is_kernel) {
  CompileJob job;
  job.chunks = extract.chunks;
  job.symbols = symbols;
  job.options = code_->options().Spell(code_->units()[unit].options);
  job.optimization_level = code_->options().optimization_level;
  job.is_kernel = is_kernel;
  return Compile(job, context_.device());
}

absl::StatusOr<hal::Executable*> Program::LoadCode(std::span<const ptx::LinkUnit> units,
                                                   const ptx::LinkedExtract& extract,
                                                   const KernelCache::Code& code) {
  const std::lock_guard lock(mutex_);
  std::vector<VariableId> wanted;
  for (const ptx::LinkedVariable& variable : extract.variables) {
    if (variable.symbol.definition == nullptr) continue;
    wanted.push_back({variable.symbol.unit, variable.symbol.definition});
  }
  RETURN_IF_ERROR(Materialization(*this, units).Run(std::move(wanted)));
  std::vector<hal_import> imports;
  for (const ptx::LinkedVariable& variable : extract.variables) {
    if (variable.symbol.definition == nullptr) {
      imports.push_back({variable.import_name.c_str(), code_->options().symbols.at(variable.import_name)});
      continue;
    }
    const VariableId id = {variable.symbol.unit, variable.symbol.definition};
    imports.push_back({variable.import_name.c_str(), variables_[id].allocation->device_ptr()});
  }
  std::deque<std::string> names;
  for (const ptx::LinkedKernel& kernel : extract.kernels) {
    names.push_back(absl::StrCat(Show(ptx::kKernelHandlePrefix), kernel.name));
    imports.push_back({names.back().c_str(), HandleOf(kernel.symbol)});
  }
  auto executable = hal::Executable::Load(context_.vm(), *code, imports);
  if (!executable.ok()) return context_.FromHal(executable.status());
  executables_.push_back(std::make_unique<hal::Executable>(*std::move(executable)));
  return executables_.back().get();
}

uint64_t Program::HandleOf(const ptx::LinkedSymbol& kernel) {
  std::unique_ptr<Function>& function = kernels_[{kernel.unit, kernel.definition}];
  if (function == nullptr) {
    const KernelLocation location = {kernel.unit, kernel.definition};
    function = std::make_unique<Function>(*module_, nullptr, location, LaunchSettings());
  }
  return reinterpret_cast<uint64_t>(function->handle());
}

absl::StatusOr<hal::KernelEntry> Program::LoadKernel(size_t unit, std::string_view name,
                                                     std::shared_ptr<BackgroundCompile>& better) {
  ASSIGN_OR_RETURN(const Texts texts, Texts::Acquire(*code_));
  const auto extract = ptx::LinkSymbols(texts.units(), unit, std::span(&name, 1), OutsideNames());
  if (!extract.ok()) return FromIndex(extract.status());
  const std::string symbol(name);
  ASSIGN_OR_RETURN(CompiledCode compiled, CompileExtract(*extract, unit, {symbol}, /*is_kernel=*/true));
  ASSIGN_OR_RETURN(hal::Executable* const executable, LoadCode(texts.units(), *extract, compiled.code));
  auto entry = executable->Kernel(symbol);
  if (!entry.ok()) return context_.FromHal(entry.status());
  better = std::move(compiled.better);
  return entry;
}

absl::StatusOr<hal::KernelEntry> Program::LoadKernelFrom(size_t unit, std::string_view name,
                                                         const KernelCache::Code& code) {
  ASSIGN_OR_RETURN(const Texts texts, Texts::Acquire(*code_));
  const auto extract = ptx::LinkSymbols(texts.units(), unit, std::span(&name, 1), OutsideNames());
  if (!extract.ok()) return FromIndex(extract.status());
  ASSIGN_OR_RETURN(hal::Executable* const executable, LoadCode(texts.units(), *extract, code));
  auto entry = executable->Kernel(std::string(name));
  if (!entry.ok()) return context_.FromHal(entry.status());
  return entry;
}

ptx::Type Program::TypeOf(std::string_view name) const {
  for (const Code::Unit& unit : code_->units()) {
    const ptx::Statement* const statement = unit.index.FindDefinition(name);
    if (statement == nullptr || statement->kind != ptx::StatementKind::kVariable) continue;
    const ptx::IndexedVariable& variable = unit.index.Variable(*statement);
    if (variable.space == ptx::Space::kGlobal || variable.space == ptx::Space::kConst) return variable.type;
  }
  return ptx::Type::kNone;
}

absl::StatusOr<Allocation*> Program::FindVariable(std::string_view name, uint64_t* size_bytes) {
  for (size_t unit = 0; unit < code_->units().size(); ++unit) {
    const ptx::ModuleIndex& index = code_->units()[unit].index;
    const ptx::Statement* const statement = index.FindDefinition(name);
    if (statement == nullptr || statement->kind != ptx::StatementKind::kVariable) continue;
    const ptx::Space space = index.Variable(*statement).space;
    if (space != ptx::Space::kGlobal && space != ptx::Space::kConst) continue;
    const std::lock_guard lock(mutex_);
    const VariableId id = {unit, statement};
    if (!variables_.contains(id)) {
      ASSIGN_OR_RETURN(const Texts texts, Texts::Acquire(*code_));
      RETURN_IF_ERROR(Materialization(*this, texts.units()).Run({id}));
    }
    *size_bytes = variables_[id].size_bytes;
    return variables_[id].allocation;
  }
  return CudaError(CUDA_ERROR_NOT_FOUND, absl::StrCat("there is no variable named ", Show(name)));
}

}  // namespace tq::core
