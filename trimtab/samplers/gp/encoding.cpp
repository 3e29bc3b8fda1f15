#include "trimtab/samplers/gp/encoding.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace trimtab::gp {
namespace {

constexpr std::uint64_t kSmoothCount = 12;  // values from which a number is moved by gradients
constexpr double kLift = 0.5;

}  // namespace

Encoding::Encoding(const Space& space) : space_(space), slots_(space.num_dimensions()) {
  std::vector<bool> is_grouped(space.num_dimensions(), false);
  for (const Group& group : space.groups()) {
    for (const std::size_t member : group.members) is_grouped[member] = true;
  }
  for (std::size_t j = 0; j < slots_.size(); ++j) {
    const Dimension& dimension = space.dimensions()[j];
    Slot& slot = slots_[j];
    slot.first = axes_.num_features();
    slot.is_conditional = dimension.is_conditional();
    slot.is_constant = dimension.count() == 1 && !dimension.is_conditional();
    if (slot.is_constant) continue;
    std::size_t num_features = 1;
    if (dimension.kind == Kind::Categorical) {
      slot.num_choices = static_cast<std::size_t>(dimension.count());
      num_features = slot.num_choices;
    } else {
      const std::uint64_t count = dimension.count();
      slot.is_smooth = !is_grouped[j] && (count == 0 || count >= kSmoothCount);
    }
    if (slot.is_conditional) ++num_features;
    axes_.of_feature.insert(axes_.of_feature.end(), num_features, axes_.count);
    ++axes_.count;
  }
}

void Encoding::encode(PointView point, std::span<double> features) const {
  std::fill(features.begin(), features.end(), 0.0);
  for (std::size_t j = 0; j < slots_.size(); ++j) {
    const Slot& slot = slots_[j];
    if (slot.is_constant) continue;
    const std::size_t num_values = std::max<std::size_t>(1, slot.num_choices);
    const std::span<double> own = features.subspan(slot.first, num_values);
    const bool is_on = is_active(point[j]);
    if (slot.num_choices == 0) {
      own[0] = is_on ? space_.dimensions()[j].to_unit(point[j]) - 0.5 : 0.0;
    } else if (is_on) {
      own[static_cast<std::size_t>(point[j])] = 1.0 / std::numbers::sqrt2;
    } else {
      std::fill(own.begin(), own.end(),
                1.0 / (std::numbers::sqrt2 * static_cast<double>(slot.num_choices)));
    }
    if (slot.is_conditional && is_on) features[slot.first + num_values] = kLift;
  }
}

}  // namespace trimtab::gp
