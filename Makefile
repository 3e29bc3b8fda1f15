# make demo   install what is needed, build, tune a real classifier twice, end with the reports' paths
# make test   install what is needed, build, run every test, end with the totals
# make bench  measure against the peers (own virtual environment, see docs/benchmarks.md)

.PHONY: demo test bench format install-deps build

demo test bench:
	@bash tools/$@.sh

build:
	@bash tools/build.sh release

install-deps:
	@bash tools/install_deps.sh test

format:
	@git ls-files '*.hpp' '*.cpp' | xargs clang-format-19 -i
