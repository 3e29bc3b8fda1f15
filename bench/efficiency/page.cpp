#include "bench/efficiency/page.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace trimtab::bench {
namespace {

constexpr double kWidth = 760.0, kHeight = 300.0, kMargin = 46.0;
constexpr std::array<const char*, 12> kColors = {"#d1495b", "#00798c", "#edae49", "#66a182",
                                                 "#2e4057", "#8d96a3", "#9b5de5", "#f15bb5",
                                                 "#6a994e", "#bc6c25", "#4361ee", "#000000"};

struct Line {
  std::vector<double> x, y;
};

std::vector<std::size_t> by_rank(const Comparison& comparison) {
  std::vector<std::size_t> order(comparison.mean_ranks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return comparison.mean_ranks[a] < comparison.mean_ranks[b];
  });
  return order;
}

// One chart of a line for each contestant, in the order of the ranks.
std::string chart(const Scores& scores, const std::vector<std::size_t>& order,
                  const std::vector<Line>& lines, double low, double high,
                  const std::string& x_label, const std::string& y_label) {
  double left = lines[0].x.front(), right = lines[0].x.back();
  const auto px = [&](double x) {
    return kMargin + (x - left) / (right - left) * (kWidth - kMargin - 150.0);
  };
  const auto py = [&](double y) { return 10.0 + (high - y) / (high - low) * (kHeight - kMargin); };
  std::string svg = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\">", kWidth, kHeight);
  for (int i = 0; i <= 4; ++i) {
    const double y = low + (high - low) * i / 4.0, x = left + (right - left) * i / 4.0;
    svg += fmt::format(
        "<path d=\"M{:.1f} {:.1f}H{:.1f}\" class=\"grid\"/>"
        "<text x=\"4\" y=\"{:.1f}\">{:.2g}</text>"
        "<text x=\"{:.1f}\" y=\"{:.1f}\">{:.3g}</text>",
        px(left), py(y), px(right), py(y) + 4.0, y, px(x) - 6.0, kHeight - 20.0, x);
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Line& line = lines[order[i]];
    std::string path;
    for (std::size_t k = 0; k < line.x.size(); ++k) {
      path += fmt::format("{}{:.1f} {:.1f}", k == 0 ? "M" : "L", px(line.x[k]),
                          py(std::clamp(line.y[k], low, high)));
    }
    const char* color = kColors[order[i] % kColors.size()];
    svg += fmt::format(
        "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.6\"/>"
        "<text x=\"{}\" y=\"{}\" fill=\"{}\">{}</text>",
        path, color, kWidth - 140.0, 20.0 + 16.0 * static_cast<double>(i), color,
        scores.contestants[order[i]]);
  }
  return svg + fmt::format("<text x=\"{}\" y=\"{}\">{}</text></svg><p>{}</p>", kMargin,
                           kHeight - 4.0, x_label, y_label);
}

std::string curves(const Scores& scores, const std::vector<std::size_t>& order) {
  std::vector<Line> lines(scores.contestants.size());
  double low = 0.0;
  for (std::size_t c = 0; c < lines.size(); ++c) {
    for (std::size_t t = 0; t < scores.budget; ++t) {
      double mean = 0.0;
      for (const auto& problem : scores.curves) mean += problem[c][t];
      lines[c].x.push_back(static_cast<double>(t + 1));
      lines[c].y.push_back(mean / static_cast<double>(scores.curves.size()));
      low = std::min(low, lines[c].y.back());
    }
  }
  return chart(
      scores, order, lines, low, 1.0, "trials",
      "Mean score after each trial: log10 of the regret over that of random search at the end.");
}

