// The instructions that the generator draws from, as patterns.
//
//     $c    a destination register of class c; two in one instruction are different registers
//     :c    a source: a register of class c, or a constant where the class has some
//     #N    a constant below N
//     <a|b> one of the spellings
//
// Classes: b .b32, l .b64, h .b16 integers; f .f32, d .f64, e .f16, x .f16x2, z .bf16; p predicates.
// Floating-point registers are classes of their own because the payload and sign of a NaN are nobody's
// promise: bits of them are looked at only through instructions that do not see those, or behind a canonical
// NaN.
#pragma once

#include <span>
#include <string_view>

namespace tq::fuzz {

std::span<const std::string_view> ThreadOperations();  // anywhere
std::span<const std::string_view> WarpOperations();    // where all threads of each warp are together
std::span<const std::string_view> BlockOperations();   // where all threads of the block are together

}  // namespace tq::fuzz
