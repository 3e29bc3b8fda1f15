#include "trimtab/report/detail/study_facts.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <limits>

#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

void add(Resources& sum, const Resources& part) {
  sum.wall_seconds += part.wall_seconds;
  sum.cpu_seconds += part.cpu_seconds;
  sum.peak_memory_bytes = std::max(sum.peak_memory_bytes, part.peak_memory_bytes);
}

bool is_at_least_as_good(std::span<const double> a, std::span<const double> b) {
  return std::equal(a.begin(), a.end(), b.begin(), [](double x, double y) { return x <= y; });
}

std::vector<std::int64_t> candidates_by_loss(const History& history) {
  std::vector<std::int64_t> order;
  for (std::int64_t number = 0; number < history.size(); ++number) {
    if (history.is_feasible(number) && history.purpose(number) != Purpose::Confirm &&
        !std::isnan(history.loss(number))) {
      order.push_back(number);
    }
  }
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    const std::span<const double> x = history.losses(a), y = history.losses(b);
    return std::lexicographical_compare(x.begin(), x.end(), y.begin(), y.end());
  });
  return order;
}

}  // namespace

StudyFacts facts_of(const History& history) {
  StudyFacts facts;
  Timestamp first = std::numeric_limits<Timestamp>::max(), last = 0;
  for (std::int64_t number = 0; number < history.size(); ++number) {
    const bool is_confirm = history.purpose(number) == Purpose::Confirm;
    add(is_confirm ? facts.confirm : facts.search, history.resources(number));
    first = std::min(first, history.created(number));
    last = std::max({last, history.finished(number), history.created(number)});
    if (history.copy_of(number) >= 0) ++facts.num_copies;
    if (facts.default_trial < 0 && history.purpose(number) == Purpose::Default) {
      facts.default_trial = number;
    }
    const bool is_complete = history.state(number) == TrialState::Complete;
    if (is_complete && !history.is_feasible(number) && !is_confirm) ++facts.num_violating;
    if (history.state(number) == TrialState::Failed) {
      ++facts.failures[std::string(name_of(history.failure(number).reason))];
    }
  }
  facts.peak_memory_bytes =
      std::max(facts.search.peak_memory_bytes, facts.confirm.peak_memory_bytes);
  if (history.size() > 0) facts.elapsed_seconds = static_cast<double>(last - first) * 1e-6;
  return facts;
}

std::vector<std::pair<std::string, std::string>> parameter_texts(const Space& space,
                                                                 PointView point,
                                                                 Precision precision) {
  std::vector<std::pair<std::string, std::string>> texts;
  for (const Parameter& parameter : space.parameters()) {
    std::optional<std::string> text = space.value_text(point, parameter);
    if (text && parameter.type == ParameterType::Float && precision == Precision::SixDigits) {
      text = format_short(point[parameter.first], 6);
    }
    if (text) texts.emplace_back(parameter.name, std::move(*text));
  }
  return texts;
}

std::string format_time(Timestamp time) {
  if (time == 0) return "";
  const Timestamp milliseconds = time / 1000;
  const std::time_t seconds = static_cast<std::time_t>(milliseconds / 1000);
  std::tm utc = {};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}.{:03d}Z", utc.tm_year + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                     milliseconds % 1000);
}

std::string energy_text(const History& history) {
  if (!(history.search_joules() > 0.0)) return "";
  std::string method = "modelled";
  for (const auto& [time, note] : history.notes()) {
    if (note.topic == "energy") method = note.text.substr(0, note.text.find(' '));
  }
  return fmt::format("{} in the search ({})", format_energy(history.search_joules()), method);
}

std::string format_bytes(double bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  while (bytes >= 999.5 && unit + 1 < kUnits.size()) {
    bytes /= 1000.0;
    ++unit;
  }
  return format_short(bytes, 3) + " " + kUnits[unit];
}

std::string count_text(const History& history) {
  constexpr std::array kOrder = {TrialState::Complete, TrialState::Pruned, TrialState::Failed,
                                 TrialState::Running, TrialState::Waiting};
  std::string text;
  for (const TrialState state : kOrder) {
    if (history.count(state) == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", history.count(state), name_of(state));
  }
  return text.empty() ? "no trials" : text;
}

std::vector<std::int64_t> pareto_front(const History& history) {
  std::vector<std::int64_t> front;
  double smallest_second = std::numeric_limits<double>::infinity();
  for (const std::int64_t number : candidates_by_loss(history)) {
    const std::span<const double> losses = history.losses(number);
    // Sorted by loss: with two objectives only the smallest second one so far can dominate.
    bool is_dominated = false;
    if (losses.size() == 1) {
      is_dominated = !front.empty();
    } else if (losses.size() == 2) {
      is_dominated = !front.empty() && losses[1] >= smallest_second;
      smallest_second = std::min(smallest_second, losses[1]);
    } else {
      is_dominated = std::any_of(front.begin(), front.end(), [&](std::int64_t other) {
        return is_at_least_as_good(history.losses(other), losses);
      });
    }
    if (!is_dominated) front.push_back(number);
  }
  return front;
}

}  // namespace trimtab
