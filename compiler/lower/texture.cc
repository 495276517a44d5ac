// PTX ISA, "Texture Instructions". A fetch checks its handles in place, where a vectoriser sees that they are
// the same for all threads, and calls the device library for the texels.
#include "compiler/lower/texture.h"

#include "base/cpu_abi.h"
#include "base/texture_abi.h"
#include "compiler/devicelib/modes.h"
#include "compiler/lower/lowering.h"
#include "isa/isa.h"

namespace tq::lower {
namespace {

using llvm::Value;
using ptx::Operand;
using ptx::Slot;
using ptx::Suffix;
using ptx::Type;

// What the coordinates of a geometry consist of, in this order.
struct Geometry {
  Suffix suffix;
  uint32_t dimensions;
  bool has_sample, has_layer, is_cube;
  const char* sample;  // devicelib's function for it
};
constexpr Geometry kGeometries[] = {
    {Suffix::k1d, 1, false, false, false, "tq_texture_sample_1d"},
    {Suffix::k2d, 2, false, false, false, "tq_texture_sample_2d"},
    {Suffix::k3d, 3, false, false, false, "tq_texture_sample_3d"},
    {Suffix::kA1d, 1, false, true, false, "tq_texture_sample_1d"},
    {Suffix::kA2d, 2, false, true, false, "tq_texture_sample_2d"},
    {Suffix::kCube, 3, false, false, true, "tq_texture_sample_cube"},
    {Suffix::kAcube, 3, false, true, true, "tq_texture_sample_cube"},
    {Suffix::k2dms, 2, true, false, false, "tq_texture_sample_2d"},
    {Suffix::kA2dms, 2, true, true, false, "tq_texture_sample_2d"},
};

const Geometry& GeometryOf(const ptx::Instruction& inst) {
  for (const Geometry& geometry : kGeometries) {
    if (geometry.suffix == inst.Get(Slot::kGeom)) return geometry;
  }
  return kGeometries[0];  // the table names no other
}

bool IsGiven(const ptx::Instruction& inst, size_t index) {
  return index < inst.operands.size() && inst.operands[index].kind != Operand::Kind::kNone;
}

// One fetch as its instruction gives it. Coordinates are as many as the geometry has, then zeros.
class Fetch {
 public:
  // The operands behind `options` are offsets and a depth to compare with.
  Fetch(FunctionLowering& f, const ptx::Instruction& inst, size_t options)
      : f_(f),
        inst_(inst),
        geometry_(GeometryOf(inst)),
        is_integer_(inst.GetType(Slot::kCtype) == Type::kS32) {
    const Operand& tensor = inst.operands[1];
    image_ = ReadHandle(f, f.Read(tensor.elements[0], Type::kB64), 1u << TQ_TEXTURE_TEXTURE);
    constexpr uint32_t kSamplers = 1u << TQ_TEXTURE_SAMPLER | 1u << TQ_TEXTURE_TEXTURE;
    sampler_ = tensor.elements.size() < 3 ? image_
                                          : ReadHandle(f, f.Read(tensor.elements[1], Type::kB64), kSamplers);
    ReadCoordinates(tensor.elements.back());
    ReadOptions(options);
  }

  void set_lod(Value* lod) { lod_ = lod; }
  bool is_integer() const { return is_integer_; }

  Value* Sample() {
    auto& ir = f_.ir();
    if (is_integer_) {
      Value* const lod = lod_ == nullptr ? ir.getInt32(0) : lod_;
      return f_.DevicelibWithMemory("tq_texture_fetch", TexelType(),
                                    {image_, sampler_, slice_, Shifted(0), Shifted(1), Shifted(2), lod,
                                     ir.getInt32(geometry_.dimensions)});
    }
    if (lod_ != nullptr) flags_ |= TQ_TEXTURE_EXPLICIT_LOD;
    Value* const lod = lod_ == nullptr ? Zero() : lod_;
    return f_.DevicelibWithMemory(geometry_.sample, TexelType(),
                                  {image_, sampler_, slice_, PackedOffsets(), ir.getInt32(flags_),
                                   coordinates_[0], coordinates_[1], coordinates_[2], lod, reference_});
  }

