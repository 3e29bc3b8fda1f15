#include "trimtab/workloads/nas_bench_201/cell.hpp"

#include <algorithm>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab::nas_bench_201 {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"none", "skip_connect", "nor_conv_1x1",
                                                    "nor_conv_3x3", "avg_pool_3x3"};

[[noreturn]] void refuse(std::string_view text, const std::string& expected) {
  throw UserError({.code = "cell.malformed",
                   .what = "this is no cell of NAS-Bench-201",
                   .where = "cell",
                   .got = quote(text, 200),
                   .expected = expected,
                   .hint = ""});
}

// A node as the sorted terms of a sum.
using Terms = std::vector<std::string>;

std::string text_of(const Terms& terms) {
  std::string text;
  for (const std::string& term : terms) text += (text.empty() ? "" : "+") + term;
  return text;
}

void add_term(Terms& terms, const Terms& source, Operation operation, Merge merge) {
  const bool drops_zeros = merge != Merge::Skips;
  const bool is_nothing = merge == Merge::Sums ? source.empty() : source == Terms{"#"};
  if (drops_zeros && (operation == Operation::Zero || is_nothing)) {
    if (merge != Merge::Sums) terms.emplace_back("#");
  } else if (operation != Operation::Skip) {
    terms.push_back("(" + text_of(source) + ")@" + std::string(name_of(operation)));
  } else if (merge == Merge::Sums) {
    terms.insert(terms.end(), source.begin(), source.end());
  } else {
    terms.push_back(text_of(source));
  }
}

}  // namespace

std::string_view name_of(Operation operation) {
  return kNames[static_cast<std::size_t>(operation)];
}

std::vector<std::string> operation_names() { return {kNames.begin(), kNames.end()}; }

Cell parse_cell(std::string_view text) {
  Cell cell{};
  std::size_t edge = 0;
  const std::vector<std::string_view> nodes = split(text, '+');
  if (nodes.size() != 3) refuse(text, "three nodes, |op~0|+|op~0|op~1|+|op~0|op~1|op~2|");
  for (std::size_t target = 1; target <= nodes.size(); ++target) {
    const std::vector<std::string_view> parts = split(nodes[target - 1], '|');
    if (parts.size() != target + 2) refuse(text, "as many operations as there are earlier nodes");
    for (std::size_t source = 0; source < target; ++source) {
      const std::string_view part = parts[source + 1];
      const std::string ending = "~" + std::to_string(source);
      const auto known = std::ranges::find(
          kNames, part.substr(0, part.size() - std::min(part.size(), ending.size())));
      if (!part.ends_with(ending) || known == kNames.end()) {
        refuse(text, one_of(operation_names()) + ", each followed by ~ and its source");
      }
      cell[edge++] = static_cast<Operation>(known - kNames.begin());
    }
  }
  return cell;
}

std::string describe(const Cell& cell) {
  std::string text;
  std::size_t edge = 0;
  for (std::size_t target = 1; target <= 3; ++target) {
    text += target == 1 ? "|" : "+|";
    for (std::size_t source = 0; source < target; ++source) {
      text += std::string(name_of(cell[edge++])) + "~" + std::to_string(source) + "|";
    }
  }
  return text;
}

std::size_t index_of(const Cell& cell) {
  std::size_t index = 0;
  for (const Operation operation : cell) index = 5 * index + static_cast<std::size_t>(operation);
  return index;
}

Cell cell_at(std::size_t index) {
  Cell cell{};
  for (std::size_t edge = kNumEdges; edge-- > 0; index /= 5) {
    cell[edge] = static_cast<Operation>(index % 5);
  }
  return cell;
}

std::string canonical_text(const Cell& cell, Merge merge) {
  std::array<Terms, 4> nodes = {Terms{"0"}, {}, {}, {}};
  std::size_t edge = 0;
  for (std::size_t target = 1; target <= 3; ++target) {
    Terms& terms = nodes[target];
    for (std::size_t source = 0; source < target; ++source) {
      add_term(terms, nodes[source], cell[edge++], merge);
    }
    std::ranges::sort(terms);
    // Only Merge::Sums looks inside of a sum; for the others a node is one text from here on.
    if (merge != Merge::Sums) terms = {text_of(terms)};
  }
  return text_of(nodes[3]);
}

}  // namespace trimtab::nas_bench_201
