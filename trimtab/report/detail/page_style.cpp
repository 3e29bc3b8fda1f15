#include "trimtab/report/detail/page_style.hpp"

namespace trimtab {
namespace {

constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--bg:#f7f7f4;--card:#fff;--ink:#1d2125;--muted:#687078;--line:#e3e4df;
--accent:#2563a8;--soft:#c9d9ea;--best:#c2570c;--good:#1f7a4d;--bad:#b3382c;--warn:#9a6b00;
--violet:#7d4bb0;--teal:#0a808a;--rose:#b0307f;--olive:#66700a;
--good-bg:#eaf5ef;--bad-bg:#fbeeec;--warn-bg:#faf3e1}
@media(prefers-color-scheme:dark){:root{--bg:#14171a;--card:#1c2024;--ink:#e4e6e7;--muted:#99a1a8;
--line:#31373d;--accent:#72aee8;--soft:#33506d;--best:#f0964a;--good:#6cc598;--bad:#ee8a7d;--warn:#dcb257;
--violet:#c39be6;--teal:#58c3cc;--rose:#ea86bd;--olive:#b6be58;
--good-bg:#1a2c24;--bad-bg:#33211f;--warn-bg:#2f291b}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
-webkit-text-size-adjust:100%}
main{max-width:1060px;margin:0 auto;padding:40px 24px 64px}
h1{font-size:30px;line-height:1.2;margin:0 0 4px;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{font-size:18px;margin:0 0 2px;letter-spacing:-.005em}
figure{margin:0 0 22px}figure:last-child{margin-bottom:0}
figure h3{font-size:15px;font-weight:600;margin:6px 0 8px;overflow-wrap:anywhere}
figcaption{color:var(--muted);font-size:14px;margin-top:8px;max-width:78ch}
p{margin:0 0 8px}
.sub,.note{color:var(--muted)}
.note{font-size:14px;margin:0 0 10px;max-width:70ch}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:20px 22px;
margin-top:18px}
.verdict{border-left:5px solid var(--warn);background:var(--warn-bg);font-size:19px;line-height:1.45;
margin-top:24px;overflow-wrap:anywhere}
.verdict.good{border-left-color:var(--good);background:var(--good-bg)}
.verdict.bad{border-left-color:var(--bad);background:var(--bad-bg)}
.verdict p{margin:0;max-width:62ch}
.verdict small{display:block;color:var(--muted);font-size:13px;letter-spacing:.04em}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:1px;padding:0;
overflow:hidden}
.figures div{box-shadow:0 0 0 1px var(--line);padding:14px 18px}
.figures b{display:block;font-size:21px;font-weight:600;font-variant-numeric:tabular-nums;
overflow-wrap:anywhere;line-height:1.3}
.figures span{color:var(--muted);font-size:13px;overflow-wrap:anywhere}
svg{display:block;width:100%;height:auto;overflow:visible}
svg.narrow{display:none}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(280px,1fr));gap:20px 24px}
.tiles h3{font-size:14px;font-weight:600;margin:0 0 4px;overflow-wrap:anywhere}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:18px;align-items:start}
.pair section{min-width:0}
text{font-size:11.5px;fill:var(--muted);font-family:inherit;font-variant-numeric:tabular-nums}
text.axis{font-weight:600}
text.name{fill:var(--ink);font-size:12.5px}
text.halo{paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round}
path{fill:none}
.grid{stroke:var(--line);stroke-width:1}
.axis-line{stroke:var(--muted);stroke-width:1}
.dot{fill:var(--accent);fill-opacity:.55}
.dots{fill:none;stroke:var(--accent);stroke-width:4;stroke-linecap:round;stroke-opacity:.4}
.dot.faint{fill:var(--muted);fill-opacity:.4}
.dots.faint{stroke:var(--muted);stroke-opacity:.3}
.dot.early{fill-opacity:.22}.dots.early{stroke-opacity:.16}
.dot.middle{fill-opacity:.45}.dots.middle{stroke-opacity:.3}
.dot.late{fill-opacity:.8}.dots.late{stroke-opacity:.55}
.dot.front{fill:var(--best);fill-opacity:1}
.best-line{stroke:var(--best);stroke-width:2;stroke-linejoin:round}
.ring{fill:none;stroke:var(--best);stroke-width:2.5}
.thread{stroke-width:1;stroke-linejoin:round}
.thread.worst{stroke:var(--muted);stroke-opacity:.14}
.thread.middle{stroke:var(--accent);stroke-opacity:.25}
.thread.best{stroke:var(--best);stroke-opacity:.75;stroke-width:1.3}
.curve{stroke:var(--accent);stroke-opacity:.4;stroke-width:1.2;stroke-linejoin:round;
stroke-linecap:round}
.curve.stopped{stroke:var(--muted);stroke-opacity:.4}
.curve.best{stroke:var(--best);stroke-opacity:1;stroke-width:2.2}
.bar{fill:var(--accent)}
.run{fill:var(--accent);fill-opacity:.75}
.run.fresh{fill:var(--good)}.run.pruned{fill:var(--muted);fill-opacity:.5}
.run.failed{fill:var(--bad);fill-opacity:1}.run.running{fill:var(--warn)}
.key{display:inline-block;white-space:nowrap;margin-right:14px}
.key i{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:5px}
.s0{--c:var(--accent)}.s1{--c:var(--good)}.s2{--c:var(--violet)}.s3{--c:var(--teal)}
.s4{--c:var(--rose)}.s5{--c:var(--olive)}.strong{--c:var(--best)}.quiet{--c:var(--muted)}
.f-line{stroke:var(--c);stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
.f-line.strong{stroke-width:2.4}.f-line.quiet{stroke-opacity:.45;stroke-width:1.2}
.f-line.dashed{stroke-dasharray:7 4}
.f-rule{stroke:var(--c);stroke-width:1.3;stroke-dasharray:4 4}
.f-dot{fill:var(--c);fill-opacity:.7}
.f-dot.dots{fill:none;stroke:var(--c);stroke-width:4;stroke-linecap:round;stroke-opacity:.45}
.f-dot.quiet{fill-opacity:.4}.f-dot.quiet.dots{stroke-opacity:.3}
.f-dot.dashed{fill-opacity:.2;stroke:var(--c);stroke-width:1.2}
.f-diamond{stroke:var(--c);stroke-width:1.8}
.f-bar{fill:var(--c)}.f-bar.quiet{fill-opacity:.35}.f-bar.dashed{fill-opacity:.55}
.f-band{fill:var(--c);fill-opacity:.14}.f-band.quiet{fill-opacity:.1}
.f-whisker{stroke:var(--c);stroke-width:1.6}.f-whisker.over{stroke:var(--ink)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;min-width:55%;font-size:14px;font-variant-numeric:tabular-nums}
th{text-align:left;font-weight:600;color:var(--muted);font-size:13px}
th,td{padding:6px 14px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}
td.n,th.n{text-align:right;white-space:nowrap;padding:6px 14px}
td:first-child{white-space:nowrap}td.w:first-child{white-space:normal}
td.k{color:var(--muted);white-space:nowrap;width:1%}
td.w,code,pre{overflow-wrap:anywhere}
code,pre{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
pre{background:var(--bg);border:1px solid var(--line);border-radius:6px;padding:10px 12px;margin:6px 0;
white-space:pre-wrap}
pre.lines{white-space:pre;overflow-x:auto;overflow-wrap:normal}
summary{cursor:pointer;color:var(--accent);font-size:14px;margin-top:10px}
footer{color:var(--muted);font-size:13px;margin-top:24px}
@media(max-width:700px){main{padding:22px 12px 40px}h1{font-size:24px}
section{padding:14px 14px;margin-top:12px}.verdict{font-size:17px}
.figures{padding:0;grid-template-columns:1fr 1fr}.figures div{padding:11px 14px}.figures b{font-size:18px}
.pair{grid-template-columns:1fr;gap:0}.tiles{grid-template-columns:1fr}
svg.wide{display:none}svg.narrow{display:block}}
@media print{body{background:#fff}section{break-inside:avoid}}
)css";

}  // namespace

std::string_view page_style() { return kStyle; }

}  // namespace trimtab
