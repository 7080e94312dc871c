/** The look of the report: the colours and measures of the application, light and dark by the system, and plain on paper. */
export const style = `
:root{color-scheme:light dark;
--bg:light-dark(#F1F3F4,#15181B);--surface:light-dark(#F9FAFA,#1A1E22);--canvas:light-dark(#FFFFFF,#111416);
--line:light-dark(#DDE1E4,#2B3137);--line-2:light-dark(#B7BEC5,#4A535C);
--text:light-dark(#1A1F24,#E4E8EB);--text-2:light-dark(#474F58,#B0B8C0);--text-3:light-dark(#5D666F,#8D97A1);
--accent:light-dark(#006D7C,#52C2CF);--base:light-dark(#8A929A,#6D7781);
--better:light-dark(#1D7439,#63C583);--worse:light-dark(#B4302A,#F28B80);--caution:light-dark(#8A5A00,#E3B04F);
--fused:light-dark(#6D3BBF,#B99AF0);
--worse-tint:light-dark(#FBEAE8,#331C1B);--caution-tint:light-dark(#FBF1DC,#302611);
--sans:-apple-system,BlinkMacSystemFont,"Segoe UI Variable Text","Segoe UI",Roboto,Ubuntu,Cantarell,"Helvetica Neue",Arial,sans-serif;
--mono:ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,"Liberation Mono",monospace}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:400 12px/17px var(--sans);font-variant-numeric:tabular-nums;-webkit-text-size-adjust:100%}
h1,h2,h3,p,dl,dd,ul,ol,table,figure{margin:0;padding:0;font:inherit}
ul,ol{list-style:none}
main{max-width:1180px;margin:0 auto;padding:24px 16px 40px}
header{display:flex;flex-wrap:wrap;gap:4px 14px;align-items:baseline;margin-bottom:16px}
h1{font-size:18px;line-height:24px;font-weight:600;overflow-wrap:anywhere}
h2{font-size:13px;font-weight:600;margin:0 0 8px}
h3{font-size:12px;font-weight:600}
section{background:var(--canvas);border:1px solid var(--line);border-radius:5px;margin-bottom:16px}
section>h2,section>.pad{padding:10px 12px 0}
section>.pad:last-child{padding-bottom:12px}
.facts{color:var(--text-2)}
.mono{font-family:var(--mono);font-size:11px;letter-spacing:-.02em;overflow-wrap:anywhere}
.small,.unit{font-size:11px;color:var(--text-2)}
.quiet{color:var(--text-3)}.better{color:var(--better)}.worse{color:var(--worse)}.caution{color:var(--caution)}
.nw{white-space:nowrap}.tri{width:8px;height:8px;fill:currentColor;vertical-align:baseline}
.heads{display:grid;grid-template-columns:repeat(auto-fit,minmax(210px,1fr));gap:1px;border-top:1px solid var(--line)}
.heads>div{box-shadow:0 0 0 1px var(--line);padding:9px 12px 10px;min-width:0}
.heads>div:first-child:nth-last-child(1){grid-column:1/-1}
.heads .value{font-size:16px;line-height:22px;display:flex;flex-wrap:wrap;align-items:baseline;gap:0 6px}
.heads .value s{text-decoration:none;color:var(--text-3)}.heads .value b{font-weight:600}.heads .value span{font-size:12px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th{font-weight:400;font-size:11px;color:var(--text-2);text-align:left;vertical-align:bottom;padding:6px;background:var(--surface);border-block:1px solid var(--line);white-space:nowrap}
td{padding:4px 6px;border-top:1px solid var(--line);vertical-align:top}
tr>:first-child{padding-left:12px}tr>:last-child{padding-right:12px}
.r{text-align:right;white-space:nowrap}
td.kernels{font-size:11px;color:var(--text-2);max-width:180px;overflow-wrap:break-word}
td.mono{white-space:nowrap}
td.layer{overflow-wrap:anywhere}
@media print,(min-width:761px){td.layer{min-width:190px}}
tr.sum td{background:var(--surface)}tr.sum:not(.sum+.sum) td{border-top:1px solid var(--line-2)}
tr.whole td{font-weight:600;border-top:1px solid var(--line-2)}tr.whole td.small{font-weight:400}
td.bars{min-width:90px;width:14%}
td.bars svg{display:block;width:100%;height:14px;margin-top:2px}
.bar-base{fill:var(--base)}.bar-new{fill:var(--accent)}.whisker{fill:none;stroke:var(--text);stroke-width:1px;vector-effect:non-scaling-stroke}
.kv{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:2px 16px}
.kv dt{color:var(--text-2)}.kv dd{overflow-wrap:anywhere}
pre{margin:0;font:11px/18px var(--mono);white-space:pre-wrap;overflow-wrap:anywhere;background:var(--surface);border:1px solid var(--line);border-radius:3px;padding:8px 10px}
.note{border-left:3px solid var(--caution);background:var(--caution-tint);padding:6px 10px;border-radius:3px;margin-top:6px}
.note.bad{border-color:var(--worse);background:var(--worse-tint)}
a{color:var(--accent)}
.tag{display:inline-block;border:1px solid currentColor;border-radius:2px;padding:0 4px;font-size:11px;line-height:15px;font-weight:600;color:var(--accent)}
.waits{padding:6px 12px 12px}.waits .small{display:block}.waits li{display:grid;grid-template-columns:48px minmax(0,1fr);gap:10px;padding:2px 0}
.diff{border-top:1px solid var(--line);margin-top:6px}
.diff li{display:grid;grid-template-columns:48px minmax(0,1fr) minmax(0,1fr);gap:2px 10px;align-items:baseline;padding:4px 12px;border-bottom:1px solid var(--line)}
.diff li:last-child{border-bottom:0}
.times{text-align:right;font-weight:600}.boxes{display:flex;flex-wrap:wrap;gap:3px 5px;align-items:center}
.box{border:1px solid var(--line-2);border-radius:3px;padding:0 5px;font-size:11px;line-height:17px;background:var(--surface);overflow-wrap:anywhere}
.box.gone{border-style:dashed;color:var(--text-3)}.box.new{border-color:var(--better)}.box.fused{border-color:var(--fused)}.box.changed{border-color:var(--caution)}
.arrow{font-size:11px;white-space:nowrap}.arrow.fused{color:var(--fused)}.arrow.changed{color:var(--caution)}.arrow.added{color:var(--better)}.arrow.removed{color:var(--worse)}
.why{overflow-wrap:anywhere}
.storage{margin:6px 0 12px;align-items:baseline}
.stack{display:flex;height:12px;gap:1px;border-radius:2px;overflow:hidden}.stack span{min-width:1px}
.storage i{display:inline-block;width:8px;height:8px;border-radius:2px;margin-right:4px}
.storage .nw{margin-right:10px}
.shade-0{background:var(--accent)}.shade-1{background:var(--base)}.shade-2{background:var(--caution)}.shade-3{background:var(--better)}.shade-4{background:var(--fused)}.shade-graph{background:var(--line-2)}
.path{color:var(--text-2)}
.scatter{max-width:720px}.scatter text{font:11px var(--sans);fill:var(--text-2)}.scatter .axis{stroke:var(--line-2)}.scatter .grid{stroke:var(--line)}
.scatter .dot{fill:var(--accent)}.scatter .dot-base{fill:var(--canvas);stroke:var(--text);stroke-width:1.3}
footer{color:var(--text-3);font-size:11px}
@media screen and (max-width:760px){main{padding:12px 8px 24px}.wide{display:none}td,th{padding:5px 4px}table .words{display:none}.diff li{grid-template-columns:36px minmax(0,1fr);padding:5px 8px}.diff .why{grid-column:2}.kv:not(.storage){grid-template-columns:minmax(0,1fr);gap:0}.kv:not(.storage) dd{margin-bottom:6px}.mono{overflow-wrap:anywhere}tr>:first-child{padding-left:8px}tr>:last-child{padding-right:8px}}
@page{size:landscape;margin:10mm}
@media print{:root{color-scheme:light}body{background:none;font-size:10px;line-height:14px}th,td.kernels,.small,.unit,.mono,.box,.arrow{font-size:9px}td{padding:3px 4px}td.bars{min-width:70px;width:11%}main{max-width:none;padding:0}section{break-inside:auto;border-color:#999}tr,.heads,.kv,.diff li,.waits li,pre{break-inside:avoid}h2,h3{break-after:avoid}thead{display:table-header-group}.scroll{overflow:visible}td.kernels{max-width:none}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
`
