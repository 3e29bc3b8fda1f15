#pragma once

#include <string>
#include <vector>

#include "trimtab/core/sampler.hpp"
#include "trimtab/core/storage.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {

/// What an earlier study of the same storage can teach: its complete search trials, as points of
/// another space, with negative numbers. Values of parameters that the other space has too are
/// taken over; the rest has its default. A trial whose values the other space refuses is left out.
class EarlierStudy {
 public:
  /// @throws UserError "study.unknown" when there is no such study. O(its log).
  EarlierStudy(const std::string& name, const Space& space, const Storage& storage);

  /// Views into this object.
  std::vector<Observation> observations() const;

 private:
  std::vector<Point> points_;
  std::vector<double> losses_;
};

}  // namespace trimtab
