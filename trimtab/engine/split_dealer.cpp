#include "trimtab/engine/split_dealer.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <numeric>
#include <span>

#include "trimtab/base/error.hpp"
#include "trimtab/base/hash.hpp"
#include "trimtab/base/rng.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/data_table.hpp"

namespace trimtab {
namespace {

[[noreturn]] void refuse(const std::string& table, const char* what, const std::string& got,
                         const std::string& expected, const std::string& hint = "") {
  throw UserError({.code = "data.split",
                   .what = what,
                   .where = table,
                   .got = got,
                   .expected = expected,
                   .hint = hint});
}

// Whether the k-th of many things that come one after the other is in a share of them.
bool is_in_share(std::size_t k, double share) {
  const auto position = static_cast<double>(k);
  return std::floor((position + 1.0) * share) > std::floor(position * share);
}

}  // namespace

std::vector<std::uint64_t> row_hashes(const DataTable& table) {
  std::vector<std::uint64_t> hashes(table.num_rows(), 0);
  for (const std::vector<std::string>& column : table.columns) {
    for (std::size_t row = 0; row < hashes.size(); ++row) {
      hashes[row] = mix64(hashes[row], hash64(column[row]));
    }
  }
  return hashes;
}

SplitDealer::SplitDealer(const DataAccount& data, std::uint64_t study_seed)
    : table_(std::filesystem::absolute(data.table).lexically_normal().string()),
      plan_(*data.split),
      seed_(study_seed) {
  const DataTable table = read_data_tables({data.table});
  hashes_ = row_hashes(table);
  const std::vector<std::string> none(table.num_rows());
  const std::vector<std::string>& labels = data.label.empty() ? none : table.texts(data.label);
  std::map<std::pair<std::string, std::uint64_t>, std::size_t> units;
  for (std::size_t row = 0; row < hashes_.size(); ++row) {
    const auto [unit, is_new] =
        units.try_emplace({labels[row], plan_.is_by_class ? 0 : hashes_[row]}, labels_.size());
    unit_of_.push_back(unit->second);
    if (is_new) labels_.push_back(labels[row]);
  }
  seal(study_seed);
  if (num_open_ >= static_cast<std::size_t>(plan_.folds)) return;
  refuse(data.table, "the table cannot be dealt into so many folds",
         std::to_string(num_open_) + (plan_.is_by_class ? " classes" : " different rows") +
             " that are not sealed",
         "at least folds = " + std::to_string(plan_.folds));
}

// Units of one label after the other, within a label at random: whoever takes them in turns gets
// each label in proportion. Classes have no order of their own.
std::vector<std::size_t> SplitDealer::order(std::uint64_t seed, std::uint64_t stream,
                                            const char* purpose) const {
  std::vector<std::size_t> units(labels_.size());
  std::iota(units.begin(), units.end(), 0U);
  Rng rng(seed, stream, purpose);
  rng.shuffle(std::span(units));
  if (plan_.is_by_class) return units;
  std::stable_sort(units.begin(), units.end(),
                   [&](std::size_t a, std::size_t b) { return labels_[a] < labels_[b]; });
  return units;
}

void SplitDealer::seal(std::uint64_t seed) {
  is_sealed_.assign(labels_.size(), false);
  for (const std::string& name : plan_.sealed_classes) {
    const auto found = std::find(labels_.begin(), labels_.end(), name);
    if (found == labels_.end()) {
      refuse(table_, "no row has the class that is to be sealed", quote(name), one_of(labels_),
             did_you_mean(name, labels_));
    }
    is_sealed_[static_cast<std::size_t>(found - labels_.begin())] = true;
  }
  const std::vector<std::size_t> units = order(seed, 0, "sealed");
  const auto outer_folds = static_cast<std::size_t>(plan_.outer_folds);
  for (std::size_t k = 0; k < units.size() && plan_.sealed_classes.empty(); ++k) {
    is_sealed_[units[k]] = outer_folds > 0
                               ? k % outer_folds == static_cast<std::size_t>(plan_.outer_fold)
                               : is_in_share(k, plan_.sealed_share);
  }
  num_open_ = static_cast<std::size_t>(std::count(is_sealed_.begin(), is_sealed_.end(), false));
}

SplitDealer::Folds SplitDealer::deal(std::uint64_t seed, std::uint64_t stream,
                                     const char* purpose) const {
  Folds folds(labels_.size(), -1);
  std::int64_t next = 0;
  for (const std::size_t unit : order(seed, stream, purpose)) {
    if (!is_sealed_[unit]) folds[unit] = next++ % plan_.folds;
  }
  return folds;
}

std::shared_ptr<const RowSplit> SplitDealer::split(const Folds& folds, std::int64_t judge,
                                                   bool is_sealed_judge) const {
  auto result = std::make_shared<RowSplit>();
  result->table = table_;
  for (std::size_t row = 0; row < unit_of_.size(); ++row) {
    const bool is_sealed = is_sealed_[unit_of_[row]];
    const bool is_judge = is_sealed_judge ? is_sealed : folds[unit_of_[row]] == judge;
    if (is_judge) {
      result->validation.push_back(static_cast<std::int64_t>(row));
    } else if (!is_sealed) {
      result->train.push_back(static_cast<std::int64_t>(row));
    }
  }
  if (!plan_.is_by_class) return result;
  for (std::size_t unit = 0; unit < labels_.size(); ++unit) {
    const bool is_hidden = is_sealed_judge ? bool{is_sealed_[unit]} : folds[unit] == judge;
    if (is_hidden) result->hidden_classes.push_back(labels_[unit]);
  }
  return result;
}

std::shared_ptr<const RowSplit> SplitDealer::tuning(std::int64_t trial, std::int64_t run) const {
  const auto set = static_cast<std::uint64_t>(run / plan_.folds);
  const std::uint64_t seed =
      plan_.is_reshuffled ? mix64(seed_, static_cast<std::uint64_t>(trial) + 1) : seed_;
  return split(deal(seed, set, "folds"), run % plan_.folds, /*is_sealed_judge=*/false);
}

std::shared_ptr<const RowSplit> SplitDealer::evaluation(std::uint64_t seed) const {
  if (num_open_ < labels_.size()) return split({}, 0, /*is_sealed_judge=*/true);
  return split(deal(seed, 0, "fresh folds"), 0, /*is_sealed_judge=*/false);
}

std::vector<std::uint64_t> SplitDealer::hashes_where(bool is_sealed) const {
  std::vector<std::uint64_t> result;
  for (std::size_t row = 0; row < hashes_.size(); ++row) {
    if (is_sealed_[unit_of_[row]] == is_sealed) result.push_back(hashes_[row]);
  }
  return result;
}

std::vector<std::uint64_t> SplitDealer::open_rows() const { return hashes_where(false); }
std::vector<std::uint64_t> SplitDealer::sealed_rows() const { return hashes_where(true); }

}  // namespace trimtab