// Share of the problems on which a contestant ends within a factor of the best one's regret.
std::string profiles(const Scores& scores, const std::vector<std::size_t>& order) {
  std::vector<Line> lines(scores.contestants.size());
  for (std::size_t c = 0; c < lines.size(); ++c) {
    for (int i = 0; i <= 60; ++i) {
      const double factor = 3.0 * i / 60.0;
      double count = 0.0;
      for (std::size_t p = 0; p < scores.problems.size(); ++p) {
        double best = scores.last(p, 0);
        for (std::size_t k = 1; k < lines.size(); ++k) best = std::min(best, scores.last(p, k));
        count += scores.last(p, c) <= best + factor + 1e-12 ? 1.0 : 0.0;
      }
      lines[c].x.push_back(factor);
      lines[c].y.push_back(count / static_cast<double>(scores.problems.size()));
    }
  }
  return chart(
      scores, order, lines, 0.0, 1.0, "log10 of the factor",
      "Performance profile: share of the problems on which the regret at the end is within a "
      "factor of the best contestant's.");
}

std::string ranks(const Scores& scores, const Comparison& comparison,
                  const std::vector<std::size_t>& order) {
  std::string rows;
  for (const std::size_t c : order) {
    const bool is_told_apart =
        std::abs(comparison.mean_ranks[c] - comparison.mean_ranks[order[0]]) >
        comparison.critical_difference;
    rows += fmt::format(
        "<tr><td>{}</td><td>{}</td><td>{:.2f}{}</td><td>{:.2f}</td><td>{:.2f}</td>"
        "<td>{}</td><td>{:.2g} ms</td></tr>",
        scores.contestants[c], scores.versions.at(scores.contestants[c]), comparison.mean_ranks[c],
        is_told_apart ? " *" : "", comparison.anytime[c], comparison.last[c],
        c == comparison.reference ? "" : fmt::format("{:.2g}", comparison.holm[c]),
        1e3 * scores.ask_median[c]);
  }
  return fmt::format(
      "<table><tr><th>contestant</th><th>version</th><th>mean rank</th>"
      "<th>anytime score</th><th>at the end</th><th>Holm p against {}</th>"
      "<th>suggestion</th></tr>{}</table><p>* farther from the first than the "
      "critical difference, {:.2f} (Nemenyi, 5 %). Friedman p = {:.2g}.</p>",
      scores.contestants[comparison.reference], rows, comparison.critical_difference,
      comparison.friedman_p);
}

std::string problems(const Scores& scores, const std::vector<std::size_t>& order) {
  std::string head, rows;
  for (const std::size_t c : order) head += fmt::format("<th>{}</th>", scores.contestants[c]);
  for (std::size_t p = 0; p < scores.problems.size(); ++p) {
    rows += fmt::format("<tr><td>{}{}</td>", scores.problems[p].name,
                        scores.problems[p].is_fitted ? " (fitted)" : "");
    for (const std::size_t c : order) rows += fmt::format("<td>{:.2f}</td>", scores.last(p, c));
    rows += "</tr>";
  }
  return fmt::format("<table><tr><th>score at the end</th>{}</tr>{}</table>", head, rows);
}

}  // namespace

std::string efficiency_page(const Scores& scores, const Comparison& comparison) {
  const std::vector<std::size_t> order = by_rank(comparison);
  return "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sample efficiency</title>"
         "<style>body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem "
         "auto;padding:0 "
         "1rem}svg{width:100%}svg text{font-size:11px}.grid{stroke:#ddd}table{border-collapse:"
         "collapse;font-size:13px}td,th{padding:2px 8px;border-bottom:1px solid "
         "#ddd;text-align:left}"
         "</style><h1>Sample efficiency</h1>" +
         fmt::format("<p>{} problems, {} trials.</p>", scores.problems.size(), scores.budget) +
         ranks(scores, comparison, order) + "<h2>Anytime regret</h2>" + curves(scores, order) +
         "<h2>Performance profiles</h2>" + profiles(scores, order) + "<h2>Problems</h2>" +
         problems(scores, order) + "</html>\n";
}

}  // namespace trimtab::bench
