// tq-ivshmem-server SOCKET MEMORY_FILE BYTES VECTORS: serves until its standard input closes, so that it
// never outlives whoever started it.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "driver/emulator/ivshmem_server.h"

int main(int argc, char** argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: tq-ivshmem-server SOCKET MEMORY_FILE BYTES VECTORS\n");
    return 2;
  }
  tq::emulator::IvshmemServer server;
  absl::Status status = tq::emulator::IvshmemServer::Create(argv[1], argv[2], strtoull(argv[3], nullptr, 0),
                                                            strtoul(argv[4], nullptr, 0), &server);
  if (status.ok()) {
    printf("ready\n");
    fflush(stdout);
    status = server.Serve(STDIN_FILENO);
  }
  if (!status.ok()) {
    fprintf(stderr, "tq-ivshmem-server: %s\n", std::string(status.message()).c_str());
    return 1;
  }
  return 0;
}
