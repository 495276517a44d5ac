#include "runtime/core/coredump.h"

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/knobs.h"
#include "base/log.h"
#include "runtime/core/allocation.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/owned_fd.h"
#include "runtime/core/process.h"

namespace tq::core {
namespace {

std::mutex settings_mutex;
std::optional<CoredumpSettings> global_settings;
std::map<uint64_t, CoredumpSettings>& SettingsOfContexts() {  // by id
  static auto* const settings = new std::map<uint64_t, CoredumpSettings>;
  return *settings;
}

CoredumpSettings& GlobalLocked() {
  if (!global_settings.has_value()) {
    const KnobValues& knobs = Knobs();
    global_settings.emplace();
    global_settings->on_exception = knobs.coredump_on_exception;
    global_settings->trigger_host = knobs.coredump_of_host;
    global_settings->lightweight = knobs.coredump_lightweight;
    global_settings->file = knobs.coredump_file;
    global_settings->user_trigger = knobs.coredump_user_trigger;
    global_settings->pipe = knobs.coredump_pipe;
  }
  return *global_settings;
}

std::string DescribeDevice(const Device& device) {
  std::string uuid;
  for (const uint8_t byte : device.info().uuid) absl::StrAppend(&uuid, absl::Hex(byte, absl::kZeroPad2));
  return absl::StrCat("device=", device.ordinal(), "\nname=", device.name(), "\nuuid=", uuid, "\n");
}

std::string DescribeFault(const hal_fault& fault, int error) {
  const auto triple = [](const hal_dim3& at) { return absl::StrCat(at.x, ",", at.y, ",", at.z); };
  return absl::StrCat("error=", error, "\nkernel=", fault.kernel, "\nfunction=", fault.function,
                      "\nptx_line=", fault.ptx_line, "\nsource=", fault.source_file, ":", fault.source_line,
                      "\nblock=", triple(fault.block), "\nthread=", triple(fault.thread), "\naddress=0x",
                      absl::Hex(fault.address), "\naccess=", fault.access, "\ngrid=", fault.grid_id,
                      "\nmessage=", fault.message, "\n");
}

void AppendNote(std::string& notes, unsigned type, const std::string& text) {
  constexpr char kName[] = "TIANQIAO";
  const Elf64_Nhdr header = {sizeof kName, static_cast<Elf64_Word>(text.size()), type};
  notes.append(reinterpret_cast<const char*>(&header), sizeof header);
  for (const std::string& part : {std::string(kName, sizeof kName), text}) {
    notes.append(part);
    notes.append((4 - part.size() % 4) % 4, '\0');
  }
}

struct Segment {
  uint64_t address, size_bytes;
};

// Device memory of the context that this thread can read.
std::vector<Segment> SegmentsOf(const Context& context) {
  std::vector<Segment> segments;
  const bool is_unified = context.device().hal().Has(HAL_DEVICE_UNIFIED_ADDRESSES);
  Process::Get().address_space().ForEach([&](const Allocation& allocation) {
    if (&allocation.context() != &context || allocation.is_host()) return;
    if (is_unified) segments.push_back({allocation.device_ptr(), allocation.size_bytes()});
  });
  segments.resize(std::min<size_t>(segments.size(), PN_XNUM - 2));
  return segments;
}

bool WriteAll(int fd, const void* data, uint64_t size_bytes) {
  const auto* at = static_cast<const char*>(data);
  while (size_bytes != 0) {
    const ssize_t written = write(fd, at, std::min<uint64_t>(size_bytes, uint64_t{1} << 30));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    at += written;
    size_bytes -= static_cast<uint64_t>(written);
  }
  return true;
}

bool WriteFile(int fd, const std::string& notes, const std::vector<Segment>& segments) {
  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_CORE;
  header.e_machine = EM_NONE;
  header.e_version = EV_CURRENT;
  header.e_phoff = header.e_ehsize = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = static_cast<Elf64_Half>(segments.size() + 1);

  std::vector<Elf64_Phdr> programs(segments.size() + 1);
  uint64_t offset = sizeof header + programs.size() * sizeof(Elf64_Phdr);
  programs[0].p_type = PT_NOTE;
  programs[0].p_offset = offset;
  programs[0].p_filesz = notes.size();
  programs[0].p_align = 4;
  offset += notes.size();
  for (size_t i = 0; i < segments.size(); ++i) {
    Elf64_Phdr& program = programs[i + 1];
    program.p_type = PT_LOAD;
    program.p_flags = PF_R | PF_W;
    program.p_offset = offset;
    program.p_vaddr = segments[i].address;
    program.p_filesz = program.p_memsz = segments[i].size_bytes;
    program.p_align = 1;
    offset += segments[i].size_bytes;
  }
  bool written = WriteAll(fd, &header, sizeof header) &&
                 WriteAll(fd, programs.data(), programs.size() * sizeof(Elf64_Phdr)) &&
                 WriteAll(fd, notes.data(), notes.size());
  for (const Segment& segment : segments) {
    written = written && WriteAll(fd, reinterpret_cast<const void*>(segment.address), segment.size_bytes);
  }
  return written;
}

}  // namespace

std::string ExpandCoredumpName(const std::string& pattern) {
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  return absl::StrReplaceAll(
      pattern,
      {{"%h", host}, {"%p", absl::StrCat(getpid())}, {"%t", absl::StrCat(std::time(nullptr))}, {"%%", "%"}});
}

CoredumpSettings CoredumpSettings::Global() {
  std::lock_guard lock(settings_mutex);
  return GlobalLocked();
}

void CoredumpSettings::SetGlobal(const CoredumpSettings& settings) {
  std::lock_guard lock(settings_mutex);
  GlobalLocked() = settings;
}

CoredumpSettings CoredumpSettings::Of(const Context& context) {
  std::lock_guard lock(settings_mutex);
  const auto own = SettingsOfContexts().find(context.id());
  return own == SettingsOfContexts().end() ? GlobalLocked() : own->second;
}

void CoredumpSettings::SetFor(Context& context, const CoredumpSettings& settings) {
  bool is_first = false;
  {
    std::lock_guard lock(settings_mutex);
    is_first = SettingsOfContexts().insert_or_assign(context.id(), settings).second;
  }
  if (!is_first) return;
  context.AddTeardownHook([id = context.id()] {
    std::lock_guard lock(settings_mutex);
    SettingsOfContexts().erase(id);
  });
}

namespace {

bool AbortsHost(const CoredumpSettings& settings) {
  return settings.trigger_host && (settings.generation_flags & CU_COREDUMP_SKIP_ABORT) == 0;
}

void Dump(const Context& context, const CoredumpSettings& settings, const std::string& fault_text,
          const std::string& name) {
  std::string notes;
  AppendNote(notes, kCoredumpNoteDevice, DescribeDevice(context.device()));
  if (!fault_text.empty()) AppendNote(notes, kCoredumpNoteFault, fault_text);
  const bool has_memory =
      !settings.lightweight && (settings.generation_flags & CU_COREDUMP_SKIP_GLOBAL_MEMORY) == 0;
  const std::vector<Segment> segments = has_memory ? SegmentsOf(context) : std::vector<Segment>();
  const OwnedFd file(open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (file.is_open() && WriteFile(file.get(), notes, segments)) {
    Log(LogLevel::kError, "the device's state is in %s", name.c_str());
  } else {
    Log(LogLevel::kError, "the device's state cannot be written to %s: %s", name.c_str(),
        std::strerror(errno));
  }
}

}  // namespace

void DumpCoreOnFault(Context& context, const hal_fault& fault, int error) {
  const CoredumpSettings settings = CoredumpSettings::Of(context);
  if (!settings.on_exception) return;
  Dump(context, settings, DescribeFault(fault, error), ExpandCoredumpName(settings.file));
  if (AbortsHost(settings)) std::abort();
}

void DumpCoresOnRequest() {
  bool is_first = true, aborts = false;
  Context::ForEachActive([&](Context& context) {
    const CoredumpSettings settings = CoredumpSettings::Of(context);
    const std::string name = ExpandCoredumpName(settings.file);
    Dump(context, settings, "", is_first ? name : absl::StrCat(name, ".", context.id()));
    is_first = false;
    aborts |= AbortsHost(settings);
  });
  if (aborts) std::abort();
}

}  // namespace tq::core
