#include "trimtab/base/weights/mean_of_files.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

#include "trimtab/base/error.hpp"
#include "trimtab/base/file_draft.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/base/weights/safetensors.hpp"

namespace trimtab {
namespace {

constexpr std::uint64_t kChunk = 1 << 16;  // numbers

[[noreturn]] void refuse(const std::string& where, const std::string& what, const std::string& got,
                         const std::string& expected) {
  throw UserError({.code = "soup.tensors",
                   .what = what,
                   .where = where,
                   .got = got,
                   .expected = expected,
                   .hint = "a soup needs models of one architecture"});
}

std::string describe(const TensorEntry& tensor) {
  std::string shape;
  for (const std::uint64_t size : tensor.shape) {
    shape += fmt::format("{}{}", shape.empty() ? "" : ", ", size);
  }
  return fmt::format("{} [{}]", name_of(tensor.format), shape);
}

// The tensor of every file, the first one's first. @throws UserError when one has another.
std::vector<const TensorEntry*> same_tensor(std::span<const SafetensorsFile> files,
                                            const TensorEntry& first) {
  std::vector<const TensorEntry*> found;
  for (const SafetensorsFile& file : files) {
    const TensorEntry* tensor = file.header().find(first.name);
    if (tensor == nullptr) {
      refuse(file.path(), "a tensor is missing", "", quote(first.name) + " of " + files[0].path());
    }
    if (tensor->format != first.format || tensor->shape != first.shape) {
      refuse(fmt::format("{}, tensor {}", file.path(), quote(first.name)),
             "a tensor is not like the first file's", describe(*tensor), describe(first));
    }
    found.push_back(tensor);
  }
  return found;
}

// A piece of a tensor, of all files.
class Chunk {
 public:
  Chunk(std::span<const SafetensorsFile> files, std::span<const TensorEntry* const> tensors)
      : files_(files), tensors_(tensors), format_(tensors[0]->format) {}

  // The mean of `count` numbers from `begin` on, as bytes; `has_differences` when some differ.
  std::span<const std::byte> mean(std::uint64_t begin, std::size_t count, bool& has_differences) {
    const std::size_t width = bytes_of(format_);
    first_.resize(count * width);
    files_[0].read(*tensors_[0], begin * width, first_);
    is_same_.assign(count, 1);
    sums_.assign(is_averageable(format_) ? count : 0, 0.0);
    if (!sums_.empty()) add_numbers(format_, first_, sums_);
    for (std::size_t k = 1; k < files_.size(); ++k) {
      other_.resize(first_.size());
      files_[k].read(*tensors_[k], begin * width, other_);
      compare(width);
      if (!sums_.empty()) add_numbers(format_, other_, sums_);
    }
    has_differences = std::find(is_same_.begin(), is_same_.end(), 0) != is_same_.end();
    if (has_differences && !sums_.empty()) replace_what_differs(width);
    return first_;
  }

 private:
  void compare(std::size_t width) {
    if (first_ == other_) return;
    for (std::size_t i = 0; i < is_same_.size(); ++i) {
      const auto at = static_cast<std::ptrdiff_t>(i * width);
      if (!std::equal(first_.begin() + at, first_.begin() + at + static_cast<std::ptrdiff_t>(width),
                      other_.begin() + at)) {
        is_same_[i] = 0;
      }
    }
  }

  void replace_what_differs(std::size_t width) {
    for (double& sum : sums_) sum /= static_cast<double>(files_.size());
    other_.resize(first_.size());
    store_numbers(format_, sums_, other_);
    for (std::size_t i = 0; i < is_same_.size(); ++i) {
      if (is_same_[i] != 0) continue;
      std::copy_n(other_.begin() + static_cast<std::ptrdiff_t>(i * width), width,
                  first_.begin() + static_cast<std::ptrdiff_t>(i * width));
    }
  }

  std::span<const SafetensorsFile> files_;
  std::span<const TensorEntry* const> tensors_;
  NumberFormat format_;
  std::vector<std::byte> first_, other_;
  std::vector<unsigned char> is_same_;  // number by number: do all files agree?
  std::vector<double> sums_;
};

void append_tensor(std::span<const SafetensorsFile> files, const TensorEntry& first,
                   FileDraft& draft, MeanOfFiles& result) {
  const std::vector<const TensorEntry*> tensors = same_tensor(files, first);
  Chunk chunk(files, tensors);
  bool differs = false;
  for (std::uint64_t begin = 0; begin < first.num_numbers; begin += kChunk) {
    const auto count = static_cast<std::size_t>(std::min(kChunk, first.num_numbers - begin));
    bool has_differences = false;
    const std::span<const std::byte> bytes = chunk.mean(begin, count, has_differences);
    differs = differs || has_differences;
    draft.append({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  if (is_averageable(first.format)) {
    result.num_averaged += first.num_numbers;
  } else if (differs &&
             (first.format == NumberFormat::F8E4M3 || first.format == NumberFormat::F8E5M2)) {
    refuse(fmt::format("{}, tensor {}", files[0].path(), quote(first.name)),
           "8-bit floating numbers are not averaged", describe(first), "F16, BF16, F32 or F64");
  } else if (differs) {
    result.taken_from_first.push_back(first.name);
  }
}

}  // namespace

MeanOfFiles write_mean_of_files(std::span<const std::string> paths, const std::string& output) {
  if (paths.empty()) refuse("soup", "there is nothing to average", "", "at least one file");
  std::vector<SafetensorsFile> files;
  for (const std::string& path : paths) files.emplace_back(path);
  const std::vector<TensorEntry>& tensors = files.front().header().tensors;
  for (const SafetensorsFile& file : files) {
    if (file.header().tensors.size() == tensors.size()) continue;
    refuse(file.path(), "the files have different tensors",
           fmt::format("{} tensors", file.header().tensors.size()),
           fmt::format("{} as in {}", tensors.size(), files.front().path()));
  }
  MeanOfFiles result;
  FileDraft draft(output);
  draft.append(files.front().preamble());
  for (const TensorEntry& tensor : tensors) append_tensor(files, tensor, draft, result);
  draft.commit();
  return result;
}

}  // namespace trimtab
