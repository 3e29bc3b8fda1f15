#include <fmt/core.h>
#include <unistd.h>

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
#include "trimtab/cli/soup_ingredients.hpp"
#include "trimtab/numerics/soup/recipes.hpp"

namespace trimtab {
namespace {

// Evaluates single files and soups of them; a soup stands on disk only while it is looked at.
class Kitchen {
 public:
  Kitchen(const SoupArguments& arguments, const SoupIngredients& ingredients,
          std::ostream& progress)
      : ingredients_(ingredients),
        evaluation_(arguments.evaluate, ingredients.metric),
        candidate_(arguments.output + ".candidate" + std::to_string(::getpid())),
        is_silent_(arguments.is_json),
        progress_(progress) {}
  Kitchen(const Kitchen&) = delete;
  Kitchen& operator=(const Kitchen&) = delete;
  ~Kitchen() { ::unlink(candidate_.c_str()); }

  double score_of_file(const std::string& path) const { return say(path, evaluation_(path)); }

  double score_of_soup(std::span<const std::size_t> ingredients) const {
    std::vector<std::string> paths;
    std::string names;
    for (const std::size_t i : ingredients) {
      paths.push_back(ingredients_.files[i]);
      names += (names.empty() ? "" : " + ") + ingredients_.files[i];
    }
    write_mean_of_files(paths, candidate_);
    return say(names, evaluation_(candidate_));
  }

 private:
  double say(const std::string& name, double value) const {
    if (!is_silent_) {
      progress_ << fmt::format("{}={} {}\n", ingredients_.metric, format_short(value, 6), name);
    }
    return ingredients_.sign * value;
  }

  const SoupIngredients& ingredients_;
  FileEvaluation evaluation_;
  std::string candidate_;
  bool is_silent_;
  std::ostream& progress_;
};

struct Soup {
  std::vector<std::size_t> ingredients = {};
  std::optional<double> score = {};  ///< nothing without evaluation
};

// Fills in the scores of the single files where nobody knows them.
Soup choose(const SoupArguments& arguments, SoupIngredients& found, std::ostream& progress) {
  Soup soup;
  soup.ingredients.resize(found.files.size());
  std::iota(soup.ingredients.begin(), soup.ingredients.end(), std::size_t{0});
  if (arguments.evaluate.empty()) return soup;
  const Kitchen kitchen(arguments, found, progress);
  if (found.scores.empty()) {
    for (const std::string& path : found.files) found.scores.push_back(kitchen.score_of_file(path));
  }
  if (arguments.recipe == "greedy") {
    GreedySoup greedy = greedy_soup(found.scores, [&](std::span<const std::size_t> ingredients) {
      return kitchen.score_of_soup(ingredients);
    });
    soup.ingredients = std::move(greedy.ingredients);
    soup.score = greedy.score;
  } else {
    soup.score = kitchen.score_of_soup(soup.ingredients);
  }
  return soup;
}

std::string verdict_of(const SoupArguments& arguments, const SoupIngredients& found,
                       const Soup& soup) {
  const std::string what = fmt::format("{}: the mean of {} of {} files", arguments.output,
                                       soup.ingredients.size(), found.files.size());
  if (!soup.score) return what + "; not evaluated";
  const std::size_t best = by_score(found.scores).front();
  const std::string best_value = format_short(found.value(found.scores[best]), 6);
  if (soup.ingredients.size() == 1) {
    return fmt::format("no soup was better than {} alone ({} {}), so {} is a copy of it",
                       found.files[best], found.metric, best_value, arguments.output);
  }
  return fmt::format("{}; {} {}, best single file {} ({}){}", what, found.metric,
                     format_short(found.value(*soup.score), 6), best_value, found.files[best],
                     arguments.recipe == "greedy"
                         ? "; the soup was chosen by this score, which flatters it: judge it on "
                           "other data"
                         : "");
}

Json json_of(const SoupArguments& arguments, const SoupIngredients& found, const Soup& soup,
             const MeanOfFiles& mean) {
  Json json = {{"output", arguments.output},
               {"recipe", arguments.recipe},
               {"ingredients", Json::array()},
               {"averaged_numbers", mean.num_averaged},
               {"taken_from_first", mean.taken_from_first},
               {"metric", found.metric},
               {"value", soup.score ? Json(found.value(*soup.score)) : Json(nullptr)},
               {"singles", Json::array()},
               {"trials_without_file", found.num_missing}};
  for (const std::size_t i : soup.ingredients) json["ingredients"].push_back(found.files[i]);
  for (std::size_t i = 0; i < found.scores.size(); ++i) {
    json["singles"].push_back({{"file", found.files[i]}, {"value", found.value(found.scores[i])}});
  }
  return json;
}

}  // namespace

int make_soup(const SoupArguments& arguments, CommandContext context) {
  if (arguments.recipe == "greedy" && arguments.evaluate.empty()) {
    throw UserError({.code = "soup.arguments",
                     .what = "a greedy soup needs to know how good its candidates are",
                     .where = "trimtab soup",
                     .got = "",
                     .expected = "--evaluate COMMAND",
                     .hint = ""});
  }
  require_output_place(arguments.output, "--output");
  SoupIngredients found = find_soup_ingredients(arguments, context.registry);
  const Soup soup = choose(arguments, found, context.err);
  std::vector<std::string> chosen;
  for (const std::size_t i : soup.ingredients) chosen.push_back(found.files[i]);
  const MeanOfFiles mean = write_mean_of_files(chosen, arguments.output);
  if (arguments.is_json) {
    context.out << json_of(arguments, found, soup, mean).dump(2) << '\n';
    return kSuccess;
  }
  context.out << verdict_of(arguments, found, soup) << '\n'
              << fmt::format("{} numbers averaged\n", mean.num_averaged);
  if (found.num_missing > 0) {
    context.out << fmt::format("{} complete trials have no file\n", found.num_missing);
  }
  if (!mean.taken_from_first.empty()) {
    context.out << fmt::format("whole numbers that differ were taken from {}: {} tensors\n",
                               chosen.front(), mean.taken_from_first.size());
  }
  return kSuccess;
}

}  // namespace trimtab
