"""The report's own style sheet, light and dark; it stands inside the file, so that the file stands alone."""

STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#5b6470;--line:#d8dde3;--paper:#fff;--panel:#f6f8fa;--a:#0b7a4b;
--b:#b4540a;--c:#2f5fd0}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#9aa4b0;--line:#333b45;--paper:#14181d;--panel:#1b2027;
--a:#3fbf86;--b:#f0944d;--c:#7da2ff}}
body{margin:0;background:var(--paper);color:var(--ink);
font:15px/1.55 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:1080px;margin:0 auto;padding:24px 20px 60px}
h1{font-size:26px;margin:0 0 4px}h2{font-size:19px;margin:34px 0 10px;border-bottom:1px solid var(--line);
padding-bottom:4px}
small{color:var(--soft);font-weight:400;font-size:.84em}.name{color:var(--soft);margin:0 0 14px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 18px;margin:0}dt{color:var(--soft)}dd{margin:0;
overflow-wrap:anywhere}
.verdict{background:var(--panel);border-left:4px solid var(--a);padding:12px 16px;margin:0;border-radius:4px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{text-align:left;padding:6px 10px;
border-bottom:1px solid var(--line);vertical-align:top}
thead th{font-weight:600;white-space:nowrap}tbody th{font-weight:500}.numbers td,.numbers th{text-align:right}
.numbers td:first-child,.numbers th:first-child{text-align:left}
.note{color:var(--soft);font-size:.86em}section{overflow-x:auto}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(340px,1fr));gap:18px}figure{margin:0;
background:var(--panel);padding:12px;border-radius:6px}
figcaption{font-weight:600;margin-bottom:6px}.plot{width:100%;height:auto}.plot text{font-size:12px;fill:var(--soft)}
.plot .legend{fill:var(--ink)}
.frame{fill:none;stroke:var(--line)}.grid{stroke:var(--line);stroke-width:.6}.line{fill:none;stroke-width:2}
.line.a{stroke:var(--a)}.line.b{stroke:var(--b)}.line.c{stroke:var(--c)}.line.grey{stroke:var(--soft)}
.bar.a,.dot.a{fill:var(--a)}.bar.b,.dot.b{fill:var(--b)}.bar.c,.dot.c{fill:var(--c)}
.bar.grey,.dot.grey{fill:var(--soft)}.bar{opacity:.85}
details{border:1px solid var(--line);border-radius:6px;margin:8px 0;padding:4px 12px}summary{cursor:pointer;
padding:4px 0;font-weight:600}
td small{white-space:nowrap}li{margin:6px 0}code{background:var(--panel);padding:1px 5px;border-radius:3px;font-size:.88em}
@media print{details{break-inside:avoid}}
"""
