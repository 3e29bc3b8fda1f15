#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "trimtab/space/space.hpp"

namespace trimtab::grid {

/// Random access to the points of a finite space: rank -> point, a bijection from 0..size()-1 to
/// the points (constraints not applied). The order is fixed but has no meaning.
///
/// The space is taken apart once: independent parts are the digits of a mixed-radix number; a
/// dimension on which others hang branches by those of its values that no condition tells apart;
/// the members of a group are chosen one after the other, each value standing for as many ranks as
/// there are ways to go on.
///
/// Source: Kreher and Stinson 1999, "Combinatorial Algorithms", chapter 2 (unranking); the counts
///   are those of `Space::size`.
/// Differs: beyond 2^62 points the leading independent parts, fewer than 2^62 points in all, are
///   the digits, and a hash of the rank chooses in the other parts: ranks still differ in points.
/// Cost: construction O(branches); `at` O(d) plus O(slots^2 choices^2) for a group.
class PointIndex {
 public:
  /// @throws UserError when the space is continuous, or when it is so entangled (or one independent
  /// part so large) that ranks cannot be told apart.
  explicit PointIndex(const Space& space);

  /// Ranks; equal to `Space::size()` below Space::kManyPoints.
  std::uint64_t size() const { return size_; }
  /// @param rank  below size()
  Point at(std::uint64_t rank) const;

 private:
  using Indices = std::vector<std::size_t>;
  using Ways = std::vector<std::uint64_t>;
  struct Product {
    Indices parts;  // of nodes_
    std::uint64_t count = 1;
  };
  // The values [first, first + count) of a dimension, with what follows from them.
  struct Range {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
    std::size_t product = 0;
  };
  struct Node {
    enum class Type : std::uint8_t { Values, Branch, Members, Listed };
    Type type = Type::Values;
    std::uint64_t count = 0;
    std::size_t dimension = 0;         // Values, Branch
    std::vector<Range> ranges;         // Branch
    std::size_t group = 0;             // Members, Listed
    std::vector<Indices> hanging;      // Members: per member, per value: a product
    std::vector<Ways> ways;            // Members: their counts
    std::vector<Indices> assignments;  // Listed: the members' values
    Indices assignment_products;       // Listed: what follows
  };

  std::size_t build_product(const Indices& dimensions);
  std::size_t build_node(const Indices& component);
  Node build_branch(const Indices& component);
  Node build_group(std::size_t group, const Indices& component);
  bool build_members(Node& node, const Indices& rest);
  void build_listed(Node& node, const Indices& rest, Indices& chosen);
  std::vector<Indices> split(const Indices& dimensions) const;
  std::vector<Range> value_ranges(std::size_t dimension, const Indices& rest);
  std::vector<std::uint64_t> run_starts(const Dimension& shape,
                                        const std::vector<const Clause*>& clauses) const;
  void fix(std::size_t dimension, double value) {
    is_fixed_[dimension] = true;
    fixed_[dimension] = value;
  }
  void release(std::size_t dimension) { is_fixed_[dimension] = false; }

  std::uint64_t num_ways(const Node& node, std::span<const std::size_t> chosen) const;
  void decode(const Product& product, std::uint64_t rank, Point& point) const;
  void decode(const Node& node, std::uint64_t rank, Point& point) const;
  void decode_members(const Node& node, std::uint64_t rank, Point& point) const;

  Space space_;
  std::vector<Node> nodes_;
  std::vector<Product> products_;
  Product leading_;   // parts that are digits of the rank
  Indices trailing_;  // parts that a hash of the rank chooses in
  std::uint64_t size_ = 0;
  Indices group_of_;  // per dimension, num_groups when none
  Point fixed_;       // while building: values of dimensions that are decided
  std::vector<bool> is_fixed_;
};

}  // namespace trimtab::grid