  Value* Gather(uint32_t component) {
    const uint32_t flags = flags_ | component << TQ_TEXTURE_COMPONENT;
    return f_.DevicelibWithMemory("tq_texture_gather", TexelType(),
                                  {image_, sampler_, slice_, PackedOffsets(), f_.ir().getInt32(flags),
                                   coordinates_[0], coordinates_[1], coordinates_[2], reference_});
  }

  // The level of detail of two partial derivatives.
  Value* LevelOf(const Operand& along_x, const Operand& along_y) {
    auto& ir = f_.ir();
    llvm::SmallVector<Value*, 10> arguments = {image_};
    if (geometry_.is_cube) {
      arguments.append(std::begin(coordinates_), std::end(coordinates_));
    } else {
      arguments.append({sampler_, ir.getInt32(geometry_.dimensions)});
    }
    for (const Operand* operand : {&along_x, &along_y}) {
      std::vector<Value*> partial = f_.ReadVector(*operand, Type::kF32);
      partial.resize(std::min<size_t>(partial.size(), geometry_.dimensions));
      partial.resize(3, Zero());
      arguments.append(partial.begin(), partial.end());
    }
    const char* const name = geometry_.is_cube ? "tq_texture_lod_cube" : "tq_texture_lod";
    return f_.DevicelibWithMemory(name, ir.getFloatTy(), arguments);
  }

  void Write(Value* texel) {
    auto& ir = f_.ir();
    const Type type = inst_.GetType(Slot::kDtype);
    const Operand& destination = FunctionLowering::First(inst_.operands[0]);
    std::vector<Value*> values;
    for (uint64_t i = 0; i < 4; ++i) values.push_back(ir.CreateExtractElement(texel, i));
    if (type == Type::kF16 || type == Type::kF16x2) {
      for (Value*& value : values) value = ir.CreateBitCast(value, ir.getFloatTy());
      values = Halves(values, type);
    } else {
      for (Value*& value : values) value = f_.FromBits(value, type);
    }
    const size_t wanted = CountOf(destination);
    if (wanted > values.size()) {
      f_.Invalid(inst_, "has more destinations than the texture has values.");
      return;
    }
    values.resize(wanted);
    f_.WriteVector(destination, values, type);
    // All memory of a texture is resident.
    f_.Write(FunctionLowering::Second(inst_.operands[0]), ir.getTrue(), Type::kPred);
  }

 private:
  Value* Zero() {
    return is_integer_ ? static_cast<Value*>(f_.ir().getInt32(0))
                       : llvm::ConstantFP::getZero(f_.ir().getFloatTy());
  }

  llvm::Type* TexelType() { return llvm::FixedVectorType::get(f_.ir().getInt32Ty(), 4); }

  static size_t CountOf(const Operand& operand) {
    if (operand.kind == Operand::Kind::kVector) return operand.elements.size();
    const bool is_vector = operand.kind == Operand::Kind::kRegister && operand.element < 0;
    return is_vector ? operand.reg->vector : 1;
  }

  void ReadCoordinates(const Operand& operand) {
    const std::vector<Value*> indices = f_.ReadVector(operand, Type::kB32);
    const std::vector<Value*> places = f_.ReadVector(operand, is_integer_ ? Type::kS32 : Type::kF32);
    size_t next = geometry_.has_sample ? 1 : 0;  // images have one sample
    slice_ = geometry_.has_layer && next < indices.size() ? indices[next++] : f_.ir().getInt32(0);
    for (uint32_t i = 0; i < 3; ++i) coordinates_[i] = offsets_[i] = nullptr;
    for (uint32_t i = 0; i < 3; ++i) {
      const bool is_there = i < geometry_.dimensions && next < places.size();
      coordinates_[i] = is_there ? places[next++] : Zero();
    }
  }

