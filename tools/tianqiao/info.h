// `tianqiao info`: what a CUDA program sees.
#pragma once

namespace tq {

// Prints driver version and devices; returns the exit code. Loads our libcuda, as a program would.
int PrintDevices();

// Prints every environment variable with its default, its value now and its meaning.
int PrintKnobs();

}  // namespace tq
