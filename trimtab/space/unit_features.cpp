#include "trimtab/space/unit_features.hpp"

#include <algorithm>

namespace trimtab {

UnitFeatures::UnitFeatures(std::span<const Dimension> dimensions) {
  for (const Dimension& dimension : dimensions) {
    FeatureBlock block = {.first = owner_.size(), .count = 1, .is_one_hot = false};
    if (dimension.kind == Kind::Categorical) {
      block.is_one_hot = true;
      block.count = static_cast<std::size_t>(dimension.count());
    }
    owner_.insert(owner_.end(), block.count, blocks_.size());
    blocks_.push_back(block);
  }
}

void UnitFeatures::write(std::size_t dimension, double u, std::span<double> x) const {
  const FeatureBlock& block = blocks_[dimension];
  if (!block.is_one_hot) {
    x[block.first] = u;
    return;
  }
  const auto choice =
      std::min(static_cast<std::size_t>(u * static_cast<double>(block.count)), block.count - 1);
  for (std::size_t k = 0; k < block.count; ++k) x[block.first + k] = k == choice ? 1.0 : 0.0;
}

void UnitFeatures::write_inactive(std::size_t dimension, std::span<double> x) const {
  const FeatureBlock& block = blocks_[dimension];
  for (std::size_t k = 0; k < block.count; ++k) {
    x[block.first + k] = block.is_one_hot ? 0.0 : -1.0;
  }
}

}  // namespace trimtab