  void ReadOptions(size_t options) {
    auto& ir = f_.ir();
    flags_ = geometry_.is_cube ? static_cast<uint32_t>(TQ_TEXTURE_CUBE) : geometry_.dimensions;
    reference_ = llvm::ConstantFP::getZero(ir.getFloatTy());
    for (Value*& offset : offsets_) offset = ir.getInt32(0);
    size_t comparison = options + 1;
    if (IsGiven(inst_, options)) {
      const Operand& first = inst_.operands[options];
      // Offsets may be left out in front of a depth.
      const bool is_depth = first.kind == Operand::Kind::kRegister && first.reg->type == Type::kF32;
      if (is_depth && !IsGiven(inst_, comparison)) {
        comparison = options;
      } else {
        const std::vector<Value*> given = f_.ReadVector(first, Type::kS32);
        for (size_t i = 0; i < given.size() && i < geometry_.dimensions; ++i) offsets_[i] = given[i];
      }
    }
    if (!IsGiven(inst_, comparison)) return;
    flags_ |= TQ_TEXTURE_COMPARE;
    reference_ = f_.Read(inst_.operands[comparison], Type::kF32);
  }

  Value* Shifted(int i) { return f_.ir().CreateAdd(coordinates_[i], offsets_[i]); }

  Value* PackedOffsets() {
    auto& ir = f_.ir();
    Value* packed = ir.getInt32(0);
    for (uint32_t i = 0; i < 3; ++i) {
      packed = ir.CreateOr(packed, ir.CreateShl(ir.CreateAnd(offsets_[i], ir.getInt32(255)), 8 * i));
    }
    return packed;
  }

  std::vector<Value*> Halves(const std::vector<Value*>& values, Type type) {
    auto& ir = f_.ir();
    Value* const mode = ir.getInt32(TQ_RN);
    Value* const flags = ir.getInt32(0);
    std::vector<Value*> halves;
    if (type == Type::kF16) {
      for (Value* value : values) {
        Value* const bits = f_.Devicelib("tq_cvt_f16_f32", ir.getInt16Ty(), {value, mode, flags});
        halves.push_back(f_.FromBits(bits, type));
      }
      return halves;
    }
    for (size_t i = 0; i < values.size(); i += 2) {
      Value* const bits =
          f_.Devicelib("tq_cvt_f16x2_f32", ir.getInt32Ty(), {values[i + 1], values[i], mode, flags});
      halves.push_back(f_.FromBits(bits, type));
    }
    return halves;
  }

