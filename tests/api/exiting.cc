// A program that ends in the way that its argument names, with CUDA in use. It ends with 0 if each call on
// the way gave what it may: CUDA_SUCCESS or, once the process is being taken down, CUDA_ERROR_DEINITIALIZED.
#include <cuda.h>
#include <dlfcn.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace {

constexpr char kModule[] = R"(
.version 7.8
.target sm_80
.address_size 64
.visible .entry spin(.param .u64 word)
{
  .reg .pred %p;
  .reg .b32 %r;
  .reg .b64 %rd;
  ld.param.u64 %rd, [word];
again:
  ld.volatile.global.u32 %r, [%rd];
  setp.eq.u32 %p, %r, 0;
  @%p bra again;
  ret;
}
.visible .entry nothing()
{
  ret;
}
)";

int wrong = 0;

void Say(const char* what, int result) {
  std::fprintf(stderr, "%s gave %d\n", what, result);
  ++wrong;
}
#define WANT(call, expected)                                  \
  do {                                                        \
    if (const int r = (call); r != (expected)) Say(#call, r); \
  } while (false)
#define WANT_OK_OR_GONE(call)                                                                    \
  do {                                                                                           \
    if (const int r = (call); r != CUDA_SUCCESS && r != CUDA_ERROR_DEINITIALIZED) Say(#call, r); \
  } while (false)

struct Work {
  CUcontext context = nullptr;
  CUstream stream = nullptr;
  CUdeviceptr memory = 0;
  CUmodule module = nullptr;
  CUfunction spin = nullptr, nothing = nullptr;

  void Begin() {
    WANT(cuInit(0), CUDA_SUCCESS);
    WANT(cuDevicePrimaryCtxRetain(&context, 0), CUDA_SUCCESS);
    WANT(cuCtxSetCurrent(context), CUDA_SUCCESS);
    WANT(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING), CUDA_SUCCESS);
    WANT(cuMemAlloc(&memory, 4096), CUDA_SUCCESS);
    WANT(cuMemsetD8(memory, 0, 4096), CUDA_SUCCESS);
    WANT(cuModuleLoadData(&module, kModule), CUDA_SUCCESS);
    WANT(cuModuleGetFunction(&spin, module, "spin"), CUDA_SUCCESS);
    WANT(cuModuleGetFunction(&nothing, module, "nothing"), CUDA_SUCCESS);
    WANT(Launch(nothing), CUDA_SUCCESS);
    WANT(cuStreamSynchronize(stream), CUDA_SUCCESS);
  }
  CUresult Launch(CUfunction function) {
    void* arguments[] = {&memory};
    return cuLaunchKernel(function, 4, 1, 1, 32, 1, 1, 0, stream, function == spin ? arguments : nullptr,
                          nullptr);
  }
  // As destructors of programs do.
  void End() {
    WANT_OK_OR_GONE(cuCtxSetCurrent(context));
    WANT_OK_OR_GONE(Launch(nothing));
    WANT_OK_OR_GONE(cuStreamSynchronize(stream));
    WANT_OK_OR_GONE(cuMemFree(memory));
    WANT_OK_OR_GONE(cuModuleUnload(module));
    WANT_OK_OR_GONE(cuStreamDestroy(stream));
    WANT_OK_OR_GONE(cuDevicePrimaryCtxRelease(0));
  }
  [[noreturn]] void EndAndLeave() {
    End();
    _exit(wrong);
  }
};

Work work;

// ---- one function for each way to end; the result is the exit status of main

int WithWorkInFlight() {
  work.Begin();
  WANT(work.Launch(work.spin), CUDA_SUCCESS);
  return wrong;  // the kernel never ends
}

int InExitHandlers() {
  std::atexit([] { work.EndAndLeave(); });  // runs after what cuInit registers
  work.Begin();
  std::atexit([] { WANT_OK_OR_GONE(cuCtxSynchronize()); });
  return wrong;
}

struct AtDestruction {
  bool is_armed = false;
  ~AtDestruction() {
    if (is_armed) work.EndAndLeave();
  }
} before_main;

int InDestructorsOfStaticObjects() {
  before_main.is_armed = true;
  work.Begin();
  static struct Late {
    ~Late() { WANT_OK_OR_GONE(cuCtxSynchronize()); }
  } late;
  return wrong;
}

int InDestructorsOfThreads() {
  struct OfThread {
    bool is_armed = false;
    ~OfThread() {
      if (is_armed) work.End();
    }
  };
  static thread_local OfThread of_thread;
  work.Begin();
  std::thread([] {
    of_thread.is_armed = true;
    WANT(cuCtxSetCurrent(work.context), CUDA_SUCCESS);
  }).join();
  work.Begin();
  of_thread.is_armed = true;  // and at the end of the main thread
  return wrong;
}

int WhileThreadsWork() {
  work.Begin();
  static std::atomic<int> running{0};
  for (int i = 0; i < 4; ++i) {
    std::thread([] {
      cuCtxSetCurrent(work.context);
      ++running;
      for (;;) {
        CUdeviceptr memory = 0;
        CUevent event = nullptr;
        WANT_OK_OR_GONE(work.Launch(work.nothing));
        if (cuMemAlloc(&memory, 256) == CUDA_SUCCESS) WANT_OK_OR_GONE(cuMemFree(memory));
        if (cuEventCreate(&event, 0) == CUDA_SUCCESS) WANT_OK_OR_GONE(cuEventDestroy(event));
        WANT_OK_OR_GONE(cuStreamSynchronize(work.stream));
      }
    }).detach();
  }
  while (running < 4) std::this_thread::yield();
  usleep(20000);
  return wrong;
}

int WhileAnotherWaits() {
  work.Begin();
  WANT(work.Launch(work.spin), CUDA_SUCCESS);
  std::thread([] {
    cuCtxSetCurrent(work.context);
    cuStreamSynchronize(work.stream);  // for ever
  }).detach();
  usleep(20000);
  return wrong;
}

int ByQuickExit() {
  std::at_quick_exit([] {
    work.End();
    _exit(wrong);
  });
  work.Begin();
  std::quick_exit(9);
}

int AfterItsLibraryWasClosed() {
  work.Begin();
  void* const library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
  WANT(library == nullptr, 0);
  WANT(dlclose(library), 0);
  WANT(cuCtxSynchronize(), CUDA_SUCCESS);
  return wrong;
}

int InAChildThatWasForkedAndThenBecomesAnotherProgram() {
  work.Begin();
  const pid_t child = fork();
  if (child == 0) {
    WANT(cuCtxSynchronize(), CUDA_ERROR_NOT_INITIALIZED);
    WANT(cuMemFree(work.memory), CUDA_ERROR_NOT_INITIALIZED);
    if (wrong != 0) _exit(wrong);
    execl("/proc/self/exe", "exiting", "Plainly", nullptr);
    _exit(99);
  }
  int status = 0;
  waitpid(child, &status, 0);
  WANT(status, 0);
  WANT(work.Launch(work.nothing), CUDA_SUCCESS);
  WANT(cuCtxSynchronize(), CUDA_SUCCESS);
  return wrong;
}

int Plainly() {
  work.Begin();
  work.End();
  return wrong;
}

// The daemon's end is told by the byte that it writes: its status is nobody's to read.
int AsADaemon() {
  int ends[2];
  WANT(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    if (daemon(1, 1) != 0) _exit(98);
    work.Begin();
    work.End();
    const char answer = wrong == 0 ? 'y' : 'n';
    _exit(write(ends[1], &answer, 1) != 1);
  }
  close(ends[1]);
  char answer = 0;
  WANT(static_cast<int>(read(ends[0], &answer, 1)), 1);
  WANT(answer, 'y');
  waitpid(child, nullptr, 0);
  return wrong;
}

// A fault of the program's own code reaches the program's own handler, whether that was there before CUDA or
// not.
sigjmp_buf place;
volatile sig_atomic_t handled = 0;
// An address that no compiler knows to be unmapped.
volatile int* Nowhere() {
  static volatile uintptr_t address = 16;
  return reinterpret_cast<volatile int*>(address);
}
void Handle(int) {
  handled = handled + 1;
  siglongjmp(place, 1);
}
void FaultOnce() {
  if (sigsetjmp(place, 1) == 0) {
    *Nowhere() = 1;
  }
}
int WithHandlersOfSignals() {
  signal(SIGSEGV, Handle);
  FaultOnce();
  WANT(handled, 1);
  work.Begin();
  FaultOnce();
  WANT(handled, 2);
  signal(SIGSEGV, Handle);  // and now in the place of CUDA's, which comes back within milliseconds
  usleep(5000);
  FaultOnce();
  WANT(handled, 3);
  CUdeviceptr real = work.memory;
  work.memory = 16;
  WANT(work.Launch(work.spin), CUDA_SUCCESS);
  WANT(cuStreamSynchronize(work.stream), CUDA_ERROR_ILLEGAL_ADDRESS);
  work.memory = real;
  WANT(handled, 3);  // a kernel's fault is no signal of the program's
  FaultOnce();
  WANT(handled, 4);
  return wrong;
}

int ByTheSignalOfAFaultOfItsOwn() {
  work.Begin();
  *Nowhere() = 1;
  return 97;
}

struct Way {
  const char* name;
  int (*run)();
} const kWays[] = {
#define WAY(name) {#name, name}
    WAY(Plainly),
    WAY(WithWorkInFlight),
    WAY(InExitHandlers),
    WAY(InDestructorsOfStaticObjects),
    WAY(InDestructorsOfThreads),
    WAY(WhileThreadsWork),
    WAY(WhileAnotherWaits),
    WAY(ByQuickExit),
    WAY(AfterItsLibraryWasClosed),
    WAY(InAChildThatWasForkedAndThenBecomesAnotherProgram),
    WAY(AsADaemon),
    WAY(WithHandlersOfSignals),
    WAY(ByTheSignalOfAFaultOfItsOwn),
};

}  // namespace

int main(int argc, char** argv) {
  for (const Way& way : kWays) {
    if (argc == 2 && std::strcmp(argv[1], way.name) == 0) return way.run();
  }
  return 96;
}
