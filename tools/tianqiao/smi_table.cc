#include "tools/tianqiao/smi_table.h"

#include <cstdarg>
#include <cstdio>

namespace tq {
namespace {

constexpr int kWidth = 78;  // between the edges

std::string Format(const char* format, ...) __attribute__((format(printf, 1, 2)));
std::string Format(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char text[512];
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return text;
}

// What does not fit is cut off at its beginning: the end of a path says more.
std::string Fitted(const std::string& text, size_t width) {
  return text.size() <= width ? text : "..." + text.substr(text.size() - width + 3);
}

std::string Mebibytes(uint64_t bytes) {
  return Format("%lluMiB", static_cast<unsigned long long>((bytes + (1 << 19)) >> 20));
}

class Table {
 public:
  void Rule(char fill = '-') { text_ += '+' + std::string(kWidth, fill) + "+\n"; }
  void Line(const std::string& content) {
    std::string line = content.substr(0, kWidth);
    line.resize(kWidth, ' ');
    text_ += '|' + line + "|\n";
  }
  std::string text_;
};

}  // namespace

std::string FormatSmiTable(const SmiSnapshot& snapshot) {
  Table table;
  table.Rule();
  table.Line(Format(" Tianqiao-SMI         Driver Version: %-16s CUDA Version: %d.%d",
                    snapshot.driver_version.c_str(), snapshot.cuda_version / 1000,
                    snapshot.cuda_version % 1000 / 10));
  table.Rule();
  table.Line(Format(" %3s  %-26s %-17s %23s", "GPU", "Name", "Bus-Id", ""));
  table.Line(Format(" %5s %9s %38s %15s", "Temp", "Pwr:Usage", "Memory-Usage", "GPU-Util"));
  table.Rule('=');
  for (size_t i = 0; i < snapshot.devices.size(); ++i) {
    const SmiDevice& device = snapshot.devices[i];
    table.Line(Format(" %3zu  %-26s %-17s", i, Fitted(device.name, 26).c_str(), device.bus_id.c_str()));
    const std::string temperature = device.celsius ? Format("%uC", *device.celsius) : "N/A";
    const std::string power = device.milliwatts ? Format("%uW", *device.milliwatts / 1000) : "N/A";
    const std::string memory =
        Mebibytes(device.memory_used_bytes) + " / " + Mebibytes(device.memory_total_bytes);
    table.Line(Format(" %5s %9s %38s %14u%%", temperature.c_str(), power.c_str(), memory.c_str(),
                      device.utilization_percent));
    table.Rule();
  }
  table.Line(" Processes:");
  table.Line(Format(" %3s %9s %4s  %-40s %16s", "GPU", "PID", "Type", "Process name", "GPU Memory"));
  table.Rule('=');
  bool has_processes = false;
  for (size_t i = 0; i < snapshot.devices.size(); ++i) {
    for (const SmiProcess& process : snapshot.devices[i].processes) {
      has_processes = true;
      table.Line(Format(" %3zu %9u %4s  %-40s %16s", i, process.pid, "C", Fitted(process.name, 40).c_str(),
                        Mebibytes(process.memory_bytes).c_str()));
    }
  }
  if (!has_processes) table.Line("  No running processes found");
  table.Rule();
  return table.text_;
}

}  // namespace tq
