#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trimtab/base/rng.hpp"

namespace trimtab::values {

// Notation in this room
//   i, j     people (nodes)                  w_ij     strength of a tie: number of interactions
//   N(i)     friends of i                    x_i(t)   value scores of i at step t, in [0, 1]^5
//   ego      a person whose later scores are known: one of those with the most friends

/// An undirected graph with weighted ties, as rows of friends.
struct Network {
  std::vector<std::size_t> first;  ///< (n + 1): the friends of i are [first[i], first[i + 1])
  std::vector<std::uint32_t> friends;
  std::vector<double> weight;            ///< of the ties, beside `friends`; w_ij = w_ji >= 1
  std::vector<std::uint32_t> community;  ///< (n)

  std::size_t size() const { return community.size(); }
  std::size_t degree(std::size_t i) const { return first[i + 1] - first[i]; }
};

using Edge = std::pair<std::uint32_t, std::uint32_t>;

/// Builds the rows from edges between people who know each other; double edges and loops are
/// dropped. Tie strengths are 1 + a geometric number, of mean 4 inside of a community and 1 across.
/// O(edges log edges).
Network make_network(std::vector<Edge> edges, std::vector<std::uint32_t> community, Rng& rng);

/// A made-up social network: communities of unequal size, popularity with a heavy tail (Pareto of
/// index 2.5), five ties of six inside of the community.
/// Source: Karrer and Newman 2011, "Stochastic blockmodels and community structure in networks"
///   (degree correction). Differs: edges are drawn one by one; repeated ones are dropped.
/// @param mean_degree  ties per person, about.
Network generate_network(std::size_t num_people, std::size_t num_communities, double mean_degree,
                         Rng& rng);

/// "u v" per line, people numbered from 0; lines that begin with # are skipped. Communities by
/// label propagation.
/// Source: Raghavan, Albert and Kumara 2007 (labels). Differs: ten sweeps at most.
/// @throws UserError "workload.graph" with the line that is no edge.
Network parse_network(std::string_view text, const std::string& where, Rng& rng);

/// The `count` people with the most friends, ascending by number.
std::vector<std::uint32_t> popular_people(const Network& network, std::size_t count);

}  // namespace trimtab::values
