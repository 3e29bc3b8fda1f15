#include "trimtab/workloads/value_dynamics/network.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab::values {
namespace {

constexpr double kInsideShare = 5.0 / 6.0;  // ties inside of a community, when generated
constexpr double kParetoIndex = 2.5;        // of popularity
constexpr double kStrengthInside = 4.0;     // mean interactions beyond the first
constexpr double kStrengthAcross = 1.0;
constexpr int kLabelSweeps = 10;
constexpr std::uint32_t kMostPeople = 10'000'000;

double geometric(double mean, Rng& rng) {
  return std::floor(std::log1p(-rng.uniform01()) / std::log(mean / (1.0 + mean)));
}

// Draws people in proportion to their popularity, within one range of numbers.
class Popularity {
 public:
  Popularity(std::size_t num_people, Rng& rng) : cumulative_(num_people + 1, 0.0) {
    for (std::size_t i = 0; i < num_people; ++i) {
      const double popularity = std::pow(1.0 - rng.uniform01(), -1.0 / kParetoIndex);
      cumulative_[i + 1] = cumulative_[i] + popularity;
    }
  }

  std::uint32_t draw(std::size_t first, std::size_t last, Rng& rng) const {
    const double at = rng.uniform(cumulative_[first], cumulative_[last]);
    const auto begin = cumulative_.begin();
    const auto found = std::upper_bound(begin + static_cast<std::ptrdiff_t>(first) + 1,
                                        begin + static_cast<std::ptrdiff_t>(last), at);
    return static_cast<std::uint32_t>(found - begin - 1);
  }

 private:
  std::vector<double> cumulative_;
};

// The commonest label among a person's friends; the smallest of several.
std::uint32_t commonest(const Network& network, std::size_t i,
                        const std::vector<std::uint32_t>& label) {
  std::map<std::uint32_t, int> counts;
  for (std::size_t k = network.first[i]; k < network.first[i + 1]; ++k) {
    ++counts[label[network.friends[k]]];
  }
  std::uint32_t best = label[i];
  int most = 0;
  for (const auto& [candidate, count] : counts) {
    if (count > most) {
      best = candidate;
      most = count;
    }
  }
  return best;
}

std::vector<std::uint32_t> propagate_labels(const Network& network, Rng& rng) {
  std::vector<std::uint32_t> label(network.size());
  std::iota(label.begin(), label.end(), 0U);
  std::vector<std::uint32_t> order = label;
  for (int sweep = 0; sweep < kLabelSweeps; ++sweep) {
    rng.shuffle(std::span<std::uint32_t>(order));
    bool has_changed = false;
    for (const std::uint32_t i : order) {
      const std::uint32_t next = commonest(network, i, label);
      has_changed = has_changed || next != label[i];
      label[i] = next;
    }
    if (!has_changed) break;
  }
  return label;
}

Edge parse_edge(std::string_view line, std::size_t number, const std::string& where) {
  const std::size_t gap = line.find_first_of(" \t");
  long long u = -1;
  long long v = -1;
  const bool is_edge = gap != std::string_view::npos && parse_int(line.substr(0, gap), u) &&
                       parse_int(trim(line.substr(gap)), v) && u >= 0 && v >= 0 &&
                       u < kMostPeople && v < kMostPeople;
  if (is_edge) return {static_cast<std::uint32_t>(u), static_cast<std::uint32_t>(v)};
  throw UserError({.code = "workload.graph",
                   .what = "this line is no tie between two people",
                   .where = where + ":" + std::to_string(number),
                   .got = quote(line),
                   .expected = "two numbers from 0, as in \"0 17\"",
                   .hint = ""});
}

}  // namespace

