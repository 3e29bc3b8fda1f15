#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <ostream>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/base/weights/mean_of_files.hpp"
#include "trimtab/cli/commands.hpp"
#include "trimtab/cli/file_evaluation.hpp"
#include "trimtab/cli/output_file.hpp"
#include "trimtab/numerics/soup/recipes.hpp"

namespace trimtab {
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& expected) {
  throw UserError({.code = "soup.arguments",
                   .what = what,
                   .where = "trimtab soup",
                   .got = "",
                   .expected = expected,
                   .hint = ""});
}

// Evaluates single files and soups of them; a soup stands on disk only while it is looked at.
class Kitchen {
 public:
  Kitchen(const SoupArguments& arguments, std::ostream& progress)
      : arguments_(arguments),
        evaluation_(arguments.evaluate, arguments.score),
        candidate_(arguments.output + ".candidate" + std::to_string(::getpid())),
        progress_(progress) {}
  Kitchen(const Kitchen&) = delete;
  Kitchen& operator=(const Kitchen&) = delete;
  ~Kitchen() { ::unlink(candidate_.c_str()); }

  double of_file(const std::string& path) const { return say(path, evaluation_(path)); }

  double of_soup(std::span<const std::size_t> ingredients) const {
    std::vector<std::string> paths;
    std::string names;
    for (const std::size_t i : ingredients) {
      paths.push_back(arguments_.files[i]);
      names += (names.empty() ? "" : " + ") + arguments_.files[i];
    }
    write_mean_of_files(paths, candidate_);
    return say(names, evaluation_(candidate_));
  }

 private:
  double say(const std::string& name, double score) const {
    if (!arguments_.is_json) {
      progress_ << fmt::format("{}={} {}\n", arguments_.score, format_short(score, 6), name);
    }
    return score;
  }

  const SoupArguments& arguments_;
  FileEvaluation evaluation_;
  std::string candidate_;
  std::ostream& progress_;
};

struct Soup {
  std::vector<std::size_t> ingredients = {};
  std::vector<double> scores = {};   ///< of the single files; empty without evaluation
  std::optional<double> score = {};  ///< of the soup
};

Soup choose(const SoupArguments& arguments, std::ostream& progress) {
  Soup soup;
  soup.ingredients.resize(arguments.files.size());
  std::iota(soup.ingredients.begin(), soup.ingredients.end(), std::size_t{0});
  if (arguments.evaluate.empty()) return soup;
  const Kitchen kitchen(arguments, progress);
  for (const std::string& path : arguments.files) soup.scores.push_back(kitchen.of_file(path));
  if (arguments.recipe == "greedy") {
    GreedySoup greedy = greedy_soup(soup.scores, [&](std::span<const std::size_t> ingredients) {
      return kitchen.of_soup(ingredients);
    });
    soup.ingredients = std::move(greedy.ingredients);
    soup.score = greedy.score;
  } else {
    soup.score = kitchen.of_soup(soup.ingredients);
  }
  return soup;
}

std::string verdict_of(const SoupArguments& arguments, const Soup& soup) {
  const std::string what = fmt::format("{}: the mean of {} of {} files", arguments.output,
                                       soup.ingredients.size(), arguments.files.size());
  if (!soup.score) return what + "; not evaluated";
  const std::size_t best = by_score(soup.scores).front();
  if (soup.ingredients.size() == 1) {
    return fmt::format("no soup was better than {} alone ({} {}), so {} is a copy of it",
                       arguments.files[best], arguments.score, format_short(soup.scores[best], 6),
                       arguments.output);
  }
  return fmt::format("{}; {} {}, best single file {} ({}){}", what, arguments.score,
                     format_short(*soup.score, 6), format_short(soup.scores[best], 6),
                     arguments.files[best],
                     arguments.recipe == "greedy"
                         ? "; the soup was chosen by this score, which flatters it: judge it on "
                           "other data"
                         : "");
}

Json json_of(const SoupArguments& arguments, const Soup& soup, const MeanOfFiles& mean) {
  Json json = {{"output", arguments.output},
               {"recipe", arguments.recipe},
               {"ingredients", Json::array()},
               {"averaged_numbers", mean.num_averaged},
               {"taken_from_first", mean.taken_from_first},
               {"score", soup.score ? Json(*soup.score) : Json(nullptr)},
               {"singles", Json::array()}};
  for (const std::size_t i : soup.ingredients) json["ingredients"].push_back(arguments.files[i]);
  for (std::size_t i = 0; i < soup.scores.size(); ++i) {
    json["singles"].push_back({{"file", arguments.files[i]}, {"score", soup.scores[i]}});
  }
  return json;
}

}  // namespace

int make_soup(const SoupArguments& arguments, CommandContext context) {
  if (arguments.files.size() < 2) refuse("one file is no soup", "two or more files");
  if (arguments.recipe == "greedy" && arguments.evaluate.empty()) {
    refuse("a greedy soup needs to know how good its candidates are", "--evaluate COMMAND");
  }
  require_output_place(arguments.output, "--output");
  const Soup soup = choose(arguments, context.err);
  std::vector<std::string> chosen;
  for (const std::size_t i : soup.ingredients) chosen.push_back(arguments.files[i]);
  const MeanOfFiles mean = write_mean_of_files(chosen, arguments.output);
  if (arguments.is_json) {
    context.out << json_of(arguments, soup, mean).dump(2) << '\n';
    return kSuccess;
  }
  context.out << verdict_of(arguments, soup) << '\n'
              << fmt::format("{} numbers averaged\n", mean.num_averaged);
  if (!mean.taken_from_first.empty()) {
    context.out << fmt::format("whole numbers that differ were taken from {}: {} tensors\n",
                               chosen.front(), mean.taken_from_first.size());
  }
  return kSuccess;
}

}  // namespace trimtab
