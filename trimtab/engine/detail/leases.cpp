#include "trimtab/engine/detail/leases.hpp"

#include <algorithm>

namespace trimtab {

void Leases::renew(std::int64_t worker, double seconds) {
  leases_[worker].seconds = seconds;
  news_.insert(worker);
}

void Leases::hear(std::int64_t worker) {
  if (leases_.contains(worker)) news_.insert(worker);
}

void Leases::look(Timestamp now) {
  if (last_look_ >= 0) {
    observed_ += std::min(static_cast<double>(now - last_look_) * 1e-6, longest_gap_);
  }
  last_look_ = now;
  for (const std::int64_t worker : news_) leases_[worker].heard = observed_;
  news_.clear();
}

bool Leases::has_ended(std::int64_t worker) const {
  const auto found = leases_.find(worker);
  if (found == leases_.end() || news_.contains(worker)) return false;
  return observed_ - found->second.heard > found->second.seconds;
}

}  // namespace trimtab
