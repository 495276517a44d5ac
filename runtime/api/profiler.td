// Profiler control.

def CUoutput_mode : Enum<"CUoutput_mode_enum", [V<"CU_OUT_KEY_VALUE_PAIR", 0>, V<"CU_OUT_CSV", 1>]>;

let Noun = "profiler" in {
def cuProfilerInitialize : Driver<4000, [Str<"configFile">, Str<"outputFile">,
    In<"CUoutput_mode", "outputMode">]>, NoContext, Done;
def cuProfilerStart : Driver<4000, []>, NoContext, Done;
def cuProfilerStop : Driver<4000, []>, NoContext, Done;
}  // profiler
