#include "runtime/fatbin/choose.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tq::fatbin {
namespace {

// 'a' before 'f' before plain: an image made for exactly this device uses more of it.
int Specificity(char variant) { return variant == 'a' ? 2 : variant == 'f' ? 1 : 0; }

auto Rank(const Image& image) {
  return std::tuple(image.arch.sm, Specificity(image.arch.variant), image.major_version, image.minor_version);
}

// What the unit offers in place of PTX for the device, for the error message.
std::string Describe(const Unit& unit) {
  std::vector<std::string> ptx, machine_code;
  const auto add = [](std::vector<std::string>& list, Arch arch) {
    std::string name = ToString(arch);
    if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(std::move(name));
  };
  for (const Image& image : unit.images) add(image.kind == ImageKind::kPtx ? ptx : machine_code, image.arch);
  if (!ptx.empty()) return absl::StrCat("its PTX is for ", absl::StrJoin(ptx, ", "));
  if (machine_code.empty()) return "it is empty";
  return absl::StrCat("it holds machine code alone (", absl::StrJoin(machine_code, ", "),
                      "); build the program with PTX, such as -gencode arch=compute_80,code=compute_80");
}

}  // namespace

bool RunsOn(Arch image, Arch device) {
  if (image.sm == 0) return true;
  switch (image.variant) {
    case 'a':
      return image.sm == device.sm;
    case 'f':
      return image.sm / 10 == device.sm / 10 && image.sm <= device.sm;
    default:
      return image.sm <= device.sm;
  }
}

absl::StatusOr<const Image*> Choose(const Unit& unit, Arch device) {
  const Image* best = nullptr;
  for (const Image& image : unit.images) {
    if (image.kind != ImageKind::kPtx || !RunsOn(image.arch, device)) continue;
    if (best == nullptr || Rank(image) > Rank(*best)) best = &image;
  }
  if (best != nullptr) return best;
  return absl::NotFoundError(
      absl::StrCat("the image has no PTX that runs on ", ToString(device), ": ", Describe(unit)));
}

}  // namespace tq::fatbin
