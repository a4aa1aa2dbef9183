"""How the page looks: on a screen, light or dark, on paper, and on a telephone. Colours of Okabe and Ito (2008)."""

CSS = """
:root{--page:#fff;--ink:#1d2329;--soft:#59636e;--rule:#d5dae0;--box:#f5f7f9;--up:#0072b2;--down:#d55e00;--field:#d55e00;
--other:#7a4f9a;--rest:#9aa3ad;--warn:#8a5300;--bad:#a33000;--good:#00684a;--p:0,114,178;--n:213,94,0}
@media (prefers-color-scheme:dark){:root{--page:#14181c;--ink:#e4e8ec;--soft:#a3adb8;--rule:#39424b;--box:#1d2329;
--up:#56b4e9;--down:#f0903f;--field:#f0903f;--other:#cfa6ea;--rest:#737d88;--warn:#f0c060;--bad:#ff9a70;--good:#5fd0a5;
--p:86,180,233;--n:240,144,63}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1120px;margin:0 auto;padding:20px 24px 60px}
h1{font-size:1.05rem;margin:0;color:var(--soft);font-weight:600}
h2{font-size:1.5rem;line-height:1.25;margin:2.6rem 0 .6rem;padding-top:1rem;border-top:2px solid var(--rule)}
h3{font-size:1.03rem;line-height:1.3;margin:1.2rem 0 .3rem}
p,ul{max-width:76ch;margin:.4rem 0 .8rem}ul{padding-left:1.2rem}li{margin:.25rem 0}
bdi,h3,th,td,dd,li,p{overflow-wrap:anywhere}
nav{display:flex;flex-wrap:wrap;gap:.2rem 1rem;margin:.6rem 0 0;font-size:.9rem}
nav a{color:var(--up);white-space:nowrap}
.big{font-size:clamp(1.7rem,4.4vw,2.7rem);line-height:1.15;font-weight:700;margin:.8rem 0 .6rem;max-width:24ch}
.tiles{display:grid;grid-template-columns:repeat(3,1fr);gap:14px;margin:1.2rem 0}
.tiles>div{background:var(--box);border:1px solid var(--rule);border-radius:8px;padding:14px 16px}
.tiles strong{display:block;font-size:1.9rem;line-height:1.2}.tiles span{color:var(--soft);font-size:.95rem}
.two{display:grid;grid-template-columns:1fr 1fr;gap:8px 36px}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}
.warned{border-left:5px solid var(--warn);background:var(--box);padding:2px 16px 8px;margin:1rem 0}
.warned h3{color:var(--warn)}
.small,figcaption,.legend{color:var(--soft);font-size:.9rem}.small{margin:.1rem 0 .4rem}
dl{display:grid;grid-template-columns:minmax(9rem,15rem) 1fr;gap:.35rem 1.2rem;margin:.6rem 0;max-width:90ch}
dt{color:var(--soft)}dd{margin:0}
code{background:var(--box);border:1px solid var(--rule);border-radius:4px;padding:0 .25em;font-size:.9em;
white-space:nowrap}
.wide{overflow-x:auto}td.n{white-space:nowrap}
table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.28rem .9rem .28rem 0;
border-bottom:1px solid var(--rule);font-weight:400}
thead th{color:var(--soft);font-size:.85rem;vertical-align:bottom}th{min-width:7rem;overflow-wrap:anywhere}
thead th:not(:first-child){min-width:0;overflow-wrap:break-word}
details{margin:.3rem 0}summary{cursor:pointer;color:var(--up);font-size:.9rem}
.figures{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:10px 40px}
figure{margin:0 0 1rem;break-inside:avoid}
.legend{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;margin:.2rem 0 .3rem;max-width:none}
.legend>span{display:inline-flex;align-items:center;gap:.4rem}.legend svg{flex:none}
.chart{display:block;width:100%;max-width:560px;height:auto}
.chart text{fill:var(--soft);font-size:13px}.chart .of{fill:var(--ink)}
.grid{stroke:var(--rule);stroke-width:1}.axis{stroke:var(--soft);stroke-width:1.2}
.line{fill:none;stroke-width:2.4}.line.ours{stroke:var(--up);stroke-width:3}
.line.field{stroke:var(--field);stroke-dasharray:9 4}.line.other{stroke:var(--other);stroke-dasharray:5 3}
.line.chance{stroke:var(--soft);stroke-width:1.6;stroke-dasharray:2 4}
.line.perfect{stroke:var(--good);stroke-width:1.6}.chart .note.perfect{fill:var(--good)}
.band{fill:var(--up);opacity:.2}circle.ours{fill:var(--up)}.whisker{stroke:var(--up);stroke-width:2}
g.won{fill:var(--down)}g.rest{fill:var(--rest)}
.cards{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:16px 20px;margin-top:.8rem}
.cards.heats{grid-template-columns:repeat(2,minmax(0,1fr))}
.card{break-inside:avoid;border:1px solid var(--rule);border-radius:8px;padding:8px 12px 10px}
.card h3{margin:.1rem 0 0}
.points{width:100%;table-layout:fixed;font-size:.84rem}
.points th,.points td{padding:.1rem .3rem .1rem 0;border:0;min-width:0;vertical-align:middle;line-height:1.25}
.points th:nth-child(1){width:43%}.points th:nth-child(2){width:23%}
.points :is(th,td):nth-child(n+3){text-align:right}
.bar{display:block;width:100%;height:12px;overflow:hidden}
.bar .up{fill:var(--up)}.bar .down{fill:var(--down)}.bar .pale{opacity:.35}
.bar .middle{fill:var(--soft)}
.heat{font-size:.82rem;border-collapse:separate;border-spacing:2px}
.heat th,.heat td{border:0;padding:.15rem .35rem;min-width:0;line-height:1.2}
.heat thead th{font-size:.78rem;text-align:center;line-height:1}
.heat thead span{writing-mode:vertical-rl;transform:rotate(180deg);max-height:11rem;white-space:nowrap;
overflow:hidden;display:inline-block}.heat tbody th{min-width:7rem;color:var(--soft)}
.heat td{text-align:center;white-space:nowrap;border-radius:3px;min-width:2.4rem;vertical-align:middle;
print-color-adjust:exact;-webkit-print-color-adjust:exact}
.p1{background:rgba(var(--p),.2)}.p2{background:rgba(var(--p),.4)}.p3{background:rgba(var(--p),.6)}
.n1{background:rgba(var(--n),.2)}.n2{background:rgba(var(--n),.4)}.n3{background:rgba(var(--n),.6)}
.p4{background:rgba(var(--p),.8)}.n4{background:rgba(var(--n),.8)}
@media (max-width:900px){.cards{grid-template-columns:repeat(2,minmax(0,1fr))}
.cards.heats{grid-template-columns:minmax(0,1fr)}}
@media (max-width:700px){main{padding:14px 14px 40px}
.tiles,.two,.figures,.cards{grid-template-columns:minmax(0,1fr)}
.words thead{display:none}.words :is(tr,th,td){display:block;border:0;padding:.1rem 0}
.words tr{border-bottom:1px solid var(--rule);padding:.4rem 0}
.words th{font-weight:600}.words td[data-of]::before{content:attr(data-of) ": ";color:var(--soft)}
.heat{font-size:.76rem;border-spacing:1px}.heat td{min-width:1.8rem;padding:.15rem 0}
.heat tbody th{min-width:4.6rem;padding-left:0}.chart :is(.of,.note){font-size:15px}
dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}.tiles{gap:8px}}
@media print{body{font-size:11pt}main{max-width:none;padding:0}nav,details{display:none}h2{break-after:avoid}}
"""
