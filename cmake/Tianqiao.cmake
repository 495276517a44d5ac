# Settings and functions that every directory uses.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 17)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/archive)
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)

option(TIANQIAO_WERROR "Treat warnings as errors (on in CI)" OFF)
option(TIANQIAO_FUZZ "Build the libFuzzer targets (needs clang)" OFF)
set(TIANQIAO_SANITIZE "" CACHE STRING "Value for -fsanitize=, empty for none")
set(TIANQIAO_BUILT_COMPILER "" CACHE FILEPATH
    "A libtianqiao_compiler.so of another build, for tests of the API to load in place of one built here")

add_compile_options(-Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers)
if(TIANQIAO_WERROR)
  add_compile_options(-Werror)
endif()
if(TIANQIAO_SANITIZE)
  add_compile_options(-fsanitize=${TIANQIAO_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  # A C caller may pass any number as an enumeration of an API of ours; to tell it so is the API's work.
  if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    add_compile_options(-fno-sanitize=enum)
  endif()
  add_link_options(-fsanitize=${TIANQIAO_SANITIZE})
  if(TIANQIAO_FUZZ)
    # What is under test tells the fuzzer which branches an input took; without that it drops every seed but two.
    add_compile_options(-fsanitize=fuzzer-no-link)
  endif()
endif()
add_link_options(-Wl,--as-needed)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(absl REQUIRED)
find_package(GTest REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_program(LLVM_TBLGEN llvm-tblgen-22 REQUIRED)
find_program(CLANG_22 clang-22 REQUIRED)
find_program(CLANGXX_22 clang++-22 REQUIRED)
find_program(LLVM_OBJCOPY llvm-objcopy-22 REQUIRED)
find_program(NVCC nvcc HINTS /usr/local/cuda/bin)

# Includes are written from the root of the tree: #include "base/status.h".
include_directories(${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
set(TIANQIAO_GENERATED ${CMAKE_BINARY_DIR}/generated)

# tq_test(NAME label SOURCES a_test.cc ... DEPS lib ...)
# A GoogleTest program whose cases CTest lists one by one under LABEL (base, compiler, hal, api ...).
# Cases are named LABEL.Suite.Case so that `./test -R api` selects a layer.
function(tq_test name)
  cmake_parse_arguments(ARG "" "LABEL" "SOURCES;DEPS;ENV" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gtest_main GTest::gmock)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  include(GoogleTest)
  gtest_discover_tests(${name} TEST_PREFIX "${ARG_LABEL}." DISCOVERY_TIMEOUT 120 DISCOVERY_MODE PRE_TEST
                       PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 300 ENVIRONMENT "${ARG_ENV}")
endfunction()

# tq_tablegen(OUT_JSON file.json ROOT main.td)
# Runs the stock llvm-tblgen over a registry; the JSON is rendered by a Python script beside the registry.
# Depends on every .td of the directory.
function(tq_tablegen json root)
  get_filename_component(dir ${root} DIRECTORY)
  file(GLOB tds CONFIGURE_DEPENDS ${dir}/*.td)
  get_filename_component(out_dir ${json} DIRECTORY)
  file(MAKE_DIRECTORY ${out_dir})
  add_custom_command(OUTPUT ${json}
    COMMAND ${LLVM_TBLGEN} --dump-json -I ${dir} ${root} -o ${json}
    DEPENDS ${tds} COMMENT "tblgen ${root}" VERBATIM)
endfunction()