Network make_network(std::vector<Edge> edges, std::vector<std::uint32_t> community, Rng& rng) {
  std::erase_if(edges, [](const Edge& edge) { return edge.first == edge.second; });
  for (auto& [u, v] : edges) {
    if (u > v) std::swap(u, v);
  }
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  Network network;
  network.community = std::move(community);
  network.first.assign(network.size() + 1, 0);
  for (const auto& [u, v] : edges) {
    ++network.first[u + 1];
    ++network.first[v + 1];
  }
  std::partial_sum(network.first.begin(), network.first.end(), network.first.begin());
  network.friends.resize(2 * edges.size());
  network.weight.resize(2 * edges.size());
  std::vector<std::size_t> next(network.first.begin(), network.first.end() - 1);
  for (const auto& [u, v] : edges) {
    const bool is_inside = network.community[u] == network.community[v];
    const double strength = 1.0 + geometric(is_inside ? kStrengthInside : kStrengthAcross, rng);
    for (const auto& [from, to] : {Edge{u, v}, Edge{v, u}}) {
      network.friends[next[from]] = to;
      network.weight[next[from]++] = strength;
    }
  }
  return network;
}

Network generate_network(std::size_t num_people, std::size_t num_communities, double mean_degree,
                         Rng& rng) {
  std::vector<std::size_t> border = {0};  // communities are ranges of numbers, sizes 1 : 2 : 3 ...
  const double shares = static_cast<double>(num_communities * (num_communities + 1)) / 2.0;
  double sum = 0.0;
  for (std::size_t c = 1; c <= num_communities; ++c) {
    sum += static_cast<double>(c) / shares;
    border.push_back(static_cast<std::size_t>(std::round(sum * static_cast<double>(num_people))));
  }
  std::vector<std::uint32_t> community(num_people);
  for (std::size_t c = 0; c < num_communities; ++c) {
    std::fill(community.begin() + static_cast<std::ptrdiff_t>(border[c]),
              community.begin() + static_cast<std::ptrdiff_t>(border[c + 1]),
              static_cast<std::uint32_t>(c));
  }
  const Popularity popularity(num_people, rng);
  const auto num_edges =
      static_cast<std::size_t>(mean_degree * static_cast<double>(num_people) / 2.0);
  std::vector<Edge> edges;
  edges.reserve(num_edges);
  for (std::size_t e = 0; e < num_edges; ++e) {
    const std::uint32_t u = popularity.draw(0, num_people, rng);
    const std::size_t c = community[u];
    const bool is_inside = rng.bernoulli(kInsideShare);
    const std::uint32_t v = is_inside ? popularity.draw(border[c], border[c + 1], rng)
                                      : popularity.draw(0, num_people, rng);
    edges.emplace_back(u, v);
  }
  return make_network(std::move(edges), std::move(community), rng);
}

Network parse_network(std::string_view text, const std::string& where, Rng& rng) {
  std::vector<Edge> edges;
  std::uint32_t largest = 0;
  std::size_t number = 0;
  for (const std::string_view raw : split(text, '\n')) {
    ++number;
    const std::string_view line = trim(raw);
    if (line.empty() || line.front() == '#') continue;
    edges.push_back(parse_edge(line, number, where));
    largest = std::max({largest, edges.back().first, edges.back().second});
  }
  // Communities do not depend on the strengths, but strengths on communities: built twice.
  Rng unused = rng.derive("strengths");
  Network network =
      make_network(edges, std::vector<std::uint32_t>(std::size_t{largest} + 1, 0), unused);
  std::vector<std::uint32_t> community = propagate_labels(network, rng);
  return make_network(std::move(edges), std::move(community), rng);
}

std::vector<std::uint32_t> popular_people(const Network& network, std::size_t count) {
  std::vector<std::uint32_t> people(network.size());
  std::iota(people.begin(), people.end(), 0U);
  std::stable_sort(people.begin(), people.end(), [&](std::uint32_t a, std::uint32_t b) {
    return network.degree(a) > network.degree(b);
  });
  people.resize(std::min(count, people.size()));
  std::sort(people.begin(), people.end());
  return people;
}

}  // namespace trimtab::values
