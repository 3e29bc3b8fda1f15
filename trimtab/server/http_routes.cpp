#include "trimtab/server/http_routes.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/run_analyses.hpp"
#include "trimtab/report/detail/study_facts.hpp"
#include "trimtab/report/html.hpp"
#include "trimtab/report/table.hpp"
#include "trimtab/server/open_api.hpp"

namespace trimtab::server {
namespace {

constexpr std::string_view kStudies = "/api/studies/";
constexpr std::string_view kPages = "/studies/";

HttpAnswer json_answer(const Json& json, int status = 200) {
  return {status, "application/json", pretty_json(json) + "\n"};
}

HttpAnswer refusal(int status, const ErrorInfo& info) {
  return json_answer({{"error", info.what}, {"got", info.got}, {"code", info.code}}, status);
}

HttpAnswer not_found(std::string_view path) {
  return refusal(404, {.code = "server.no_page",
                       .what = "there is no such page",
                       .where = "",
                       .got = std::string(path),
                       .expected = "",
                       .hint = ""});
}

bool ends(std::string_view& text, std::string_view ending) {
  if (!text.ends_with(ending)) return false;
  text.remove_suffix(ending.size());
  return true;
}

// For HTML: what a name may not do to a page.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '&' || c == '<' || c == '>' || c == '"' || c == '\'') {
      result += "&#" + std::to_string(static_cast<int>(c)) + ";";
    } else {
      result += c;
    }
  }
  return result;
}

// For a link: everything but letters, digits and -._~ as %XX.
std::string link_text(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') ||
                          std::string_view("-._~").find(c) != std::string_view::npos;
    if (is_plain) {
      result += c;
    } else {
      result += '%';
      result += kDigits[byte >> 4];
      result += kDigits[byte & 15];
    }
  }
  return result;
}

Json trials_from(const StudyView& view, std::int64_t after) {
  Json trials = Json::array();
  for (std::int64_t number = std::max<std::int64_t>(after, 0); number < view.history.size();
       ++number) {
    trials.push_back(trial_json(view, number));
  }
  return trials;
}

Json counts_json(const History& history) {
  return {{"trials", history.size()},
          {"running", history.count(TrialState::Running)},
          {"waiting", history.count(TrialState::Waiting)},
          {"complete", history.count(TrialState::Complete)},
          {"pruned", history.count(TrialState::Pruned)},
          {"failed", history.count(TrialState::Failed)}};
}

}  // namespace

HttpRoutes::HttpRoutes(const Registry& registry, std::shared_ptr<Storage> storage,
                       std::function<std::string()> metrics)
    : registry_(registry), storage_(std::move(storage)), metrics_(std::move(metrics)) {}

HttpAnswer HttpRoutes::get(std::string_view path, std::int64_t after) {
  try {
    if (path == "/") return index();
    if (path == "/healthz") return {200, "text/plain", "ok\n"};
    if (path == "/metrics") return {200, "text/plain; version=0.0.4", metrics_()};
    if (path == "/openapi.json") return {200, "application/json", std::string(open_api_document())};
    if (path == "/api/studies") return json_answer(list());
    if (path.starts_with(kStudies)) return get_study(path.substr(kStudies.size()), after);
    if (path.starts_with(kPages)) return page(std::string(path.substr(kPages.size())));
    return not_found(path);
  } catch (const UserError& error) {
    return refusal(404, error.info());
  } catch (const EnvironmentError& error) {
    return refusal(503, error.info());
  }
}

// NAME, NAME/trials, NAME/trials.csv, NAME/best. A name may hold slashes.
HttpAnswer HttpRoutes::get_study(std::string_view rest, std::int64_t after) {
  const bool is_csv = ends(rest, "/trials.csv");
  const bool is_trials = !is_csv && ends(rest, "/trials");
  const bool is_best = !is_csv && !is_trials && ends(rest, "/best");
  const std::shared_ptr<Study> study = open(std::string(rest));
  HttpAnswer answer;
  study->view([&](const StudyView& view) {
    if (is_csv) {
      answer = {200, "text/csv", trials_csv(view)};
    } else if (is_trials) {
      answer = json_answer(trials_from(view, after));
    } else if (is_best) {
      answer = json_answer(best_json(view));
    } else {
      answer = json_answer(study_json(view, {}));
    }
  });
  return answer;
}

HttpAnswer HttpRoutes::page(const std::string& name) {
  const std::shared_ptr<Study> study = open(name);
  HttpAnswer answer;
  study->view([&](const StudyView& view) {
    answer = {200, "text/html; charset=utf-8", html_report(view, run_analyses(view, registry_))};
  });
  return answer;
}

Json HttpRoutes::state_of(const std::string& name) {
  const std::shared_ptr<Study> study = open(name);
  Json state;
  study->view([&](const StudyView& view) {
    state = counts_json(view.history);
    state["best"] = best_json(view);
  });
  return state;
}

Json HttpRoutes::list() {
  Json studies = Json::array();
  for (const StudyRecord& record : storage_->list_studies()) {
    studies.push_back({{"name", record.name},
                       {"created", format_time(record.created)},
                       {"url", std::string(kStudies) + link_text(record.name)}});
  }
  return studies;
}

HttpAnswer HttpRoutes::index() {
  std::string body =
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Trimtab</title>"
      "<h1>Studies</h1><ul>";
  for (const StudyRecord& record : storage_->list_studies()) {
    const std::string link = link_text(record.name);
    body += "<li><a href=\"/studies/" + link + "\">" + escaped(record.name) +
            "</a> (<a href=\"/api/studies/" + link +
            "/trials.csv\">CSV</a>, <a href=\"/api/studies/" + link + "/trials\">JSON</a>)";
  }
  return {200, "text/html; charset=utf-8", body + "</ul></html>\n"};
}

std::shared_ptr<Study> HttpRoutes::open(const std::string& name) {
  const std::optional<StudyRecord> record = storage_->find_study(name);
  std::shared_ptr<Study> study;
  {
    const std::lock_guard lock(mutex_);
    const auto found = open_.find(name);
    if (record && found != open_.end() && found->second.id == record->id) {
      study = found->second.study;
    } else if (found != open_.end()) {
      open_.erase(found);
    }
  }
  if (study == nullptr) {
    study = std::make_shared<Study>(Study::open(name, registry_, storage_));
    const std::lock_guard lock(mutex_);
    open_[name] = {record ? record->id : 0, study};
  } else {
    study->refresh();
  }
  return study;
}

}  // namespace trimtab::server
