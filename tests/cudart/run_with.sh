#!/bin/sh
# run_with.sh DIRECTORY PROGRAM LIBCUDA_DIRECTORY: runs the tests with the libcudart in DIRECTORY in the place of ours, whose name and symbol
# versions it shares.
for library in "$1"/libcudart.so.*; do
  case $library in
    *.missing) echo "SKIPPED: $(cat "$library")"; exit 0 ;;
    *'*') echo "SKIPPED: there is no libcudart of NVIDIA's in $1"; exit 0 ;;
  esac
done
# NVIDIA's reads through some null pointers.
exec env LD_LIBRARY_PATH="$1:$3" "$2" --gtest_filter=-Arguments.EveryNullPointer*:Arguments.EveryHandle*
