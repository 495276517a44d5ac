// A program run to its end, with what it cost.
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <vector>

extern char** environ;

namespace tq::bench {

struct ChildResult {
  int exit_code = -1;  // 128 + signal where one ended it
  double cpu_seconds = 0;
  uint64_t peak_bytes = 0;
  std::string output;  // stdout and stderr together
};

// Linux counts the parent's peak as the child's until the child calls exec (getrusage(2)): whoever measures
// memory runs commands from a process that is small itself.
//
// Output is read through an unlinked file, so that no amount of it blocks the child.
inline ChildResult RunChild(const std::vector<std::string>& command) {
  ChildResult result;
  char name[] = "/tmp/tianqiao-bench-XXXXXX";
  const int out = mkstemp(name);
  if (out < 0) return result;
  unlink(name);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  pid_t pid;
  if (posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ) == 0) {
    int status = 0;
    rusage usage = {};
    while (wait4(pid, &status, 0, &usage) < 0 && errno == EINTR) {
    }
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    const auto seconds = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    result.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    result.peak_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
    result.output.resize(static_cast<size_t>(lseek(out, 0, SEEK_END)));
    lseek(out, 0, SEEK_SET);
    result.output.resize(
        static_cast<size_t>(std::max<ssize_t>(0, read(out, result.output.data(), result.output.size()))));
  }
  posix_spawn_file_actions_destroy(&actions);
  close(out);
  return result;
}

}  // namespace tq::bench
