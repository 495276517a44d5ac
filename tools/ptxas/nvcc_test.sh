#!/usr/bin/env bash
# nvcc_test.sh NVCC PTXAS TIANQIAO SOURCE EXPECTED WORK: nvcc with our ptxas in place of its own makes a program without
# PTX beside the objects, and the program runs.
set -euo pipefail
nvcc=$(realpath "$1") ptxas=$2 tianqiao=$3 source=$4 expected=$5 work=$6

rm -rf "$work"
mkdir -p "$work/bin"
home=$(dirname "$(dirname "$nvcc")")
# nvcc looks for its tools beside itself: a farm of links, with one exchanged.
for file in "$home"/bin/*; do ln -s "$file" "$work/bin/"; done
ln -sf "$ptxas" "$work/bin/ptxas"
for directory in nvvm include lib64 targets; do [[ -e $home/$directory ]] && ln -s "$home/$directory" "$work/"; done

"$work/bin/nvcc" -std=c++17 -gencode arch=compute_75,code=sm_75 "$source" -o "$work/program"
"$tianqiao" run "$work/program" | diff - "$expected"
