#!/bin/sh
# check_stage.sh TIANQIAO-PTX FILECHECK FILE: runs each `; RUN: PREFIX STAGE [OPTIONS]` of a file and compares what comes out.
set -eu
tool=$1 filecheck=$2 file=$3
runs=$(sed -n 's/^; RUN: //p' "$file")
[ -n "$runs" ] || { echo "$file says in no line how it is run (; RUN: PREFIX STAGE)."; exit 1; }
printf '%s\n' "$runs" | while read -r prefix stage options; do
  # shellcheck disable=SC2086 # options are words
  text=$(timeout 20 "$tool" vector "$stage" "$file" $options)
  printf '%s\n' "$text" | "$filecheck" --check-prefix="$prefix" --dump-input=fail "$file"
done
