#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>
#include <thread>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/cli/commands.hpp"
#include "trimtab/cli/interrupt_guard.hpp"
#include "trimtab/cli/open_study.hpp"
#include "trimtab/cli/run_to_end.hpp"

namespace trimtab {
namespace {

// What a study would run, as text that can be compared; "" = nothing.
std::string program_text(const StudySpec& spec) {
  if (spec.program.command.empty() && spec.program.workload.empty()) return "";
  return spec.to_json()["program"].dump();
}

class Worker {
 public:
  Worker(const WorkerArguments& arguments, CommandContext context)
      : arguments_(arguments), context_(context) {
    for (const std::string& file : arguments.allowed) {
      allowed_.insert(program_text(read_study_file(file, {}, context.registry)));
    }
    storage_ = context.registry.open_storage(arguments.run.storage);
    for (const std::string& name : arguments.studies) require_known(name);
  }

  int serve() {
    const InterruptGuard guard;
    while (InterruptGuard::counter() == 0) {
      if (run_next()) continue;
      if (arguments_.is_once) return kSuccess;
      rest();
    }
    say(fmt::format("drained after {} studies", num_done_));
    return kSuccess;
  }

 private:
  void require_known(const std::string& name) const {
    if (!arguments_.is_once || storage_->find_study(name)) return;
    Study::open(name, context_.registry, storage_);  // throws with the nearest name
  }

  bool is_wanted(const std::string& name) const {
    const auto& names = arguments_.studies;
    return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
  }

  // A storage never makes this machine run something that its operator did not ask for.
  bool may_run(const StudySpec& spec) {
    const std::string text = program_text(spec);
    if (text.empty()) {
      say_once(spec.name, "it has no program; its trials are run elsewhere");
      return false;
    }
    const bool is_native = spec.program.command.empty();
    if (is_native || arguments_.may_run_anything || allowed_.contains(text)) return true;
    say_once(spec.name, "its program is not allowed here: " + quote(spec.program.command) +
                            " (--allow a study file with the same [program], or --allow-any)");
    return false;
  }

  // A study that was done may have been given more to do since.
  Study& open(const StudyRecord& record) {
    const auto found = open_.find(record.id);
    if (found == open_.end()) {
      return open_.emplace(record.id, Study::open(record.name, context_.registry, storage_))
          .first->second;
    }
    found->second.refresh();
    return found->second;
  }

  // Runs the oldest study that has something to do. Returns false when there is none.
  bool run_next() {
    for (const StudyRecord& record : storage_->list_studies()) {
      if (!is_wanted(record.name)) continue;
      Study& study = open(record);
      const StudySpec spec = study.spec();
      if (!may_run(spec) || study.stage() == Stage::Done) continue;
      say("study " + record.name);
      if (run_opened(study, spec, arguments_.run, context_) != Runner::End::Done) return true;
      ++num_done_;
      say("study " + record.name + " is done");
      return true;
    }
    return false;
  }

  void rest() const {
    const Stopwatch elapsed;
    while (elapsed.seconds() < arguments_.poll_seconds && InterruptGuard::counter() == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

  void say(const std::string& text) const {
    if (!arguments_.run.is_quiet) context_.err << "worker: " << text << std::endl;
  }
  void say_once(const std::string& study, const std::string& text) {
    if (told_.insert(study).second) say("study " + study + ": " + text);
  }

  const WorkerArguments& arguments_;
  CommandContext context_;
  std::shared_ptr<Storage> storage_;
  std::set<std::string> allowed_, told_;
  std::map<StudyId, Study> open_;
  int num_done_ = 0;
};

}  // namespace

int run_worker(const WorkerArguments& arguments, CommandContext context) {
  return Worker(arguments, context).serve();
}

}  // namespace trimtab
