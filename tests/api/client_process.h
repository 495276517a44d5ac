// The test's end of a client (client.cc).
#pragma once

#include <cuda.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <sstream>
#include <string>

extern char** environ;

class ClientProcess {
 public:
  struct Answer {
    CUresult result = CUDA_ERROR_UNKNOWN;
    std::string rest;
  };

  explicit ClientProcess(std::string path = TQ_TEST_CLIENT) {
    int to[2], from[2];
    if (pipe(to) != 0 || pipe(from) != 0) return;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from[1], 1);
    for (const int fd : {to[0], to[1], from[0], from[1]}) posix_spawn_file_actions_addclose(&actions, fd);
    char* arguments[] = {path.data(), nullptr};
    EXPECT_EQ(posix_spawn(&pid_, path.c_str(), &actions, nullptr, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(to[0]);
    close(from[1]);
    to_ = fdopen(to[1], "w");
    from_ = fdopen(from[0], "r");
  }
  ~ClientProcess() {
    std::fclose(to_);  // it ends at the end of its input
    if (pid_ > 0) waitpid(pid_, nullptr, 0);
    std::fclose(from_);
  }
  ClientProcess(const ClientProcess&) = delete;
  ClientProcess& operator=(const ClientProcess&) = delete;

  Answer Ask(const std::string& line) {
    std::fprintf(to_, "%s\n", line.c_str());
    std::fflush(to_);
    char text[4096] = "";
    if (std::fgets(text, sizeof text, from_) == nullptr) return {};
    std::istringstream in(text);
    int code = CUDA_ERROR_UNKNOWN;
    in >> code;
    Answer answer;
    answer.result = static_cast<CUresult>(code);
    std::getline(in >> std::ws, answer.rest);
    return answer;
  }
  CUresult Tell(const std::string& line) { return Ask(line).result; }

  void Kill() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  pid_t pid() const { return pid_; }
  // Of waitpid, once it has ended by itself.
  int WaitForEnd() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_ = -1;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

// The bytes of a handle as the client reads and writes them.
template <typename Handle>
std::string ToHex(const Handle& handle) {
  std::string text;
  for (size_t i = 0; i < sizeof handle; ++i) {
    char byte[3];
    std::snprintf(byte, sizeof byte, "%02x", reinterpret_cast<const unsigned char*>(&handle)[i]);
    text += byte;
  }
  return text;
}

template <typename Handle>
Handle FromHex(const std::string& text) {
  Handle handle = {};
  for (size_t i = 0; i < sizeof handle && 2 * i + 1 < text.size(); ++i) {
    reinterpret_cast<unsigned char*>(&handle)[i] =
        static_cast<unsigned char>(std::stoi(text.substr(2 * i, 2), nullptr, 16));
  }
  return handle;
}
