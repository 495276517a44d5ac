# Builds CUDA programs for the tests: the input of Tianqiao, not part of it. None of these is linked with anything of
# ours, but for the clang variant, which needs our libcudart because there is no other.

set(CUDA_PROGRAM_RUNNER ${CMAKE_SOURCE_DIR}/samples/run_and_compare.sh)

# A sanitized libcuda cannot be loaded into a program that is not sanitized.
if(TIANQIAO_SANITIZE)
  set(CUDA_PROGRAMS_ABSENT "programs under a sanitized libcuda are not built (preset ${TIANQIAO_SANITIZE})")
endif()
if(NVCC)
  # The directory of nvcc itself may be a link farm; its libraries lie beside the real one.
  get_filename_component(nvcc_bin ${NVCC} REALPATH)
  get_filename_component(nvcc_bin ${nvcc_bin} DIRECTORY)
  set(NVCC_LIBRARIES ${nvcc_bin}/../lib64)
endif()

# cuda_program_test(NAME variant-and-program COMMAND program... EXPECTED file [LABEL l] [ENV ...] [DEPENDS ...])
# Runs the program under `tianqiao run` and compares its output with the file.
function(cuda_program_test name)
  cmake_parse_arguments(ARG "" "EXPECTED;LABEL;TIMEOUT" "COMMAND;ENV" ${ARGN})
  add_test(NAME ${name} COMMAND ${CUDA_PROGRAM_RUNNER} ${ARG_EXPECTED} $<TARGET_FILE:tianqiao> run ${ARG_COMMAND})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT} ENVIRONMENT "${ARG_ENV}"
                       SKIP_REGULAR_EXPRESSION "^SKIPPED: ")
endfunction()

# A test that only says why it cannot be run here.
function(skipped_test name reason label)
  add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -E echo "SKIPPED: ${reason}")
  set_tests_properties(${name} PROPERTIES LABELS ${label} SKIP_REGULAR_EXPRESSION "^SKIPPED: ")
endfunction()

# nvcc_program(OUT source.cu [SHARED] [OPTIONS ...]): adds the commands that build the program at OUT with nvcc's
# defaults, which embed PTX, and the static runtime, or with -cudart shared.
function(nvcc_program out source)
  cmake_parse_arguments(ARG "SHARED" "" "OPTIONS" ${ARGN})
  set(cudart static)
  if(ARG_SHARED)
    set(cudart shared)
  endif()
  get_filename_component(directory ${out} DIRECTORY)
  file(MAKE_DIRECTORY ${directory})
  add_custom_command(OUTPUT ${out}
    COMMAND ${NVCC} -std=c++17 -cudart ${cudart} ${ARG_OPTIONS} ${source} -o ${out}
    DEPENDS ${source} COMMENT "nvcc -cudart ${cudart} ${source}" VERBATIM)
endfunction()

# clang_cuda_object(OUT.o source.cu [OPTION ...]): the same by clang alone: PTX, packed into a fat binary, embedded into
# the host object. Any libcudart may be linked with it.
function(clang_cuda_object out source)
  get_filename_component(directory ${out} DIRECTORY)
  file(MAKE_DIRECTORY ${directory})
  set(flags -x cuda -std=c++17 -O2 -nocudainc -nocudalib -Wno-unknown-cuda-version
      # The version of the launch interface; without it <<<>>> becomes CUDA 8's cudaConfigureCall.
      -Xclang -target-sdk-version=12.8 --cuda-gpu-arch=sm_80
      -I${CMAKE_SOURCE_DIR}/runtime/toolkit/include -I${TIANQIAO_GENERATED}/include -include cuda_runtime.h ${ARGN})
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/runtime/toolkit/include/*.h
       ${CMAKE_SOURCE_DIR}/runtime/toolkit/include/*/*.h)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CLANGXX_22} ${flags} --cuda-device-only -S ${source} -o ${out}.ptx
    COMMAND tianqiao-fatbin -o ${out}.fatbin ${out}.ptx
    COMMAND ${CLANGXX_22} ${flags} --cuda-host-only -Xclang -fcuda-include-gpubinary -Xclang ${out}.fatbin
            -c ${source} -o ${out}
    DEPENDS ${source} ${headers} tq_api_render tianqiao-fatbin
    COMMENT "clang-22 alone: ${source}" VERBATIM)
endfunction()
