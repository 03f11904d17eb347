interface Colours {
  readonly paper: string;
  readonly card: string;
  readonly frame: string;
  readonly border: string;
  readonly frameBorder: string;
  readonly text: string;
  readonly soft: string;
  readonly tones: Readonly<Record<string, string>>;
  readonly lines: Readonly<Record<string, string>>;
  readonly chips: Readonly<Record<string, readonly [ground: string, text: string]>>;
}

const LIGHT: Colours = {
  paper: '#ffffff',
  card: '#ffffff',
  frame: '#f5f7fb',
  border: '#cfd6e4',
  frameBorder: '#dfe5ef',
  text: '#172033',
  soft: '#5a6579',
  tones: {
    workload: '#2f6fde',
    database: '#7a4fd6',
    cache: '#d1495b',
    broker: '#b45f06',
    storage: '#0f7f78',
    entrance: '#1d8a4a',
    outside: '#64708a',
  },
  lines: { traffic: '#1d8a4a', allowed: '#56657f', open: '#b7791f', blocked: '#d23f3f', mount: '#0f7f78' },
  chips: {
    plain: ['#eaf0fb', '#2a5cb8'],
    closed: ['#e4f4ea', '#1a6f3e'],
    half: ['#fdf1dc', '#8a5a0b'],
    open: ['#fdf1dc', '#8a5a0b'],
  },
};

const DARK: Colours = {
  paper: '#0f141d',
  card: '#19212e',
  frame: '#131a25',
  border: '#354258',
  frameBorder: '#263143',
  text: '#e8edf6',
  soft: '#9aa7bd',
  tones: {
    workload: '#4d8bf0',
    database: '#9a78ec',
    cache: '#e0697a',
    broker: '#d68a3c',
    storage: '#2ba59d',
    entrance: '#37a865',
    outside: '#7d8aa5',
  },
  lines: { traffic: '#45b874', allowed: '#8fa0bd', open: '#d9a043', blocked: '#f07070', mount: '#38b3aa' },
  chips: {
    plain: ['#1f2f4d', '#a9c6fb'],
    closed: ['#173526', '#86d8a6'],
    half: ['#3a2d14', '#eec27a'],
    open: ['#3a2d14', '#eec27a'],
  },
};

const FONT = '"Helvetica Neue",Helvetica,Arial,"Liberation Sans",sans-serif';

const COMMON = `
text{font-family:${FONT}}
.title{font-size:18px;font-weight:700}
.subtitle{font-size:12.5px}
.name{font-size:14px;font-weight:600}
.kind{font-size:11.5px}
.count{font-size:12px;font-weight:600}
.fact{font-size:12px}
.chip-text,.label-text{font-size:11px}
.legend{font-size:11.5px}
.frame-name{font-size:12.5px;font-weight:600;paint-order:stroke;stroke-width:6px;stroke-linejoin:round}
.card,.frame{stroke-width:1}
.icon{fill:none;stroke:#fff;stroke-width:1.5;stroke-linejoin:round;stroke-linecap:round}
.line{fill:none;stroke-width:1.5}
.line.traffic{stroke-width:2}
.line.open{stroke-dasharray:6 4}
.line.blocked{stroke-dasharray:2.5 3.5}
.line.mount{stroke-dasharray:1.5 3.5;stroke-linecap:round;stroke-width:2}
.zone{fill:none}
.zone.preferred{stroke-dasharray:2.5 2}
.pod.more{fill-opacity:0;stroke-width:1.2}
.label{stroke-width:1}`;

/** The style sheet of every picture. */
export const STYLE = `${COMMON}${rules(LIGHT)}
@media (prefers-color-scheme:dark){${rules(DARK)}
}
`;

function rules({
  paper,
  card,
  frame,
  border,
  frameBorder,
  text,
  soft,
  tones,
  lines,
  chips,
}: Colours): string {
  const rule = (selector: string, style: string) => `\n${selector}{${style}}`;
  return [
    rule('text', `fill:${text}`),
    rule('.kind,.fact,.subtitle,.legend,.frame-name', `fill:${soft}`),
    rule('.paper', `fill:${paper}`),
    rule('.card', `fill:${card};stroke:${border}`),
    rule('.frame', `fill:${frame};stroke:${frameBorder}`),
    rule('.frame-name', `stroke:${frame}`),
    rule('.zone', `stroke:${border}`),
    ...Object.entries(tones).flatMap(([tone, colour]) => [
      rule(`.${tone} .tile,.${tone} .pod`, `fill:${colour}`),
      rule(`.${tone} .pod.more`, `stroke:${colour}`),
    ]),
    ...Object.entries(lines).flatMap(([style, colour]) => [
      rule(`.line.${style}`, `stroke:${colour}`),
      rule(`.head.${style},.label-text.${style}`, `fill:${colour}`),
      rule(`.label.${style}`, `fill:${paper};stroke:${frameBorder}`),
    ]),
    ...Object.entries(chips).flatMap(([tone, [ground, ink]]) => [
      rule(`.chip.${tone}`, `fill:${ground}`),
      rule(`.chip-text.${tone}`, `fill:${ink}`),
    ]),
  ].join('');
}
