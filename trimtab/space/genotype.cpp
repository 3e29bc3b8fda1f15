#include "trimtab/space/genotype.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace trimtab {

Genome::Genome(const Space& space) : space_(space) {
  const std::span<const Dimension> dimensions = space.dimensions();
  std::vector<bool> is_grouped(dimensions.size(), false);
  for (std::size_t g = 0; g < space.groups().size(); ++g) {
    const Group& group = space.groups()[g];
    for (const std::size_t member : group.members) is_grouped[member] = true;
    const bool has_choice =
        std::any_of(group.members.begin(), group.members.end(),
                    [&](std::size_t member) { return dimensions[member].count() > 1; });
    if (has_choice) genes_.push_back({Gene::Type::Group, group.members, g});
  }
  for (std::size_t j = 0; j < dimensions.size(); ++j) {
    if (is_grouped[j] || dimensions[j].count() == 1) continue;
    const bool has_order = dimensions[j].kind != Kind::Categorical;
    genes_.push_back({has_order ? Gene::Type::Number : Gene::Type::Category, {j}, 0});
  }
  std::sort(genes_.begin(), genes_.end(),
            [](const Gene& a, const Gene& b) { return a.members.front() < b.members.front(); });
}

double Genome::encode_at(std::size_t j, double value) const {
  const Dimension& dimension = space_.dimensions()[j];
  return dimension.kind == Kind::Categorical ? value : dimension.to_unit(value);
}

Genotype Genome::sample(Rng& rng) const {
  Genotype genotype(space_.num_dimensions());
  const Point point = space_.sample(rng);
  for (std::size_t j = 0; j < genotype.size(); ++j) {
    genotype[j] = encode_at(j, is_active(point[j]) ? point[j] : space_.sample_dimension(j, rng));
  }
  return genotype;
}

Genotype Genome::encode(PointView point, const Genotype& inherited) const {
  Genotype genotype = inherited;
  for (std::size_t j = 0; j < genotype.size(); ++j) {
    if (is_active(point[j])) genotype[j] = encode_at(j, point[j]);
  }
  return genotype;
}

Point Genome::express(Genotype& genotype) const {
  const std::span<const Dimension> dimensions = space_.dimensions();
  Point raw(genotype.size());
  for (std::size_t j = 0; j < raw.size(); ++j) {
    const bool is_index = dimensions[j].kind == Kind::Categorical;
    raw[j] = is_index ? genotype[j] : dimensions[j].from_unit(genotype[j]);
  }
  Point point = raw;
  space_.canonicalise(point);
  for (std::size_t j = 0; j < raw.size(); ++j) {
    if (is_active(point[j]) && point[j] != raw[j]) genotype[j] = encode_at(j, point[j]);
  }
  return point;
}

bool Genome::is_same(const Genotype& a, const Genotype& b, double tolerance) const {
  return std::all_of(genes_.begin(), genes_.end(), [&](const Gene& gene) {
    return std::all_of(gene.members.begin(), gene.members.end(), [&](std::size_t j) {
      const Dimension& dimension = space_.dimensions()[j];
      if (gene.type != Gene::Type::Number) return a[j] == b[j];
      if (!dimension.is_discrete()) return std::abs(a[j] - b[j]) <= tolerance;
      return dimension.from_unit(a[j]) == dimension.from_unit(b[j]);
    });
  });
}

void Genome::mutate(const Gene& gene, Genotype& genotype, Rng& rng) const {
  const std::size_t first = gene.members.front();
  switch (gene.type) {
    case Gene::Type::Number:
      genotype[first] = encode_at(first, space_.sample_dimension(first, rng));
      return;
    case Gene::Type::Category: {
      const std::uint64_t count = space_.dimensions()[first].count();
      const auto step = static_cast<double>(1 + rng.below(count - 1));
      const double moved = genotype[first] + step;
      const auto size = static_cast<double>(count);
      genotype[first] = moved < size ? moved : moved - size;
      return;
    }
    case Gene::Type::Group: {
      const Group& group = space_.groups()[gene.group];
      if (group.type == Group::Type::Slots) {
        mutate_slots(group, genotype, rng);
      } else {
        mutate_items(group, genotype, rng);
      }
    }
  }
}

void Genome::mutate_slots(const Group& group, Genotype& genotype, Rng& rng) const {
  const std::size_t chosen = group.members[rng.below(group.members.size())];
  const std::uint64_t count = space_.dimensions()[chosen].count();
  if (count < 2) return;
  auto choice = static_cast<double>(rng.below(count - 1));
  if (choice >= genotype[chosen]) choice += 1.0;
  for (const std::size_t other : group.members) {
    if (group.is_distinct && genotype[other] == choice) genotype[other] = genotype[chosen];
  }
  genotype[chosen] = choice;
}

void Genome::mutate_items(const Group& group, Genotype& genotype, Rng& rng) const {
  std::vector<std::size_t> on;
  std::vector<std::size_t> off;
  for (const std::size_t item : group.members) (genotype[item] > 0.5 ? on : off).push_back(item);
  const std::size_t chosen = rng.below(group.members.size());
  const bool turns_on = chosen >= on.size();
  const std::size_t after = turns_on ? on.size() + 1 : on.size() - 1;
  genotype[turns_on ? off[chosen - on.size()] : on[chosen]] = turns_on ? 1.0 : 0.0;
  if (after >= group.min_count && after <= group.max_count) return;
  const std::vector<std::size_t>& others = turns_on ? on : off;
  if (others.empty()) return;  // all or none: express() repairs
  genotype[others[rng.below(others.size())]] = turns_on ? 0.0 : 1.0;
}

}  // namespace trimtab
