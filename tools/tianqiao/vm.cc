#include "tools/tianqiao/vm.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "tools/tianqiao/installation.h"

namespace tq {

int RunInMachine(char** arguments) {
  const std::filesystem::path prefix = std::filesystem::path(ProgramDirectory()).parent_path();
  std::string script = prefix / "share/tianqiao/driver/emulator/run.py", prefix_text = prefix;
  if (access(script.c_str(), R_OK) != 0) {
    std::fprintf(stderr, "tianqiao: '%s' is missing; build Tianqiao with ./setup\n", script.c_str());
    return 126;
  }
  std::string python = "python3", option = "--prefix";
  std::vector<char*> words = {python.data(), script.data(), option.data(), prefix_text.data()};
  while (*arguments != nullptr) words.push_back(*arguments++);
  words.push_back(nullptr);
  execvp(python.c_str(), words.data());
  std::fprintf(stderr, "tianqiao: python3 cannot be started (%s); install it: apt-get install python3\n",
               std::strerror(errno));
  return 126;
}

}  // namespace tq
