# Programs in Python that use the device, with what PyPI has: the input of Tianqiao, not part of it.
include(CudaPrograms)

set(TIANQIAO_TEST_PYTHON ${Python3_EXECUTABLE} CACHE FILEPATH "Python whose CUDA packages the tests use")

# python_program_test(NAME MODULES m... [TOOLKIT] [RUN option...] [ENV ...]): runs NAME.py and compares its output with
# NAME.expected.txt, where the Python of TIANQIAO_TEST_PYTHON has every module. TOOLKIT: where nvcc is, too. RUN: options
# of `tianqiao run`.
function(python_program_test name)
  cmake_parse_arguments(ARG "TOOLKIT" "" "MODULES;RUN;ENV" ${ARGN})
  if(TIANQIAO_SANITIZE)
    skipped_test(e2e.${name} ${CUDA_PROGRAMS_ABSENT} e2e)
    return()
  endif()
  list(JOIN ARG_MODULES "') and find_spec('" condition)
  execute_process(COMMAND ${TIANQIAO_TEST_PYTHON} -c
    "from importlib.util import find_spec; raise SystemExit(0 if find_spec('${condition}') else 1)"
    RESULT_VARIABLE absent OUTPUT_QUIET ERROR_QUIET)
  if(absent)
    list(JOIN ARG_MODULES ", " modules)
    skipped_test(e2e.${name} "${TIANQIAO_TEST_PYTHON} has not all of ${modules}" e2e)
  elseif(ARG_TOOLKIT AND NOT NVCC)
    skipped_test(e2e.${name} "there is no CUDA toolkit, whose compilers and libraries it uses" e2e)
  else()
    cuda_program_test(e2e.${name} COMMAND ${ARG_RUN} ${TIANQIAO_TEST_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/${name}.py
                      EXPECTED ${CMAKE_CURRENT_SOURCE_DIR}/${name}.expected.txt LABEL e2e TIMEOUT 600
                      ENV PYTHONDONTWRITEBYTECODE=1 ${ARG_ENV})
  endif()
endfunction()
