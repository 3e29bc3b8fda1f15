#include "trimtab/numerics/power_model.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

[[noreturn]] void refuse(const std::string& got) {
  throw UserError({.code = "energy.profile",
                   .what = "this is no power profile",
                   .where = "power profile",
                   .got = got,
                   .expected = "at least two loads in [0, 1], each with its power in watts, >= 0",
                   .hint = ""});
}

}  // namespace

PowerModel PowerModel::from_profile(std::span<const double> load, std::span<const double> watts) {
  if (load.size() != watts.size()) refuse("lists of different lengths");
  std::map<double, std::pair<double, double>> sums;  // load -> sum of watts, count
  for (std::size_t i = 0; i < load.size(); ++i) {
    const bool is_right =
        load[i] >= 0.0 && load[i] <= 1.0 && watts[i] >= 0.0 && std::isfinite(watts[i]);
    if (!is_right) {
      refuse("load " + std::to_string(load[i]) + " with " + std::to_string(watts[i]) + " W");
    }
    auto& [sum, count] = sums[load[i]];
    sum += watts[i];
    count += 1.0;
  }
  if (sums.size() < 2) refuse(std::to_string(sums.size()) + " different loads");
  PowerModel model;
  for (const auto& [x, sum] : sums) {
    model.load_.push_back(x);
    model.watts_.push_back(sum.first / sum.second);
  }
  return model;
}

PowerModel PowerModel::from_tdp(double tdp_watts) {
  // Mean power over TDP at loads 0, 0.1, ..., 1 of ten recorded profiles.
  constexpr double kShape[] = {0.005, 0.154, 0.305, 0.402, 0.485, 0.584,
                               0.690, 0.787, 0.894, 0.919, 0.927};
  PowerModel model;
  for (const double share : kShape) {
    model.load_.push_back(0.1 * static_cast<double>(model.load_.size()));
    model.watts_.push_back(share * tdp_watts);
  }
  return model;
}

double PowerModel::watts(double load) const {
  const double x = std::clamp(load, 0.0, 1.0);
  const auto above = std::upper_bound(load_.begin() + 1, load_.end() - 1, x);
  const auto right = static_cast<std::size_t>(above - load_.begin());
  const double share = (x - load_[right - 1]) / (load_[right] - load_[right - 1]);
  return std::max(0.0, watts_[right - 1] + share * (watts_[right] - watts_[right - 1]));
}

}  // namespace trimtab
