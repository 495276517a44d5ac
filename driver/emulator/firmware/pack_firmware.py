#!/usr/bin/env python3
"""Puts the header of abi/tqgpu_card.h (struct tqgpu_firmware_header) in front of a flat firmware image.

usage: pack_firmware.py IMAGE OUTPUT --abi MAJOR.MINOR --version MAJOR.MINOR
"""
import argparse
import struct
import zlib

MAGIC = 0x57465154
HEADER = "<IIIIIIQ"


def version(text):
    major, minor = text.split(".")
    return int(major) << 16 | int(minor)


parser = argparse.ArgumentParser()
parser.add_argument("image")
parser.add_argument("output")
parser.add_argument("--abi", type=version, required=True)
parser.add_argument("--version", type=version, required=True)
arguments = parser.parse_args()

with open(arguments.image, "rb") as file:
    image = file.read()
image += bytes(-len(image) % 8)
entry = 0  # the linker script puts _start first
header = struct.pack(HEADER, MAGIC, arguments.abi, struct.calcsize(HEADER), len(image), zlib.crc32(image),
                     arguments.version, entry)
with open(arguments.output, "wb") as file:
    file.write(header + image)
