# LLVM 22, twice: as archives inside libtianqiao_compiler.so, which is what ships, and as libLLVM.so for tests and
# tools, which link in a second instead of ten.
find_package(LLVM 22.1 REQUIRED CONFIG HINTS /usr/lib/llvm-22/lib/cmake/llvm)

add_library(tq_llvm_headers INTERFACE)
target_include_directories(tq_llvm_headers SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS})
separate_arguments(llvm_definitions NATIVE_COMMAND ${LLVM_DEFINITIONS})
target_compile_options(tq_llvm_headers INTERFACE ${llvm_definitions})

llvm_map_components_to_libnames(llvm_archives
  analysis bitreader codegen core debuginfodwarf instcombine ipo irreader linker mc object objcopy passes riscvasmparser
  riscvcodegen riscvdesc riscvinfo scalaropts support target transformutils x86asmparser x86codegen x86desc x86disassembler x86info)
add_library(tq_llvm_static INTERFACE)
target_link_libraries(tq_llvm_static INTERFACE ${llvm_archives})

add_library(tq_llvm_shared INTERFACE)
target_link_libraries(tq_llvm_shared INTERFACE LLVM)
