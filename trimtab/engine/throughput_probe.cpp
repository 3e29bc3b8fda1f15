#include "trimtab/engine/throughput_probe.hpp"

#include <algorithm>
#include <cmath>

namespace trimtab {
namespace {

constexpr double kShare = 0.04;  // of the class that a long run takes
constexpr double kMostGrowth = 16.0;
constexpr int kMostSizes = 64;

}  // namespace

ThroughputProbe::ThroughputProbe(const ComputeClass& compute_class, const Fidelity& fidelity)
    : class_(compute_class), fidelity_(fidelity), size_(rounded(2.0 * fidelity.min)) {}

// Whole units, unless the fidelity begins below one.
double ThroughputProbe::rounded(double units) const {
  const double bounded = std::clamp(units, fidelity_.min, fidelity_.max);
  return fidelity_.min < 1.0 ? bounded : std::max(1.0, std::nearbyint(bounded));
}

std::optional<double> ThroughputProbe::next() const {
  if (num_pairs_ >= class_.repeats || num_sizes_ >= kMostSizes) return std::nullopt;
  return whole_ < 0.0 ? size_ : rounded(size_ / 2.0);
}

void ThroughputProbe::add(double units, double seconds) {
  seconds_used_ += seconds;
  if (!is_sized_) {
    ++num_sizes_;
    const double wanted = kShare * class_.seconds;
    is_sized_ = seconds >= wanted || size_ >= fidelity_.max;
    const double growth = std::clamp(1.2 * wanted / std::max(seconds, 1e-9), 2.0, kMostGrowth);
    if (!is_sized_) size_ = rounded(size_ * growth);
    return;
  }
  if (whole_ < 0.0) {
    whole_ = seconds;
    return;
  }
  ++num_pairs_;
  const double rate = (size_ - units) / (whole_ - seconds);
  if (std::isfinite(rate) && rate > 0.0) rates_.push_back(rate);
  whole_ = -1.0;
}

// A pair whose long run was the shorter one says nothing; most must say something.
bool ThroughputProbe::is_known() const {
  return num_pairs_ >= class_.repeats && 2 * static_cast<std::int64_t>(rates_.size()) > num_pairs_;
}

double ThroughputProbe::per_second() const {
  std::vector<double> sorted = rates_;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : 0.5 * (sorted[half - 1] + sorted[half]);
}

double ThroughputProbe::relative_deviation() const {
  const auto count = static_cast<double>(rates_.size());
  double mean = 0.0, square = 0.0;
  for (const double rate : rates_) mean += rate / count;
  for (const double rate : rates_) square += (rate - mean) * (rate - mean);
  return std::sqrt(square / std::max(1.0, count - 1.0)) / mean;
}

double ThroughputProbe::planned() const { return rounded(per_second() * class_.seconds); }

std::map<std::string, double> ThroughputProbe::metrics() const {
  return {{"planned_" + fidelity_.name, planned()},
          {fidelity_.name + "_per_second", per_second()},
          {"throughput_deviation", relative_deviation()},
          {"probe_seconds", seconds_used_}};
}

}  // namespace trimtab