  FunctionLowering& f_;
  const ptx::Instruction& inst_;
  const Geometry& geometry_;
  const bool is_integer_;
  Value* image_ = nullptr;
  Value* sampler_ = nullptr;
  Value* slice_ = nullptr;
  Value* coordinates_[3] = {};
  Value* offsets_[3] = {};
  Value* lod_ = nullptr;
  Value* reference_ = nullptr;
  uint32_t flags_ = 0;
};

struct Query {
  Suffix suffix;
  uint32_t query;  // of tq_texture_query
};
constexpr Query kQueries[] = {
    {Suffix::kWidth, TQ_QUERY_WIDTH},
    {Suffix::kHeight, TQ_QUERY_HEIGHT},
    {Suffix::kDepth, TQ_QUERY_DEPTH},
    {Suffix::kChannelDataType, TQ_QUERY_CHANNEL_DATA_TYPE},
    {Suffix::kChannelOrder, TQ_QUERY_CHANNEL_ORDER},
    {Suffix::kNormalizedCoords, TQ_QUERY_NORMALIZED_COORDS},
    {Suffix::kArraySize, TQ_QUERY_ARRAY_SIZE},
    {Suffix::kNumMipmapLevels, TQ_QUERY_NUM_MIPMAP_LEVELS},
    {Suffix::kNumSamples, TQ_QUERY_NUM_SAMPLES},
    {Suffix::kForceUnnormalizedCoords, TQ_QUERY_FORCE_UNNORMALIZED_COORDS},
    {Suffix::kFilterMode, TQ_QUERY_FILTER_MODE},
    {Suffix::kAddrMode_0, TQ_QUERY_ADDR_MODE_0},
    {Suffix::kAddrMode_1, TQ_QUERY_ADDR_MODE_1},
    {Suffix::kAddrMode_2, TQ_QUERY_ADDR_MODE_2},
    {Suffix::kMemoryLayout, TQ_QUERY_MEMORY_LAYOUT},
};

}  // namespace

Value* ReadHandle(FunctionLowering& f, Value* handle, uint32_t kinds) {
  auto& ir = f.ir();
  Value* const is_alive =
      f.DevicelibWithMemory("tq_texture_is_alive", ir.getInt32Ty(), {handle, ir.getInt32(kinds)});
  f.FaultIf(ir.CreateICmpEQ(is_alive, ir.getInt32(0)), TQ_CPU_FAULT_ILLEGAL_ADDRESS, handle);
  return handle;
}

void LowerTexture(FunctionLowering& f, const ptx::Instruction& inst) {
  Fetch fetch(f, inst, 2);
  fetch.Write(fetch.Sample());
}

void LowerTextureLevel(FunctionLowering& f, const ptx::Instruction& inst) {
  Fetch fetch(f, inst, 3);
  fetch.set_lod(f.Read(inst.operands[2], fetch.is_integer() ? Type::kS32 : Type::kF32));
  fetch.Write(fetch.Sample());
}

void LowerTextureGradient(FunctionLowering& f, const ptx::Instruction& inst) {
  Fetch fetch(f, inst, 4);
  fetch.set_lod(fetch.LevelOf(inst.operands[2], inst.operands[3]));
  fetch.Write(fetch.Sample());
}

void LowerTextureGather(FunctionLowering& f, const ptx::Instruction& inst) {
  Fetch fetch(f, inst, 2);
  constexpr Suffix kComponents[] = {Suffix::kR, Suffix::kG, Suffix::kB, Suffix::kA};
  uint32_t component = 0;
  while (component < 3 && kComponents[component] != inst.Get(Slot::kComp)) ++component;
  fetch.Write(fetch.Gather(component));
}

// txq and suq.
void LowerTextureQuery(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  constexpr uint32_t kAny = 1u << TQ_TEXTURE_TEXTURE | 1u << TQ_TEXTURE_SAMPLER | 1u << TQ_TEXTURE_SURFACE;
  Value* const handle = ReadHandle(f, f.Address(inst.operands[1], ptx::Space::kGeneric), kAny);
  uint32_t query = 0;
  for (const Query& row : kQueries) {
    if (row.suffix == inst.Get(Slot::kQuery)) query = row.query;
  }
  Value* const lod = IsGiven(inst, 2) ? f.Read(inst.operands[2], Type::kB32) : ir.getInt32(0);
  Value* const value =
      f.DevicelibWithMemory("tq_texture_query", ir.getInt32Ty(), {handle, ir.getInt32(query), lod});
  f.Write(inst.operands[0], value, Type::kB32);
}

void LowerIsTypeP(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  const Type type = inst.GetType(Slot::kType);
  const uint32_t kind = type == Type::kTexref       ? TQ_TEXTURE_TEXTURE
                        : type == Type::kSamplerref ? TQ_TEXTURE_SAMPLER
                                                    : TQ_TEXTURE_SURFACE;
  Value* const handle = f.Read(inst.operands[1], Type::kB64);
  Value* const is_kind =
      f.DevicelibWithMemory("tq_texture_kind_is", ir.getInt32Ty(), {handle, ir.getInt32(kind)});
  f.Write(inst.operands[0], ir.CreateICmpNE(is_kind, ir.getInt32(0)), Type::kPred);
}

}  // namespace tq::lower
